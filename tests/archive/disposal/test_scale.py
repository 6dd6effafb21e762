"""What a walk, a queue and a notice ask of the catalogue does not grow with all other clips."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from archive.catalogue import disposals, notices, proposed
from archive.catalogue.catalogue import Transaction
from archive.catalogue.disposals import Seen
from archive.catalogue.reckoning import Reckoning
from evidence.tombstone import Outside
from evidence.trails import miscounted
from tests.archive.disposal.ending import Ending
from tests.archive.house import Footage

FAR = timedelta(days=10_000)
OUTSIDE = Outside(at="2027-01-01T00:00:00.000Z", by="witness", name="court")
Asked = list[tuple[str, tuple[object, ...]]]
"""Statements with their values."""
Verb = Callable[[Transaction], object]


def heard(tx: Transaction, *verbs: Verb) -> Asked:
    """Every statement that the *verbs* execute."""
    found: Asked = []

    def hear(_: object, __: object, said: str, values: tuple[object, ...], *___: object) -> None:
        found.append((said, values))

    db = tx.session.connection()
    event.listen(db, "before_cursor_execute", hear)
    for each in verbs:
        each(tx)
        tx.session.expire_all()
    event.remove(db, "before_cursor_execute", hear)
    return found


def walk(proposal: str, rules: disposals.Rules) -> Verb:
    """What a walk asks of one clip, whose time to restore has not ended."""

    def asks(tx: Transaction) -> None:
        disposals.going(tx)
        wanted = disposals.doomed(tx, proposal)
        assert disposals.forbidden(tx, wanted, Seen(outside=OUTSIDE, amiss=None), rules)

    return asks


def queue(until: datetime | None) -> Verb:
    return lambda tx: proposed.queue(tx, until, "2026-01-01T00:00:00.000Z c-1", 50)


def due(until: datetime) -> Verb:
    return lambda tx: notices.due(tx, until, "2026-01-01T00:00:00.000Z c-1", 200)


async def more(end: Ending, clips: int, *, called: bytes) -> list[str]:
    return [
        await end.archive(Footage(data=called + b"%d" % n, path=called + b"%d.MP4" % n))
        for n in range(clips)
    ]


async def test_a_walk_asks_no_more_for_clips_that_nobody_wants_gone(end: Ending) -> None:
    clip = await end.archive()
    await end.until_over(clip)
    proposal = await end.approve(await end.propose(clip))
    ask = walk(proposal.id, end.door.archive._disposer.rules)
    await end.run(heard, ask)  # it has counted since
    few = len(await end.run(heard, ask))

    await more(end, 12, called=b"x")
    await end.run(heard, ask)

    assert len(await end.run(heard, ask)) == few


async def test_notices_and_queue_ask_no_more_for_what_was_told(end: Ending) -> None:
    clips = await more(end, 2, called=b"x")
    await end.until_over(clips[0])
    await end.door.archive.notify_now()
    asks = due(end.door.clock.now()), queue(None)
    few = [len(await end.run(heard, each)) for each in asks]
    others = await more(end, 12, called=b"y")
    await end.until_over(others[-1])
    await end.door.archive.notify_now()

    after = [len(await end.run(heard, each)) for each in (due(end.door.clock.now()), asks[1])]

    assert after == few
    assert len(await end.entries("dispose.notice")) == 14


def plans(tx: Transaction, statements: Asked) -> list[str]:
    """How SQLite means to answer these."""
    db = tx.session.connection()
    return [
        str(row[3])
        for said, values in statements
        for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)
    ]


async def test_no_question_reads_a_whole_table(end: Ending) -> None:
    if end.door.archive.books.catalogue._engine.dialect.name != "sqlite":
        pytest.skip("the plan of the other database depends on how many rows there are")
    clip = await end.archive()
    await end.until_over(clip)
    proposal = await end.approve(await end.propose(clip))
    until, rules = end.door.clock.now() + FAR, end.door.archive._disposer.rules
    await end.run(heard, walk(proposal.id, rules))
    asks = due(until), queue(until), queue(None), walk(proposal.id, rules)

    told = await end.run(plans, await end.run(heard, *asks))

    through = [each for each in told if re.match("SCAN [a-z]", each)]
    assert set(through) <= {"SCAN proposal USING INDEX proposal_open"}, through
    for index in ("clip_to_tell", "clip_by_end", "proposal_open"):
        assert any(index in each for each in told), (index, told)


async def test_what_was_counted_once_is_what_the_log_says(end: Ending) -> None:
    first = await end.archive()
    await end.agreed(first)
    others = await more(end, 3, called=b"z")
    await end.walk()
    for clip in others[:2]:
        await end.door.archive.notify_now()
        await end.approve(await end.propose(clip, authority="a court"))
    end.later(timedelta(days=200))
    await end.walk()

    ends = [each for each in await end.run(_all) if each[2] in {"dispose.begin", "dispose.done"}]
    archived = [seq for seq, _, kind in await end.run(_all) if kind == "archive.verified"]
    assert len(ends) == 6
    assert list(miscounted([(seq, raw) for seq, raw, _ in ends], archived)) == []
    counted = [each["clips"] for each in await end.entries("dispose.begin")]
    assert counted == [4, 3, 2]
    fresh = await end.run(Reckoning().day, None)
    assert fresh == await end.run(end.door.archive._disposer.rules.reckoning.day, None)


def _all(tx: Transaction) -> list[tuple[int, bytes, str]]:
    rows = tx.session.connection().exec_driver_sql("SELECT seq, raw, kind FROM entry ORDER BY seq")
    return [(int(seq), bytes(raw), str(kind)) for seq, raw, kind in rows]
