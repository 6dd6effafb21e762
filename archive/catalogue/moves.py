"""Where originals lie since ``archive.verified`` said so: in another vault, or as another version.

One rule: only an entry says so.  :func:`places` knows which ones do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.tables import ClipRow
from evidence.clock import stamp
from evidence.custody import EntryKind
from evidence.digests import Digests
from evidence.vault import Lock


class Which(StrEnum):
    """One of the two vaults."""

    FIRST = "first"
    """Where clips come in, and are read from."""
    SECOND = "second"
    """Where a copy of each lies, in another failure domain."""

    @property
    def other(self) -> Which:
        """The other one."""
        return Which.SECOND if self is Which.FIRST else Which.FIRST


class What(StrEnum):
    """What of a clip lies in a vault under a lock."""

    ORIGINAL = "original"
    MANIFEST = "manifest"


KINDS = (EntryKind.MOVED, EntryKind.COPIED, EntryKind.REPAIRED, EntryKind.LEASE_RENEWED)
"""The entries behind ``archive.verified`` that may say where an original lies, and how locked."""


def places(fields: Mapping[str, object], which: Which) -> bool:
    """Whether an entry of these *fields* says where or how *which* vault holds the original."""
    kind = fields["kind"]
    if kind == EntryKind.LEASE_RENEWED.value:
        return which is Which.FIRST
    if kind == EntryKind.REPAIRED.value:
        return fields["what"] == What.ORIGINAL.value and fields["vault"] == which.value
    said_by = EntryKind.MOVED if which is Which.FIRST else EntryKind.COPIED
    return kind == said_by.value


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Where an original lies since it was taken in with a whole package."""

    clip: str
    statement: str
    """SHA-256 of the package's statement."""
    sha256: str
    sm3: str | None = None
    size: int
    bucket: str
    """What the store itself calls the bucket."""
    key: str
    version: str
    lock: Lock
    durability: str = ""
    """As in ``archive.verified``."""


def record(tx: Transaction, moved: Sequence[Moved]) -> int:
    """Put on record where these originals lie, and let their rows lead there; the last entry."""
    last = -1
    for each in moved:
        lock = each.lock
        last = tx.record(
            EntryKind.MOVED,
            ARCHIVE,
            clip=each.clip,
            statement={"sha256": each.statement},
            digests=Digests.told(each.sha256, each.sm3).to_wire(),
            size=each.size,
            bucket=each.bucket,
            key=each.key,
            version=each.version,
            lock_mode=lock.mode.value,
            lock_until=stamp(lock.until),
            durability=each.durability,
        )
        row = tx.session.get_one(ClipRow, each.clip)
        row.bucket, row.key, row.version_id = each.bucket, each.key, each.version
        row.lock_mode, row.lock_until = lock.mode.value, stamp(lock.until)
    tx.session.flush()
    return last
