"""Persons, holds and walks in any order and at once: never without two, never against a hold.

What happened is judged by the log alone, and by fsck, which works lawfulness out anew.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from archive.catalogue import holds, proposals, stored
from archive.catalogue.catalogue import Transaction
from evidence.custody import Entry
from evidence.errors import OutOfTurn, Refused
from evidence.rights import Role
from tests.archive.disposal.ending import WINDOW, Ending
from tests.archive.house import Footage

CLIPS = 24
PEOPLE = {"Ada": "0042", "Ada at home": "0042", "Bo": None, "Cy": "0815"}
Act = Callable[[], Awaitable[object]]


async def clips(end: Ending) -> list[str]:
    """Clips whose time is over, as people were told."""
    found = [
        await end.archive(Footage(data=b"%d" % number, path=b"%d.MP4" % number))
        for number in range(CLIPS)
    ]
    await end.until_over(found[0])
    end.later(timedelta(days=-1))
    await end.door.archive.notify_now()
    end.later(timedelta(days=15))
    for name, officer in PEOPLE.items():
        await end.person(name, officer, Role.LEGAL)
    return found


def open_id(tx: Transaction, clip: str) -> str | None:
    row = proposals.open_about(tx, clip)
    return None if row is None else row.id


def acts(end: Ending, clip: str, draw: random.Random) -> list[Act]:
    """What people want of *clip*, in any order."""

    async def approve() -> None:
        if (found := await end.run(open_id, clip)) is not None:
            who = await end.person(draw.choice(list(PEOPLE)))
            await end.run(proposals.approve, who, found, WINDOW)

    async def withdraw() -> None:
        if (found := await end.run(open_id, clip)) is not None:
            await end.run(proposals.withdraw, await end.person("Cy"), found, "no")

    async def lift() -> None:
        for row in await end.rows("hold", clip):
            await end.run(holds.lift, await end.person("Bo"), clip, str(row["id"]), "over")

    async def walk() -> None:
        end.later(WINDOW + timedelta(hours=1))
        await end.walk()

    often = [approve, approve, walk, walk]
    some = [withdraw, lambda: end.hold(clip), lift, lambda: end.propose(clip)]
    return draw.choices([*often, *some], k=draw.randint(3, 7))


async def refused(act: Act) -> str:
    """Whether it was, and how."""
    try:
        await act()
    except (OutOfTurn, Refused) as error:
        return type(error).__name__
    return "done"


@pytest.mark.slow
async def test_whatever_comes_first_no_rule_is_broken(end: Ending) -> None:
    draw, came = random.Random(27), Counter[str]()
    for clip in await clips(end):
        await end.propose(clip)
        wanted = acts(end, clip, draw)
        while wanted:
            at_once, wanted = wanted[:2], wanted[2:]
            came.update(await asyncio.gather(*map(refused, at_once)))
    await end.walk()

    by_clip: dict[str, list[Mapping[str, Any]]] = {}
    for row in await end.run(stored.entries, 0, 10**6):
        fields = Entry(bytes(row["raw"])).fields  # type: ignore[call-overload]
        by_clip.setdefault(str(fields.get("clip")), []).append(fields)
    ended = Counter(judged(end, about) for clip, about in by_clip.items() if clip != "None")
    assert min(ended["gone"], ended["kept"], came["OutOfTurn"], came["Refused"]) > 2, (ended, came)
    assert await end.fsck() == []


def judged(end: Ending, about: list[Mapping[str, Any]]) -> str:
    """What became of one clip, by all entries *about* it."""
    officer = {end.people[name]: number or name for name, number in PEOPLE.items()}
    made, approved, ended, held = dict[str, str](), dict[str, str](), set[str](), set[str]()
    begun = None
    for each in about:
        kind, proposal = each["kind"], str(each.get("proposal"))
        if kind == "proposal.make":
            made[proposal] = officer[each["by"]]
        elif kind == "proposal.approve":
            approved[proposal] = officer[each["by"]]
            assert approved[proposal] != made[proposal]
        elif kind in {"hold.set", "proposal.withdraw"}:
            assert begun is None  # from there on nothing is promised
            ended |= {proposal} if kind == "proposal.withdraw" else set()
            held |= {each["hold"]} if kind == "hold.set" else set()
        elif kind == "hold.lift":
            held.discard(each["hold"])
        elif kind == "dispose.begin":
            assert (proposal in approved, proposal in ended, held) == (True, False, set())
            begun = proposal
        elif kind == "dispose.done":
            assert proposal == begun
            return "gone"
    assert begun is None
    return "kept"
