"""Choices: what somebody with an officer's badge said at a station's board of a clip.

It comes with the station's journal, maybe days later, maybe before its clip or its event is known
here; then it waits.  One rule: a station speaks of what came through it, and for the officer whose
clip it is; whatever keeps a choice from counting is on record, and takes nothing back that a person
said at this archive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, select

from archive.catalogue import markers, rulings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.choice_tables import ChoiceRow
from archive.catalogue.counting import stands
from archive.catalogue.entries import at
from archive.catalogue.sealed import live_of
from archive.catalogue.tables import ClipRow, HolderRow, IncidentRow, LinkRow
from evidence import marking
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import Entry, EntryKind
from evidence.errors import Refused
from evidence.linking import Standing
from evidence.names import folded
from evidence.wire import ChoiceShown, KioskIncident, KioskIncidents, MarkerWanted

_MOST = 50


class Ended(StrEnum):
    """What came of a choice."""

    LINKED = "linked"
    """The clip belongs to that incident since."""
    ALREADY = "already"
    """It did before, by a person's word."""
    MARKED = "marked"
    """It has that marker since."""
    REJECTED = "rejected"
    """A person had rejected that link."""
    WITHDRAWN = "withdrawn"
    """The feed took the incident back."""
    OTHER_OFFICER = "other-officer"
    """The clip is not of the officer whose badge it was."""
    OTHER_STATION = "other-station"
    """The clip did not come through the station."""
    UNKNOWN = "unknown"
    """There is no such incident, or no such kind of marker here."""
    UNOPENED = "unopened"
    """What the station committed to did not come with it."""
    GONE = "gone"
    """The clip is destroyed, or being so."""


def hear(tx: Transaction, station: str, act: Entry, seq: int, said: Mapping[str, Opening]) -> None:
    """Take note of the station's *act*, entry *seq*, with what it *said*, if it is a choice.

    Or if it says under which name the archive has a clip of which something was chosen.
    """
    fields = json.loads(str(act.fields["act"]))
    if fields["kind"] == EntryKind.CLIP_ARCHIVED.value:
        _settle_all(tx, ChoiceRow.clip == fields["clip"], clip=fields.get("archive_clip"))
    elif fields["kind"] == EntryKind.CLIP_CHOSEN.value:
        _take(tx, station, fields, seq, said)


def settle_clip(tx: Transaction, clip: str) -> None:
    """*clip* is archived: what was said of it counts from here."""
    _settle_all(tx, ChoiceRow.clip == clip)


def settle_number(tx: Transaction, number: str) -> None:
    """A feed told of event *number*: what waited for it counts from here."""
    _settle_all(tx, ChoiceRow.number == number)


def of_clips(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[ChoiceShown]]:
    """Clip -> what was said of it, in order; clips without any are left out."""
    rows = tx.session.scalars(
        select(ChoiceRow).where(ChoiceRow.clip.in_(clips)).order_by(ChoiceRow.by_entry)
    ).all()
    found: dict[str, list[ChoiceShown]] = {}
    for row in rows:
        found.setdefault(row.clip, []).append(
            ChoiceShown(
                id=row.id,
                entry=row.by_entry,
                at=at(tx, row.by_entry),
                number=row.number,
                incident=row.incident,
                code=row.code,
                ended=row.ended,
            )
        )
    return found


def incidents_of(tx: Transaction, officer: str, since: datetime, until: datetime) -> KioskIncidents:
    """What *officer* was sent to from *since* to *until*, the newest of it if that is much."""
    rows = tx.session.scalars(
        select(IncidentRow)
        .where(
            IncidentRow.officer_key == folded(officer),
            IncidentRow.dispatched.between(stamp(since), stamp(until)),
            stands(),
        )
        .order_by(IncidentRow.dispatched.desc(), IncidentRow.id)
        .limit(_MOST)
    ).all()
    return KioskIncidents(
        incidents=[
            KioskIncident(
                incident=row.id,
                number=row.number,
                dispatched=row.dispatched,
                cleared=row.cleared,
                call_type=row.call_type,
            )
            for row in reversed(rows)
        ]
    )


