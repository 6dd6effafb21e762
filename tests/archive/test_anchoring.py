"""An archive that anchors its log, and what fsck says of anchors."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import aclosing

import pytest

from archive.anchoring import anchor_of, anchored
from archive.fixity import Component, Step, nobody
from archive.service import Archive
from evidence.anchoring import AnchorsAt, KeptAnchor, hashes_here
from evidence.custody import EntryKind
from evidence.digests import sm3_maker
from evidence.errors import LogBroken, OutOfTurn, TemporaryError
from evidence.tiles import TileTree
from evidock.anchoring import ANCHOR, Anchoring
from tests.archive.house import Footage, House, Open


async def test_an_anchor_is_over_just_what_was_signed_for(door: Open) -> None:
    await (await door.station()).archive(Footage(data=b"footage"))

    kept = await door.archive.anchor_now()

    log = door.archive._books.log
    entries = TileTree(log.size, log.read).entries(0)
    assert kept.anchor.size == kept.entry == log.size - 1
    wanted = AnchorsAt(kept.origin, [kept.entry], hashes_here(sm3_maker()))
    wanted.add(entries[: kept.entry])
    assert wanted.found[kept.entry] == kept.anchor
    told = json.loads(entries[kept.entry])
    assert {name: told[name] for name in kept.anchor.fields()} == kept.anchor.fields()
    assert (told["kind"], told["by"]) == ("log.anchor", "archive")
    assert KeptAnchor.from_bytes(kept.to_bytes()) == kept


async def test_fsck_finds_nothing_wrong_with_anchors_over_one_another(door: Open) -> None:
    await door.station()
    first, second = await door.archive.anchor_now(), await door.archive.anchor_now()

    assert second.anchor.size > first.entry
    assert await door.archive.examine(nobody) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"roots": {"sha512": "00" * 64}}, "the anchor says 0000"),
        pytest.param(
            {"checkpoint": {"sha512": "00" * 64}},
            " entries has sha512",
            marks=pytest.mark.slow,
        ),
        ({"size": 10}, "is over 10 entries, of which it is one"),
        pytest.param({"size": 0}, "it is no anchor", marks=pytest.mark.slow),
        pytest.param({"roots": {}}, "it is no anchor", marks=pytest.mark.slow),
        (
            {"roots": {"blake3": "00" * 32}, "checkpoint": {"blake3": "00" * 32}},
            "no library here has that hash",
        ),
    ],
)
async def test_fsck_names_an_anchor_that_is_over_something_else(
    door: Open, change: dict[str, object], problem: str
) -> None:
    await door.station()
    true = (await door.archive.anchor_now()).anchor.fields()
    only = {name: {"sha512": true[name]["sha512"]} for name in ("roots", "checkpoint")}  # type: ignore[index]

    entry = await door.archive.record(
        EntryKind.LOG_ANCHORED, "archive", clip=None, **(true | only | change)
    )

    (found,) = await door.archive.examine(nobody)
    assert (found.step, found.component) == (Step.ANCHORS, Component.ANCHOR)
    assert (found.subject, problem in found.problem) == (f"entry {entry}", True)


async def test_nothing_is_anchored_that_was_not_signed_for(house: House) -> None:
    async with house.opened() as door:
        await door.archive.record(EntryKind.CREDENTIALS_READ, "owner")
        bundle = house.parts.folder / "log/tile/entries/000.p/2"
        data = bundle.read_bytes()
        bundle.chmod(0o600)
        bundle.write_bytes(data.replace(b'"by":"owner', b'"by":"0wner'))

        with pytest.raises(LogBroken, match="was signed for: nothing was anchored"):
            await door.archive.anchor_now()

        bundle.write_bytes(data)


async def test_an_empty_log_has_nothing_to_anchor(house: House) -> None:
    parts = house.parts
    async with Archive.at_rest(parts.settings, parts.folder, parts.clock) as books:
        with pytest.raises(OutOfTurn, match="the log is empty"):
            await anchored(books)


async def test_for_one_who_has_gone_nothing_is_read_on(door: Open) -> None:
    await door.archive.record(EntryKind.CREDENTIALS_READ, "owner")
    stop = threading.Event()
    stop.set()

    with pytest.raises(TemporaryError, match="has gone"):
        anchor_of(door.archive._books.log, stop)


async def test_a_running_home_is_asked_until_it_is_done_and_makes_one_anchor(door: Open) -> None:
    await door.archive.record(EntryKind.CREDENTIALS_READ, "owner")
    async with aclosing(Anchoring(archive=door.archive, wait=0.0)) as anchoring:
        answers = [await anchoring.answer({}) for _ in range(2)]
        while ANCHOR not in answers[-1]:
            await asyncio.sleep(0.01)
            answers.append(await anchoring.answer({}))

    assert answers[:-1] == [{}] * (len(answers) - 1)
    assert KeptAnchor.from_bytes(str(answers[-1][ANCHOR]).encode()).entry == 2
