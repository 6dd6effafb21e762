"""Keys of feeds: what another system shows to push rows of one kind.

A key is told once, to whoever makes it; here and in the log only its digest stands.  A key has 256
random bits, so its digest gives nothing away.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import FeedKeyRow
from evidence.clip import new_id
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.errors import NotKnown, Refused

PREFIX = "evidock-feed-"
"""Of every key, so that one is known as such where it should not lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedKey:
    """A key that was made."""

    id: str
    name: str
    kind: str
    revoked: bool


def make(tx: Transaction, by: str, name: str, kind: str) -> tuple[str, str]:
    """A new key for pushing rows of *kind* under *name*: its id, and the key itself.

    Refused if a key of that name counts: revoke it first.
    """
    if _standing(tx, name) is not None:
        raise Refused(
            f"feed {name[:80]!r} has a key that counts",
            advice="Revoke that first, or take another name.",
        )
    key = PREFIX + secrets.token_urlsafe(32)
    row = FeedKeyRow(id=new_id("x"), name=name, kind=kind, sha256=_digest(key))
    named = Opening.fresh(name)
    row.name_salt = named.salt
    row.by_entry = tx.record(
        EntryKind.FEED_KEY_MADE,
        by,
        feed_key=row.id,
        feed=kind,
        key_sha256=row.sha256,
        commitments={"name": named.commitment.hex},
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id, key


def revoke(tx: Transaction, by: str, name: str) -> str:
    """Put on record that the key of feed *name* counts no more; its id.  NotKnown without one."""
    row = _standing(tx, name)
    if row is None:
        raise NotKnown(f"no key of a feed {name[:80]!r} counts")
    row.revoked_entry = tx.record(EntryKind.FEED_KEY_REVOKED, by, feed_key=row.id)
    tx.session.flush()
    return row.id


def of_key(tx: Transaction, key: str) -> FeedKey | None:
    """Whose *key* that is, if it counts."""
    wanted = select(FeedKeyRow).where(
        FeedKeyRow.sha256 == _digest(key), FeedKeyRow.revoked_entry.is_(None)
    )
    row = tx.session.scalar(wanted)
    return None if row is None else _shown(row)


def all_keys(tx: Transaction) -> list[FeedKey]:
    """Every key there ever was, the oldest first."""
    rows = tx.session.scalars(select(FeedKeyRow).order_by(FeedKeyRow.by_entry))
    return [_shown(row) for row in rows]


def _standing(tx: Transaction, name: str) -> FeedKeyRow | None:
    return tx.session.scalar(
        select(FeedKeyRow).where(FeedKeyRow.name == name, FeedKeyRow.revoked_entry.is_(None))
    )


def _shown(row: FeedKeyRow) -> FeedKey:
    revoked = row.revoked_entry is not None
    return FeedKey(id=row.id, name=row.name, kind=row.kind, revoked=revoked)


def _digest(key: str) -> str:
    return Sha256.of(key.encode("utf-8", "surrogatepass")).hex
