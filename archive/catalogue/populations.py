"""Who and what a draw is from: the clips that its rules name, and the people who may look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, literal, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.people import NO_PASSWORD
from archive.catalogue.sealed import is_going, is_live
from archive.catalogue.tables import ClipRow, EntryRow, PersonRow
from evidence.clip import ClipClass
from evidence.digest import Sha256
from evidence.drawing import MOST, Candidate, Checker, Population, Rules
from evidence.names import folded
from evidence.rights import Action, Allowed, Role, Subject, decide


class _Clip(NamedTuple):
    """What of a clip a draw needs."""

    clip: str
    entry: int
    station: str
    officer: str | None
    raw: bytes


def population(tx: Transaction, rules: Rules) -> Population:
    """All that may be drawn by *rules* now; ValueError if no draw can be made of it.

    Nobody checks their own footage; of several accounts of one officer the first one counts.
    """
    people = _people(tx)
    own: dict[str, list[str]] = {}
    for row in people:
        if row.officer is not None:
            own.setdefault(folded(row.officer), []).append(row.id)
    objects = [
        Candidate(
            clip=row.clip,
            entry=row.entry,
            sha256=Sha256.of(row.raw).hex,
            stratum=row.station if rules.per == "station" else "all",
            barred=sorted(own.get(row.officer or "", [])),
        )
        for row in _clips(tx, rules)
    ]
    return Population.of(objects, [Checker(person=row.id) for row in _once(people)])


def is_shut(tx: Transaction, clip: str) -> bool:
    """Whether nobody may watch *clip* any more: it is sealed, or gone."""
    live = select(ClipRow.id).where(ClipRow.id == clip, is_live(), ~is_going())
    return tx.session.scalar(live) is None


def names(tx: Transaction, ids: set[str]) -> Mapping[str, str]:
    """Person -> what they are called; whoever has no account is left out."""
    rows = tx.session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(ids)))
    return {str(person): str(name) for person, name in rows}


def _clips(tx: Transaction, rules: Rules) -> Sequence[_Clip]:
    """The video clips, each with its ``archive.verified`` entry; one too many, if there are more.

    What is sealed nobody watches any more, so nobody is given it to look at.
    """
    wanted = [
        is_live(),
        ~is_going(),
        ClipRow.clip_class == ClipClass.VIDEO.value,
        ClipRow.received >= rules.since,
        ClipRow.received < rules.until,
    ]
    if rules.station is not None:
        wanted.append(ClipRow.station == rules.station)
    if rules.category is not None:
        wanted.append(_is_of(rules.category))
    rows = tx.session.execute(
        select(
            ClipRow.id, ClipRow.archived_entry, ClipRow.station, ClipRow.officer_key, EntryRow.raw
        )
        .join(EntryRow, EntryRow.seq == ClipRow.archived_entry)
        .where(*wanted)
        .order_by(ClipRow.id)
        .limit(MOST + 1)
    )
    return [_Clip(*row) for row in rows]


def _is_of(category: str) -> ColumnElement[bool]:
    """Whether people said that it is of *category*, to the letter; the column holds words."""
    said = literal(" ") + ClipRow.categories + literal(" ")
    return func.replace(said, f" {category} ", "") != said


def _people(tx: Transaction) -> Sequence[PersonRow]:
    """Those who may fill in sheets, by id."""
    rows = tx.session.scalars(
        select(PersonRow).where(PersonRow.password_hash != NO_PASSWORD).order_by(PersonRow.id)
    ).all()
    return [row for row in rows if _may_check(row)]


def _may_check(row: PersonRow) -> bool:
    subject = Subject(id=row.id, role=Role(row.role), officer=row.officer)
    return isinstance(decide(subject, Action.FILL_SHEET), Allowed)


def _once(people: Sequence[PersonRow]) -> list[PersonRow]:
    seen: set[str] = set()
    found = []
    for row in people:
        who = row.id if row.officer is None else f"officer {folded(row.officer)}"
        if who not in seen:
            seen.add(who)
            found.append(row)
    return found
