"""Which clips a case has, whatever becomes of incidents, and that every question goes by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from archive.catalogue import cases, closings, placings, worklists
from archive.catalogue.catalogue import Transaction
from archive.catalogue.closings import is_in_open_case
from archive.catalogue.exports import take
from archive.catalogue.feed_tables import CaseIncidentRow, CaseRow
from archive.catalogue.incidents import Told
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.clock import stamp
from evidence.custody import EntryKind
from evidence.errors import NotKnown
from evidence.law import shelf
from evidence.package import Selection
from evidence.settings import ArchiveSettings
from tests.archive.house import START
from tests.archive.ledger import archive, dispatch, footage, ledger, told

BOOK = shelf.rulebook(ArchiveSettings())
LATER = timedelta(hours=3)


def event(number: str, case: str | None, officer: str = "4711", **more: object) -> Told:
    return replace(told(number, officer, **more), case_id=case)  # type: ignore[arg-type]


def feed_names(tx: Transaction, case: str, *events: str) -> None:
    """What a feed of cases tells."""
    entry = tx.record(EntryKind.LEASES_LOOKED_AT, "archive")
    tx.session.add(
        CaseRow(
            id=f"case {case}", by_entry=entry, number=case, title="A theft", incidents="", salt=b""
        )
    )
    tx.session.add_all(
        CaseIncidentRow(case_id=case, number=each, by_entry=entry) for each in events
    )
    tx.session.flush()


def agreed(tx: Transaction, clips: list[str], numbers: list[str]) -> dict[str, set[str]]:
    """Case -> its clips, as every way of asking says; they must say the same."""
    of = {number: set(cases.clips_of(tx, number)) for number in numbers}
    back = cases.cases_of(tx, clips)
    facts = closings.facts(tx, clips)
    is_open = set(tx.session.scalars(select(ClipRow.id).where(is_in_open_case())))
    for clip in clips:
        named = {number for number in numbers if clip in of[number]}
        assert named == set(back.get(clip, ())) == {each.case for each in facts.get(clip, ())}
        assert (clip in is_open) == any(each.closed is None for each in facts.get(clip, ()))
    for number in numbers:
        assert (number in cases.without_clips(tx, numbers)) == (not of[number])
        if of[number]:
            kind = Selection(kind="case", subject=number)
            taken = take(tx, kind, with_renditions=False)
            assert {each.clip for each in taken.clips} == of[number]
    return of


def test_the_three_ways_into_a_case_are_one_answer() -> None:
    with ledger() as tx:
        for clip, officer in (("c-1", "4711"), ("c-2", "0815"), ("c-3", "1")):
            archive(tx, footage(clip, officer, START))
        dispatch(tx, event("E-1", "C-1"), event("E-2", None, "0815"))
        feed_names(tx, "C-1", "E-2", "E-unknown")
        placings.place(tx, "u-1", "C-1", "c-3", "seen on it", book=BOOK)

        assert agreed(tx, ["c-1", "c-2", "c-3"], ["C-1"]) == {"C-1": {"c-1", "c-2", "c-3"}}
        closings.close(tx, "u-1", "C-1", "verdict")
        assert agreed(tx, ["c-1", "c-2", "c-3"], ["C-1"]) == {"C-1": {"c-1", "c-2", "c-3"}}


def test_a_case_that_only_its_feed_names_exists_and_waits_for_clips() -> None:
    with ledger() as tx:
        feed_names(tx, "C-7", "E-later")

        (shown,) = closings.page(tx, "", 10).cases
        assert (shown.number, shown.title, shown.clips, shown.is_open) == (
            "C-7",
            "A theft",
            0,
            True,
        )
        assert [each.id for each in worklists.page(tx, "cases", "", 10).items] == ["C-7"]
        archive(tx, footage("c-1", "4711", START))
        dispatch(tx, event("E-later", None))
        assert agreed(tx, ["c-1"], ["C-7"]) == {"C-7": {"c-1"}}
        assert worklists.page(tx, "cases", "", 10).items == []


def test_the_links_survive_merge_and_split_of_incidents() -> None:
    with ledger() as tx:
        archive(tx, footage("c-1", "4711", START))
        archive(tx, footage("c-2", "4711", START + LATER))
        archive(tx, footage("c-3", None, None))
        dispatch(tx, event("E-1", "C-1"), event("E-2", "C-2", dispatched=START + LATER))
        placings.place(tx, "u-1", "C-1", "c-3", "seen on it", book=BOOK)
        clips, numbers = ["c-1", "c-2", "c-3"], ["C-1", "C-2"]
        before = agreed(tx, clips, numbers)

        dispatch(tx, event("E-2", "C-1", dispatched=START + LATER))
        merged = agreed(tx, clips, numbers)
        dispatch(tx, event("E-2", "C-2", dispatched=START + LATER))

        assert before == {"C-1": {"c-1", "c-3"}, "C-2": {"c-2"}}
        assert merged == {"C-1": {"c-1", "c-2", "c-3"}, "C-2": set()}
        assert agreed(tx, clips, numbers) == before


def test_a_clip_may_be_in_many_cases_and_a_case_have_many_clips() -> None:
    with ledger() as tx:
        for clip in ("c-1", "c-2"):
            archive(tx, footage(clip, "4711", START))
        dispatch(tx, event("E-1", "C-1"))
        feed_names(tx, "C-2", "E-1")
        feed_names(tx, "C-3")
        placings.place(tx, "u-1", "C-3", "c-1", "seen on it", book=BOOK)

        assert agreed(tx, ["c-1", "c-2"], ["C-1", "C-2", "C-3"]) == {
            "C-1": {"c-1", "c-2"},
            "C-2": {"c-1", "c-2"},
            "C-3": {"c-1"},
        }


def test_what_the_feed_took_back_brings_no_clip_into_a_case() -> None:
    with ledger() as tx:
        archive(tx, footage("c-1", "4711", START))
        dispatch(tx, event("E-1", "C-1"))
        feed_names(tx, "C-1")
        (row,) = tx.session.scalars(select(IncidentRow))
        row.withdrawn_entry = row.by_entry
        tx.session.flush()

        assert agreed(tx, ["c-1"], ["C-1"]) == {"C-1": set()}
        assert worklists.page(tx, "incidents", "", 10).items == []


def test_work_lists_come_in_parts_that_leave_nothing_out() -> None:
    with ledger() as tx:
        for n in range(7):
            feed_names(tx, f"C-{n}")
            dispatch(tx, event(f"E-{n}", None, f"{n}"))
        for name in ("cases", "incidents"):
            found, after = [], ""
            while True:
                part = worklists.page(tx, name, after, 3)
                found += [each.number for each in part.items]
                if part.next is None:
                    break
                after = part.next
            assert len(found) == len(set(found)) == 7
        counts = {each.name: each.count for each in worklists.counted(tx).lists}
        assert counts == {"links": 0, "choices": 0, "incidents": 7, "cases": 7, "clips": 0}


def _many(tx: Transaction, count: int) -> None:
    """So many incidents, of which the first five have no clip and were told of first."""
    at = stamp(START)
    told = {"officer": "1", "officer_key": "1", "nth": 1, "dispatched": at, "cleared": at}
    archive(tx, footage("c-1", "1", START))
    early, late = (tx.record(EntryKind.LEASES_LOOKED_AT, "archive") for _ in range(2))
    rows = [
        {"id": f"i-{n}", "by_entry": late if n >= 5 else early, "number": f"E-{n}", "salt": b""}
        for n in range(count)
    ]
    tx.session.execute(insert(IncidentRow), [told | each for each in rows])
    link = {"clip": "c-1", "reason": "person", "seconds_outside": 0, "by_entry": 0}
    links = [link | {"incident": f"i-{n}"} for n in range(5, count)]
    tx.session.execute(insert(LinkRow), links)


def test_no_work_list_is_walked_to_its_end_for_an_answer() -> None:
    with ledger() as tx:
        _many(tx, worklists.INCIDENTS_LOOKED_AT + 5)

        first = worklists.page(tx, "incidents", "", 10)
        second = worklists.page(tx, "incidents", first.next or "", 10)
        counts = {each.name: each for each in worklists.counted(tx).lists}

        assert (first.items, counts["incidents"].count, counts["incidents"].more) == ([], 0, True)
        assert (len(second.items), second.next) == (5, None)


def test_a_case_that_nothing_names_is_none() -> None:
    with ledger() as tx:
        with pytest.raises(NotKnown):
            cases.must_be_known(tx, "C-1")
        with pytest.raises(NotKnown):
            worklists.page(tx, "others", "", 1)
