"""A catalogue in memory, reached without a loop: for properties with many examples."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from archive.catalogue import clips, incidents, links
from archive.catalogue.catalogue import Transaction
from archive.catalogue.database import prepared
from archive.catalogue.incidents import Told
from archive.catalogue.noting import Outcome
from archive.catalogue.tables import IncidentRow, LinkRow, StationRow
from evidence.clock import SetClock, stamp
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.law import shelf
from evidence.law.decision import ClipFacts
from evidence.settings import ArchiveSettings
from evidence.vault import Bucket, Lock, LockMode, StoredVersion
from tests.archive.house import START, Footage
from tests.archive.places import here

BUFFER = timedelta(minutes=5)
STATION = "s-1"


@contextmanager
def ledger() -> Iterator[Transaction]:
    """One open transaction on a new catalogue that knows one station; nothing of it is kept."""
    engine = prepared(here(Path(":memory:")))
    try:
        with Session(engine) as session, session.begin() as begun:
            tx = Transaction(session, SetClock(START))
            enrol(tx)
            yield tx
            session.flush()
            begun.rollback()
    finally:
        engine.dispose()


def enrol(tx: Transaction) -> None:
    """Make the one station known."""
    entry = tx.record(EntryKind.STATION_ENROLLED, STATION)
    tx.session.add(
        StationRow(id=STATION, name="Dock", public_key="00", journal_through=0, by_entry=entry)
    )
    tx.session.flush()


def archive(
    tx: Transaction, footage: Footage, latitude: str | None = None, longitude: str | None = None
) -> None:
    """Archive *footage*, and link it, as the last step of intake does."""
    keep(tx, footage, latitude, longitude)
    links.link_clip(tx, footage.clip, BUFFER)


def keep(
    tx: Transaction, footage: Footage, latitude: str | None = None, longitude: str | None = None
) -> None:
    """Archive *footage*, without a look at what it belongs to."""
    until = START + timedelta(days=180)
    lock = Lock(mode=LockMode.COMPLIANCE, until=until)
    version = StoredVersion(
        bucket=Bucket.ORIGINALS,
        key=f"lab/{footage.sha256}",
        version_id="v1",
        size=len(footage.data),
        sha256=footage.sha256,
        lock=lock,
    )
    kept = clips.Kept(
        clip=footage.clip,
        station=STATION,
        told=msgspec.structs.replace(footage.offer, latitude=latitude, longitude=longitude),
        received=START,
        version=version,
        bucket="test-originals",
        lock=lock,
        retention=shelf.rulebook(ArchiveSettings()).retention(ClipFacts(archived=START), START),
        durability="memory",
        manifest=Sha256.of(b"manifest"),
        openings={},
    )
    clips.archive(tx, kept)


def dispatch(tx: Transaction, *told: Told) -> int:
    """Take in what the feed tells; how many rows were new or had changed."""
    return sum(each is not Outcome.SAME for each in incidents.take(tx, told, BUFFER))


def told(
    number: str = "E-1",
    officer: str = "4711",
    dispatched: datetime = START,
    minutes: int = 60,
    nth: int = 1,
) -> Told:
    return Told(
        number=number,
        officer=officer,
        nth=nth,
        dispatched=dispatched,
        cleared=dispatched + timedelta(minutes=minutes),
        call_type=None,
        case_id=None,
    )


def footage(
    clip: str, officer: str | None, started: datetime | None, offset_ms: int | None = None
) -> Footage:
    """A clip with contents of its own."""
    return replace(
        Footage(data=clip.encode(), clip=clip),
        path=clip.encode(),
        officer=officer,
        offset_ms=offset_ms,
        started=None if started is None else stamp(started),
    )


def linked(tx: Transaction) -> set[tuple[str, str, int, str, int]]:
    """Every link, by what it joins and why."""
    rows = tx.session.execute(
        select(
            LinkRow.clip,
            IncidentRow.number,
            IncidentRow.nth,
            LinkRow.reason,
            LinkRow.seconds_outside,
        ).join(IncidentRow, IncidentRow.id == LinkRow.incident)
    )
    return {(a, b, c, d, e) for a, b, c, d, e in rows}


def entries(tx: Transaction) -> int:
    """How many entries there are."""
    return int(tx.session.execute(text("SELECT count(*) FROM entry")).scalar_one())
