"""Stations: their codes, keys, journals and used nonces."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError as DoubledRow

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import EntryRow, JournalRow, StationRow
from archive.catalogue.working_tables import EnrolmentRow, NonceRow
from evidence.clip import new_id
from evidence.clock import stamp
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.errors import OutOfTurn, Refused
from evidence.request_signature import MAX_AGE, SignatureParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry of a station's journal: its number, and the log entry that wraps it."""

    number: int
    entry: Entry


def invite(tx: Transaction, code: Sha256, name: str, life: timedelta) -> None:
    """Let whoever shows the code behind the digest enrol one station called *name*."""
    expires = stamp(tx.clock.now() + life)
    tx.session.add(EnrolmentRow(code_sha256=code.hex, name=name, expires=expires, used=False))


def enrol(tx: Transaction, code: Sha256, name: str, public_key: str) -> str:
    """The id of the station with *public_key*, new unless this key was enrolled before.

    Refused unless the code is good; it is used up either way.
    """
    row = tx.session.get(EnrolmentRow, code.hex)
    if row is None or row.used or row.expires <= stamp(tx.clock.now()):
        raise Refused("the enrolment code is wrong, used or too old", advice="Ask for a new code.")
    row.used = True
    known = tx.session.scalar(select(StationRow.id).where(StationRow.public_key == public_key))
    if known is not None:
        return known
    station = new_id("s")
    entry = tx.record(EntryKind.STATION_ENROLLED, station, public_key=public_key)
    tx.session.add(
        StationRow(id=station, name=name, public_key=public_key, journal_through=0, by_entry=entry)
    )
    return station


def public_key_of(tx: Transaction, station: str) -> str | None:
    """The hexadecimal Ed25519 key of *station*; None if it is not enrolled."""
    return tx.session.scalar(select(StationRow.public_key).where(StationRow.id == station))


def use_nonce(tx: Transaction, params: SignatureParameters, now: datetime) -> None:
    """Note that a verified signature was used; Refused if it was used before."""
    oldest = int(now.timestamp()) - 2 * MAX_AGE
    tx.session.execute(delete(NonceRow).where(NonceRow.created < oldest))
    tx.session.add(NonceRow(station=params.keyid, nonce=params.nonce, created=params.created))
    try:
        tx.session.flush()
    except DoubledRow as error:
        raise Refused(f"station {params.keyid} sent the same signed request twice") from error


def journal_through(tx: Transaction, station: str) -> int:
    """The highest number of the journal of *station* that is in the record."""
    return tx.session.get_one(StationRow, station).journal_through


def add_acts(
    tx: Transaction, station: str, acts: Sequence[Act], heard: Callable[[Entry, int], None]
) -> int:
    """Take the journal entries in, all or none; the highest number that is in the record now.

    Numbers that are there already must be the same acts.  *heard* is told of every new one and its
    log index, within the transaction.  OutOfTurn at a gap.
    """
    row = tx.session.get_one(StationRow, station)
    for act in acts:
        if act.number <= row.journal_through:
            _must_be_there(tx, station, act)
            continue
        if act.number != row.journal_through + 1:
            raise OutOfTurn(
                f"journal entry {act.number} of {station} does not follow {row.journal_through}",
                advice=f"Send the journal from {row.journal_through + 1} on.",
            )
        entry = tx.append(act.entry)
        tx.session.add(JournalRow(station=station, number=act.number, entry=entry))
        row.journal_through = act.number
        heard(act.entry, entry)
    return row.journal_through


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a station's own journal says of a clip that it offers."""

    commitments: Mapping[str, Sha256]
    """Of its newest act that commits to anything."""
    acquisitions: frozenset[str]
    """Every word for how it came; one, unless the station contradicts itself."""


def signed_of(tx: Transaction, station: str, clip: str) -> Signed:
    """What *station* signed about *clip*; empty if its journal does not say, or is not here yet."""
    rows = tx.session.scalars(
        select(EntryRow.raw)
        .where(EntryRow.clip == clip, EntryRow.by == station)
        .where(EntryRow.kind == EntryKind.STATION_ACT.value)
        .order_by(EntryRow.seq.desc())
    )
    acts = [
        act
        for raw in rows
        if (act := json.loads(str(Entry(raw).fields["act"])))["kind"] != EntryKind.CLIP_CHOSEN.value
    ]
    newest: Mapping[str, str] = next(filter(None, (act.get("commitments") for act in acts)), {})
    return Signed(
        commitments={name: Sha256.from_hex(digest) for name, digest in newest.items()},
        acquisitions=frozenset(act["acquisition"] for act in acts if "acquisition" in act),
    )


def finder_of(tx: Transaction, clip: str) -> str | None:
    """The station whose journal was the first to name *clip*; None if none has."""
    return tx.session.scalar(
        select(EntryRow.by)
        .where(EntryRow.clip == clip, EntryRow.kind == EntryKind.STATION_ACT.value)
        .order_by(EntryRow.seq)
        .limit(1)
    )


def _must_be_there(tx: Transaction, station: str, act: Act) -> None:
    """Return if the record holds exactly this act under its number; else raise Refused."""
    place = tx.session.get_one(JournalRow, (station, act.number))
    held = Entry(tx.session.get_one(EntryRow, place.entry).raw)
    if held.fields["act"] != act.entry.fields["act"]:
        raise Refused(f"station {station} sent another journal entry {act.number} than before")
