"""People are told whose time ends: by every channel, or they were not told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from archive.catalogue import closings, notices, placings, retentions, told_cases
from archive.catalogue.catalogue import Transaction
from archive.catalogue.notices import Due
from archive.catalogue.tables import ClipRow
from archive.catalogue.told_cases import CaseTold
from archive.catalogue.versions import r0015_whose_end_people_know as r0015
from evidence.clock import unstamp
from evidence.errors import MailNotSent
from evidence.retention import Retention
from tests.archive.disposal.ending import Ending, ending
from tests.archive.house import Footage, House


@dataclass(slots=True)
class Box:
    """A channel that takes what it is told, unless it is closed."""

    is_closed: bool = False
    told: list[Due] = field(default_factory=list)

    async def tell(self, due: Sequence[Due]) -> Sequence[str]:
        if self.is_closed:
            raise MailNotSent("the mail server does not answer")
        self.told += due
        return ["mail"]


async def near(end: Ending, clip: str, left: timedelta) -> str:
    """Its date, once only that much time is left until it."""
    until = str((await end.row("clip", clip))["retain_until"])
    end.later(unstamp(until) - left - end.door.clock.now())
    return until


async def test_who_is_told_is_on_record_once(house: House, tmp_path: Path) -> None:
    box = Box()
    async with ending(house.with_(teller=box), tmp_path / "court") as end:
        clip = await end.archive()
        until = await near(end, clip, timedelta(days=14, hours=1))
        early = await end.door.archive.notify_now()
        end.later(timedelta(hours=2))

        counts = [await end.door.archive.notify_now() for _ in range(2)]

        assert (early, counts) == (0, [1, 0])
        assert [(each.clip, each.until) for each in box.told] == [(clip, until)]
        (entry,) = await end.entries("dispose.notice")
        assert (entry["clip"], entry["until"], entry["told"]) == (clip, until, ["mail"])
        assert await end.fsck() == []


async def test_who_could_not_be_told_was_not(house: House, tmp_path: Path) -> None:
    box = Box(is_closed=True)
    async with ending(house.with_(teller=box), tmp_path / "court") as end:
        clip = await end.archive()
        await near(end, clip, timedelta(days=10))

        with pytest.raises(MailNotSent):
            await end.door.archive.notify_now()

        assert await end.entries("dispose.notice") == []
        assert "people were not told of 1 clips" in end.problems()[0]
        box.is_closed = False
        assert await end.door.archive.notify_now() == 1
        assert end.problems() == []


async def test_of_what_is_held_people_are_told_when_that_ends(end: Ending) -> None:
    clip, other = await end.archive(), await end.archive(Footage(data=b"x", path=b"X.MP4"))
    await end.hold(clip)
    await near(end, clip, timedelta(days=10))

    assert await end.door.archive.notify_now() == 1

    (entry,) = await end.entries("dispose.notice")
    assert (entry["clip"], entry["told"]) == (other, [])


async def test_another_date_is_told_anew(end: Ending) -> None:
    clip = await end.archive()
    first = await near(end, clip, timedelta(days=10))
    await end.door.archive.notify_now()
    await end.lengthen(clip, timedelta(days=60))
    second = await near(end, clip, timedelta(days=10))

    await end.door.archive.notify_now()

    told = [entry["until"] for entry in await end.entries("dispose.notice")]
    assert told == [first, second]


def _dated(tx: Transaction, clip: str, until: str) -> None:
    row = tx.session.get_one(ClipRow, clip)
    retentions.record(tx, row, Retention(until=unstamp(until), rule="test:other"))


async def test_a_notice_counts_for_no_later_decision_of_the_same_date(end: Ending) -> None:
    clip = await end.archive()
    await end.agreed(clip)
    until = str((await end.row("clip", clip))["retain_until"])
    for date in ("2027-06-30T00:00:00.000Z", until):
        await end.run(_dated, clip, date)

    walked = await end.walk()

    assert {(each.step, each.why) for each in walked.waiting[clip]} == {(2, "nobody was told")}
    assert await end.door.archive.notify_now() == 1
    assert {each.step for each in (await end.walk()).waiting[clip]} == {2}  # time to look at it
    end.later(timedelta(days=15))
    assert (await end.walk()).done == (clip,)


async def test_what_was_decided_while_people_were_told_was_not_told(end: Ending) -> None:
    clip = await end.archive()
    until = await near(end, clip, timedelta(days=10))
    due, _ = await end.run(notices.due, unstamp(until), "", 10)
    for date in ("2027-06-30T00:00:00.000Z", until):
        await end.run(_dated, clip, date)

    assert [each.clip for each in due] == [clip]
    assert await end.run(notices.told, due, ["mail"]) == 0
    assert await end.entries("dispose.notice") == []


def _migrated(tx: Transaction) -> None:
    """As an older product left it, and then the revision."""
    tx.session.execute(update(ClipRow).values(noticed_entry=None))
    tx.session.execute(text(r0015._TELL))


async def test_who_was_told_before_there_was_a_column_is_known(end: Ending) -> None:
    told, again = await end.archive(), await end.archive(Footage(data=b"x", path=b"X.MP4"))
    never = await end.archive(Footage(data=b"y", path=b"Y.MP4"))
    await end.hold(never)
    until = await near(end, told, timedelta(days=10))
    await end.door.archive.notify_now()
    await end.run(_dated, again, until)
    before = [(await end.row("clip", each))["noticed_entry"] for each in (told, again, never)]

    await end.run(_migrated)

    after = [(await end.row("clip", each))["noticed_entry"] for each in (told, again, never)]
    assert (after, before[1:]) == (before, [None, None])
    assert before[0] is not None


NUMBER = "C-1"


async def in_a_case(end: Ending, clip: str) -> None:
    """Somebody places it in a case that is open."""
    told = CaseTold(
        number=NUMBER, title=None, kind=None, stage=None, unit=None, opened=None, incidents=()
    )
    await end.run(told_cases.take, [told])
    book, who = end.door.archive.desk.rulebook, await end.person("Ada")
    await end.run(placings.place, who, NUMBER, clip, "seen on it", book=book)


async def let_go(end: Ending, clip: str, by: str) -> None:
    """What kept it ends."""
    who = await end.person("Ada")
    if by == "hold":
        await end.lift_all(clip)
    elif by == "taken out":
        await end.run(placings.take_out, who, NUMBER, clip, "a mistake")
    else:
        await end.run(closings.close, who, NUMBER, "sentenced")


@pytest.mark.parametrize("by", ["hold", "taken out", "closed"])
async def test_a_notice_counts_no_more_once_somebody_needed_the_clip(end: Ending, by: str) -> None:
    clip = await end.archive()
    until = await near(end, clip, timedelta(days=10))
    await end.door.archive.notify_now()

    await (end.hold(clip) if by == "hold" else in_a_case(end, clip))
    meanwhile = await end.door.archive.notify_now()
    await let_go(end, clip, by)

    assert (meanwhile, await end.door.archive.notify_now()) == (0, 1)
    assert [entry["until"] for entry in await end.entries("dispose.notice")] == [until, until]
    assert await end.fsck() == []


async def test_nobody_is_told_of_a_clip_that_came_into_a_case_meanwhile(end: Ending) -> None:
    clip = await end.archive()
    until = unstamp(await near(end, clip, timedelta(days=10)))
    due, _ = await end.run(notices.due, until, "", 10)
    await in_a_case(end, clip)

    assert await end.run(notices.told, due, ["mail"]) == 0
    assert await end.entries("dispose.notice") == []
