"""The catalogue: one database, one thread, one transaction for each verb.

Verbs are functions that take a :class:`Transaction` first; they live beside this file, one file a
subject.  A verb that acts appends its custody entry in the transaction that does the act, so there
is never one without the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import URL, Engine, func, select, text
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from archive.catalogue.database import beside, prepared, shown
from archive.catalogue.tables import EntryRow
from evidence.clip import ClipState
from evidence.clock import Clock
from evidence.custody import Entry, EntryKind, write_entry
from evidence.errors import SetupError, TemporaryError, UnrecordedChange
from evidence.guards import snapshot

P = ParamSpec("P")
R = TypeVar("R")

_FORBIDDEN = "42501"
"""PostgreSQL's SQLSTATE for what the archive's role may not do, such as changing an entry."""


class Transaction:
    """One all-or-nothing change: the database session, the clock, and the way to record."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self.session = session
        self.clock = clock
        self.appended = 0

    def append(self, entry: Entry, *, state: ClipState | None = None) -> int:
        """Take *entry* into the record; its log index.  *state* is what it brings its clip to."""
        last = self.session.scalar(select(func.max(EntryRow.seq)))
        seq = 0 if last is None else last + 1
        self.session.add(
            EntryRow(
                seq=seq,
                kind=entry.kind.value,
                by=str(entry.fields["by"]),
                clip=entry.clip,
                state=None if state is None else state.value,
                raw=entry.raw,
            )
        )
        self.session.flush()
        self.appended += 1
        return seq

    def record(self, kind: EntryKind, by: str, *, clip: str | None = None, **fields: object) -> int:
        """Append a new entry of *kind*, stamped now; its log index."""
        return self.append(write_entry(kind, at=self.clock.now(), by=by, clip=clip, **fields))


class Catalogue:
    """The archive's database.  :meth:`run` is the only way in."""

    def __init__(self, engine: Engine, thread: ThreadPoolExecutor, clock: Clock) -> None:
        self._engine = engine
        self._thread = thread
        self._asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="catalogue-question")
        self._clock = clock
        self.grown = asyncio.Event()
        """Set after every commit that appended an entry; the sequencer clears it."""

    @classmethod
    async def opened(cls, where: Path | URL, clock: Clock) -> Self:
        """The catalogue at *where*, made if new; errors as :func:`prepared`."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="catalogue")
        loop = asyncio.get_running_loop()
        try:
            engine = await loop.run_in_executor(thread, prepared, where)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(engine, thread, clock)

    async def run(
        self, verb: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """What *verb* answers, once all it did is durable; nothing of it if it raises."""
        return await self._run(self._engine, self._thread, lambda tx: verb(tx, *args, **kwargs))

    async def ask(
        self, question: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """What a long *question* reads while verbs go on, one such question after the other.

        It sees the database as it was when it began, and can change nothing.  SQLite has one
        connection: there verbs wait for it, so what is asked must be bounded.
        """
        if self.answers_one_at_a_time:
            return await self.run(question, *args, **kwargs)

        def steady(tx: Transaction) -> R:
            tx.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            return question(tx, *args, **kwargs)

        return await self._run_beside(self._asking, steady)

    @property
    def answers_one_at_a_time(self) -> bool:
        """Whether a question keeps every verb waiting."""
        return self._engine.dialect.name == "sqlite"

    async def run_beside(
        self, question: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """What *question* reads over a connection of its own; it must change nothing.

        So it is answered while another archive has the database.
        """
        return await self._run_beside(self._thread, lambda tx: question(tx, *args, **kwargs))

    async def _run_beside(
        self, thread: ThreadPoolExecutor, question: Callable[[Transaction], R]
    ) -> R:
        engine = beside(self._engine.url)
        try:
            return await self._run(engine, thread, question)
        finally:
            engine.dispose()

    async def _run(
        self, engine: Engine, thread: ThreadPoolExecutor, verb: Callable[[Transaction], R]
    ) -> R:
        loop = asyncio.get_running_loop()

        def work() -> R:
            transaction = None
            try:
                with _translated(engine), Session(engine) as session, session.begin():
                    transaction = Transaction(session, self._clock)
                    return verb(transaction)
            finally:
                # Told even after an error: a commit whose answer was lost may have come to pass.
                if transaction is not None and transaction.appended:
                    loop.call_soon_threadsafe(self.grown.set)

        return await loop.run_in_executor(thread, work)

    async def snapshot(self, into: Path) -> None:
        """Write a whole copy of the database, which is SQLite's, to the new file *into*.

        Other verbs wait meanwhile: a gigabyte takes some seconds.  SetupError for PostgreSQL.
        """
        if self._engine.dialect.name != "sqlite":
            raise SetupError(
                f"{shown(self._engine.url)} is not copied from here",
                advice="Let pg_dump do it (docs/backup.md).",
            )
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, snapshot, self._engine, into)

    async def close(self) -> None:
        """Finish what runs and let go of the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()
        self._asking.shutdown()


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    """Give the database's refusals the product's names."""
    where = shown(engine.url)
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise TemporaryError(f"the catalogue {where} failed: {error.orig}") from error
    except DatabaseError as error:
        if error.connection_invalidated:
            raise TemporaryError(f"the catalogue {where} was lost: {error.orig}") from error
        forbidden = getattr(error.orig, "sqlstate", None) == _FORBIDDEN
        if forbidden or "unrecorded:" in str(error.orig):
            raise UnrecordedChange(f"the catalogue {where} refused: {error.orig}") from error
        raise
