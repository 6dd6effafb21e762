"""By which entries a case lost what its dossier has; and a case of any size has a dossier."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select

from archive.catalogue import dossiers, placings, rulings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.dossiers import Draft
from archive.catalogue.tables import IncidentRow, LinkRow
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.dossier import Index
from evidence.errors import LogBroken
from evidence.law import shelf
from evidence.settings import ArchiveSettings
from tests.archive.house import START
from tests.archive.ledger import archive, dispatch, entries, footage, ledger, told

NUMBER = "C-9"
BOOK = shelf.rulebook(ArchiveSettings())


def dispatched(tx: Transaction, case: str | None = NUMBER, number: str = "E-1") -> str:
    """An incident, as the feed tells it now; its id."""
    dispatch(tx, replace(told(number), case_id=case))
    return tx.session.scalars(select(IncidentRow.id).where(IncidentRow.number == number)).one()


def drafted(tx: Transaction, before: Index | None = None) -> Draft:
    return dossiers.draft(tx, NUMBER, before, Opening.fresh(NUMBER))


def made(tx: Transaction) -> Index:
    """The first version, on record."""
    first = drafted(tx)
    dossiers.record(tx, "u-1", first, None)
    return first.index


def gone(tx: Transaction, before: Index) -> dict[tuple[str, str], int]:
    return {each.name: each.entry for each in drafted(tx, before).index.gone}


def test_what_was_undone_before_a_version_took_nothing_out_of_it() -> None:
    with ledger() as tx:
        archive(tx, footage("c-1", "4711", START))
        incident = dispatched(tx)
        rulings.reject(tx, "u-1", "c-1", incident, "other-event")
        rulings.confirm(tx, "u-1", "c-1", incident, book=BOOK)
        before = made(tx)

        dispatched(tx, None)

        last = entries(tx) - 1
        link = f"c-1 {incident}"
        names = {("clip", "c-1"), ("incident", incident), ("link", link)}
        assert gone(tx, before) == dict.fromkeys(names, last)


def test_each_thing_went_by_an_entry_about_it() -> None:
    with ledger() as tx:
        for clip in ("c-1", "c-2"):
            archive(tx, footage(clip, "4711", START))
        incident = dispatched(tx)
        placings.place(tx, "u-1", NUMBER, "c-2", "seen on it", book=BOOK)
        before = made(tx)

        one = rulings.reject(tx, "u-1", "c-1", incident, "other-event").entry
        two = rulings.reject(tx, "u-1", "c-2", incident, "other-event").entry
        taken = placings.take_out(tx, "u-1", NUMBER, "c-2", "a mistake")

        assert gone(tx, before) == {
            ("clip", "c-1"): one,
            ("clip", "c-2"): taken,
            ("link", f"c-1 {incident}"): one,
            ("link", f"c-2 {incident}"): two,
        }


def test_no_version_is_made_that_has_to_guess() -> None:
    with ledger() as tx:
        archive(tx, footage("c-1", "4711", START))
        dispatched(tx)
        before = made(tx)

        tx.session.execute(delete(LinkRow))  # what a database lost, or somebody took

        with pytest.raises(LogBroken, match="c-1 is not in case C-9 any more"):
            drafted(tx, before)


def test_a_case_of_any_size_has_a_dossier() -> None:
    many, at = 10_100, stamp(START)
    with ledger() as tx:
        rows = [
            {
                "id": f"i-{n}",
                "by_entry": 0,
                "number": f"E-{n}",
                "officer": "1",
                "officer_key": "1",
                "nth": 1,
                "dispatched": at,
                "cleared": at,
                "case_id": NUMBER,
                "salt": b"",
            }
            for n in range(many)
        ]
        tx.session.execute(insert(IncidentRow), rows)

        before = made(tx)

        assert len(before.items) == many
        assert not drafted(tx, before).is_new
