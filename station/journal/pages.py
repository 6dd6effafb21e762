"""One transaction on the journal, and the signed entries that are written in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, func, insert, select
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import IntegrityError as RowRefused

from evidence.clip import ClipState
from evidence.clock import Clock, stamp
from evidence.custody import EntryKind, station_act_message, write_entry
from evidence.errors import DiskFull, IntegrityError, TemporaryError, UnrecordedChange
from evidence.wire import StationAct
from ingest.archive_client import StationKey
from station.journal import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An open transaction: all of it is kept, or nothing."""

    db: Connection
    key: StationKey
    clock: Clock

    @property
    def now(self) -> str:
        return stamp(self.clock.now())

    def write(
        self, kind: EntryKind, clip: str | None, state: ClipState | None = None, **more: object
    ) -> int:
        """Add a signed entry, its number; it brings *clip*, if it is about one, to *state*."""
        last = self.db.scalar(select(func.max(tables.entry.c.seq)))
        number = (last or 0) + 1
        raw = write_entry(kind, at=self.clock.now(), by=self.key.station, clip=clip, **more).raw
        message = station_act_message(self.key.station, number, raw)
        self.db.execute(
            insert(tables.entry).values(
                seq=number,
                kind=kind.value,
                clip=clip,
                state=state,
                raw=raw,
                signature=self.key.private.sign(message),
            )
        )
        return number


@contextmanager
def open_page(engine: Engine, key: StationKey, clock: Clock) -> Iterator[Page]:
    """A transaction; errors as :func:`translated` gives them."""
    with translated(), engine.begin() as db:
        yield Page(db=db, key=key, clock=clock)


@contextmanager
def translated() -> Iterator[None]:
    """Raise the product's errors for those of the database.

    DiskFull or another TemporaryError if it cannot be written, UnrecordedChange if it refused a
    change without its entry, another IntegrityError if it is damaged.
    """
    try:
        yield
    except OperationalError as error:
        if "full" in str(error.orig):
            raise DiskFull(f"the journal cannot be written: {error.orig}") from error
        raise TemporaryError(f"the journal cannot be used: {error.orig}") from error
    except RowRefused as error:
        raise UnrecordedChange(f"the journal refused a change: {error.orig}") from error
    except DatabaseError as error:
        raise IntegrityError(f"the journal is damaged: {error.orig}") from error


def acts(rows: Sequence[Row[int, bytes, bytes]]) -> list[StationAct]:
    """Entries (number, raw, signature) as they are sent to the archive."""
    return [
        StationAct(number=number, raw=raw.decode("utf-8"), signature=signature.hex())
        for number, raw, signature in rows
    ]