def _take(
    tx: Transaction,
    station: str,
    fields: Mapping[str, object],
    seq: int,
    said: Mapping[str, Opening],
) -> None:
    clip, choice = str(fields.get("archive_clip") or fields["clip"]), str(fields["choice"])
    if tx.session.get(ChoiceRow, choice) is not None:
        raise Refused(f"choice {choice} was heard of before, from another entry")
    number, officer = said.get("event"), said.get("officer")
    row = ChoiceRow(
        id=choice,
        clip=clip,
        station=station,
        act=seq,
        incident=fields.get("incident"),
        code=fields.get("code"),
        number=_text(number),
        number_salt=None if number is None else number.salt,
        officer=_text(officer),
        officer_salt=None if officer is None else officer.salt,
    )
    held = {"number": number, "officer": officer}
    commitments = {name: each.commitment.hex for name, each in held.items() if each is not None}
    row.by_entry = tx.record(
        EntryKind.CHOICE_TAKEN,
        station,
        clip=clip,
        choice=row.id,
        act=seq,
        incident=row.incident,
        code=row.code,
        commitments=commitments or None,
    )
    tx.session.add(row)
    tx.session.flush()
    _settle(tx, row, clip)


def _text(opening: Opening | None) -> str | None:
    return None if opening is None else opening.value.decode("utf-8", "replace")


def _settle_all(tx: Transaction, which: ColumnElement[bool], clip: str | None = None) -> None:
    rows = select(ChoiceRow).where(which, ChoiceRow.ended_entry.is_(None))
    for row in tx.session.scalars(rows.order_by(ChoiceRow.by_entry)).all():
        _settle(tx, row, clip or row.clip)


def _settle(tx: Transaction, row: ChoiceRow, clip: str) -> None:
    """Let the choice in *row* count for *clip*, end it for a reason, or let it wait."""
    held = tx.session.get(ClipRow, clip)
    if held is None:
        return
    why = _not_heard(tx, row, held) or _done(tx, row, clip)
    if why is None:
        return
    row.ended_entry = tx.record(
        EntryKind.CHOICE_ENDED, row.station, clip=clip, choice=row.id, why=why.value
    )
    row.ended = why.value
    tx.session.flush()


def _not_heard(tx: Transaction, row: ChoiceRow, held: ClipRow) -> Ended | None:
    """Why the station has no say about that clip; None if it has."""
    if not live_of(tx, [held.id]):
        return Ended.GONE
    if held.station != row.station and not tx.session.get(HolderRow, (held.id, row.station)):
        return Ended.OTHER_STATION
    if row.officer is None:
        return Ended.UNOPENED
    return None if folded(row.officer) == held.officer_key else Ended.OTHER_OFFICER


def _done(tx: Transaction, row: ChoiceRow, clip: str) -> Ended | None:
    """What comes of it now; None if nothing can yet."""
    if row.code is not None:
        if row.code not in marking.CODES:
            return Ended.UNKNOWN
        markers.set_marker(tx, row.station, clip, MarkerWanted(code=row.code))
        return Ended.MARKED
    if row.incident is None and row.number is None:
        return Ended.UNOPENED
    incident = _incident(tx, row)
    if incident is None:
        return None if row.incident is None else Ended.UNKNOWN
    return _linked(tx, row, clip, incident)


def _linked(tx: Transaction, row: ChoiceRow, clip: str, incident: IncidentRow) -> Ended:
    """That *clip* belongs to *incident* from here on, or why it does not."""
    if incident.withdrawn_entry is not None:
        return Ended.WITHDRAWN
    link = tx.session.get(LinkRow, (clip, incident.id))
    standing = None if link is None else link.standing
    if standing == Standing.REJECTED.value:
        return Ended.REJECTED
    if standing == Standing.CONFIRMED.value:
        return Ended.ALREADY
    rulings.confirm(tx, row.station, clip, incident.id, choice=row.id)
    return Ended.LINKED


def _incident(tx: Transaction, row: ChoiceRow) -> IncidentRow | None:
    """The incident that is meant; of an event's parts the officer's own, or else the first."""
    if row.incident is not None:
        return tx.session.get(IncidentRow, row.incident)
    parts = tx.session.scalars(
        select(IncidentRow)
        .where(IncidentRow.number == row.number, stands())
        .order_by(IncidentRow.dispatched, IncidentRow.id)
    ).all()
    own = (each for each in parts if each.officer_key == folded(row.officer or ""))
    return next(own, parts[0] if parts else None)
