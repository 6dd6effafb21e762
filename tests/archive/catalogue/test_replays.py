"""The course of a case of any size, in parts that leave nothing out and hide nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from archive.catalogue import placings, replays, rulings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.replays import ACTS, MOST_INCIDENTS, RECORDINGS, Part
from archive.catalogue.tables import IncidentRow
from evidence.clock import stamp
from evidence.law import shelf
from evidence.settings import ArchiveSettings
from evidence.wire import Replay
from tests.archive.house import START
from tests.archive.ledger import archive, dispatch, entries, footage, keep, ledger, told

NUMBER = "C-9"
BOOK = shelf.rulebook(ArchiveSettings())


def incidents(tx: Transaction, many: int) -> None:
    """So many dispatches of one event of the case, a second apart."""
    at = [stamp(START + timedelta(seconds=n)) for n in range(many)]
    rows = [
        {
            "id": f"i-{n:04}",
            "by_entry": 0,
            "number": "E-1",
            "officer": str(n),
            "officer_key": str(n),
            "nth": 1,
            "dispatched": at[n],
            "cleared": at[n],
            "case_id": NUMBER,
            "salt": b"",
        }
        for n in range(many)
    ]
    tx.session.execute(insert(IncidentRow), rows)


def of_case(tx: Transaction, **part: int) -> Replay:
    return replays.of_case(tx, NUMBER, Part(**part), 0)


def of_event(tx: Transaction, **part: int) -> Replay:
    return replays.of_event(tx, "E-1", Part(**part), 0)


@pytest.mark.parametrize("course", [of_case, of_event])
def test_how_many_incidents_there_are_is_said_and_why_of_each_clip(
    course: Callable[[Transaction], Replay],
) -> None:
    many = MOST_INCIDENTS + 20
    with ledger() as tx:
        incidents(tx, many)
        archive(tx, footage("c-1", None, None))
        rulings.confirm(tx, "u-1", "c-1", f"i-{many - 1:04}", book=BOOK)

        found = course(tx)

        assert (len(found.incidents), found.incidents_in_all) == (MOST_INCIDENTS, many)
        assert [[why.incident for why in each.why] for each in found.recordings] == [["E-1"]]


@pytest.mark.parametrize("claimed", ["no time", "0001-01-01T00:00:00.000Z"])
def test_a_claimed_time_that_is_none_is_shown_as_none(claimed: str) -> None:
    with ledger() as tx:
        dispatch(tx, replace(told(), case_id=NUMBER))
        archive(tx, replace(footage("c-1", "4711", None, offset_ms=1000), started=claimed))
        placings.place(tx, "u-1", NUMBER, "c-1", "seen on it", book=BOOK)

        (shown,) = of_case(tx).recordings

        assert shown.start is None


@pytest.mark.slow
def test_parts_of_many_clips_leave_nothing_out() -> None:
    with ledger() as tx:
        dispatch(tx, replace(told(), case_id=NUMBER))
        clips = [f"c-{n}" for n in range(RECORDINGS + 20)]
        for clip in reversed(clips):
            keep(tx, footage(clip, None, None))
            placings.place(tx, "u-1", NUMBER, clip, "seen on it", book=BOOK)

        recordings, acts, part = list[str](), list[int](), of_case(tx)
        recordings += (each.clip for each in part.recordings)
        acts += (each.index for each in part.acts)
        while part.next_acts or part.next_recordings:
            after = int(part.next_recordings or 2**53), int(part.next_acts or 2**53)
            part = of_case(tx, recordings=after[0], acts=after[1])
            recordings += (each.clip for each in part.recordings)
            acts += (each.index for each in part.acts)

        assert sorted(recordings) == sorted(clips)
        assert acts == list(range(1, entries(tx)))
        assert len(acts) > 5 * ACTS
