"""How feeds were read: their files, the rows that could not be used, and how far each one is.

Nothing here is evidence: what is lost is read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import delete, func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.working_tables import (
    FeedFileRow,
    FeedProblemRow,
    FeedPushRow,
    FeedStateRow,
)
from evidence.clock import stamp
from evidence.digest import Sha256

#: How long the answer to a push is kept, for whoever sends it again.
REMEMBERED = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A row that could not be used: where it stands, and why."""

    row: int
    """Its line in the file, or its place in the answer, from 1; 0: all of it."""
    reason: str
    field: str = ""
    """The column that is wrong; empty: no single one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused(RowProblem):
    """The same, with where it was told."""

    feed: str
    source: str

    def __str__(self) -> str:
        return f"{self.source}:{self.row}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """What tells that a feed file has changed, and how it was read."""

    feed: str
    path: str
    size: int
    mtime_ns: int
    sha256: Sha256
    mapping: str
    """Digest of how it was read."""
    encoding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a feed is."""

    heard: str | None = None
    """When it last told anything."""
    used: int = 0
    unused: int = 0
    problem: str = ""
    """Why nothing can be had of it now."""
    cursor: str = ""
    etag: str = ""


def note_file(tx: Transaction, seen: FileSeen, valid: int, ignored: Sequence[str]) -> None:
    """Keep how a feed file was read, in place of the reading before.

    *valid* rows were used; the columns that were *ignored* are no field of ours.
    """
    tx.session.merge(
        FeedFileRow(
            path=seen.path,
            size=seen.size,
            mtime_ns=seen.mtime_ns,
            sha256=seen.sha256.hex,
            encoding=seen.encoding,
            valid=valid,
            ignored_columns=", ".join(ignored),
            feed=seen.feed,
            mapping=seen.mapping,
        )
    )


def file_known(tx: Transaction, feed: str, path: str, sha256: Sha256, mapping: str) -> bool:
    """Whether *feed* read the file at *path* when it last had this digest, by this *mapping*."""
    row = tx.session.get(FeedFileRow, path)
    return row is not None and (row.feed, row.sha256, row.mapping) == (feed, sha256.hex, mapping)


def forget_others(tx: Transaction, feed: str, there: Collection[str]) -> None:
    """Forget how those files of *feed* were read that are not *there* any more.

    What they told stays; one that comes back is read again.
    """
    known = tx.session.scalars(select(FeedFileRow.path).where(FeedFileRow.feed == feed)).all()
    for path in set(known) - set(there):
        tx.session.execute(delete(FeedFileRow).where(FeedFileRow.path == path))
        tx.session.execute(delete(FeedProblemRow).where(FeedProblemRow.path == path))


def note_problems(tx: Transaction, feed: str, source: str, problems: Iterable[RowProblem]) -> None:
    """Keep what of *source* could not be used, in place of what could not before."""
    tx.session.execute(delete(FeedProblemRow).where(FeedProblemRow.path == source))
    held = {each.row: each for each in reversed(list(problems))}
    tx.session.add_all(
        FeedProblemRow(
            feed=feed, path=source, row=each.row, field=each.field, reason=_text(each.reason)
        )
        for each in held.values()
    )
    tx.session.flush()


def keep_newest(tx: Transaction, feed: str, prefix: str, most: int) -> None:
    """Of the sources of *feed* that begin with *prefix* and sort by age, keep *most*."""
    sources = tx.session.scalars(
        select(FeedProblemRow.path)
        .where(FeedProblemRow.feed == feed, FeedProblemRow.path.startswith(prefix, autoescape=True))
        .distinct()
        .order_by(FeedProblemRow.path.desc())
        .offset(most)
    ).all()
    tx.session.execute(delete(FeedProblemRow).where(FeedProblemRow.path.in_(sources)))


def problems(tx: Transaction, most: int, feed: str | None = None) -> list[Unused]:
    """Rows that could not be used, of one *feed* or of all, by where they stand."""
    wanted = select(FeedProblemRow).order_by(FeedProblemRow.path, FeedProblemRow.row).limit(most)
    if feed is not None:
        wanted = wanted.where(FeedProblemRow.feed == feed)
    return [
        Unused(feed=row.feed, source=row.path, row=row.row, field=row.field, reason=row.reason)
        for row in tx.session.scalars(wanted)
    ]


def problem_count(tx: Transaction, feed: str) -> int:
    """How many rows of *feed* cannot be used as it stands."""
    held = select(func.count()).select_from(FeedProblemRow).where(FeedProblemRow.feed == feed)
    return tx.session.scalar(held) or 0


def state(tx: Transaction, feed: str) -> State:
    """How *feed* is; as a new one, if nothing was heard of it yet."""
    row = tx.session.get(FeedStateRow, feed)
    if row is None:
        return State()
    return State(
        heard=row.heard,
        used=row.used,
        unused=row.unused,
        problem=row.problem,
        cursor=row.cursor,
        etag=row.etag,
    )


def heard(tx: Transaction, feed: str, used: int, unused: int) -> None:
    """Keep that *feed* told something now, and how much of it could be used."""
    held = state(tx, feed)
    now = replace(held, heard=stamp(tx.clock.now()), problem="")
    _keep(tx, feed, replace(now, used=held.used + used, unused=held.unused + unused))


def goes_on(tx: Transaction, feed: str, cursor: str, etag: str) -> None:
    """Keep from where *feed* is to be asked next."""
    _keep(tx, feed, replace(state(tx, feed), cursor=cursor, etag=etag, problem=""))


def fails(tx: Transaction, feed: str, problem: str) -> None:
    """Keep why nothing can be had of *feed* now; empty: something can."""
    held = state(tx, feed)
    if held.problem != problem:
        _keep(tx, feed, replace(held, problem=problem))


def answered(tx: Transaction, key: str, idempotency: str) -> tuple[str, bytes] | None:
    """Digest of the body and the answer of the push that *key* sent under *idempotency*."""
    row = tx.session.get(FeedPushRow, (key, idempotency))
    return None if row is None else (row.sha256, row.answer)


def remember(tx: Transaction, key: str, idempotency: str, body: Sha256, answer: bytes) -> None:
    """Keep the answer to a push, and forget old ones."""
    old = stamp(tx.clock.now() - REMEMBERED)
    tx.session.execute(delete(FeedPushRow).where(FeedPushRow.at < old))
    row = FeedPushRow(
        key=key, idempotency=idempotency, sha256=body.hex, answer=answer, at=stamp(tx.clock.now())
    )
    tx.session.add(row)
    tx.session.flush()


def sources(tx: Transaction, feed: str) -> Sequence[FeedFileRow]:
    """The files of *feed* that were read."""
    wanted = select(FeedFileRow).where(FeedFileRow.feed == feed).order_by(FeedFileRow.path)
    return tx.session.scalars(wanted).all()


def _keep(tx: Transaction, feed: str, held: State) -> None:
    tx.session.merge(
        FeedStateRow(
            feed=feed,
            heard=held.heard,
            used=held.used,
            unused=held.unused,
            problem=held.problem,
            cursor=held.cursor,
            etag=held.etag,
        )
    )
    tx.session.flush()


def _text(reason: str) -> str:
    """*reason* as every database takes it: PostgreSQL keeps no NUL."""
    return reason.replace("\0", "\\0")
