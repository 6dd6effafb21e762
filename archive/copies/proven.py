"""What the log itself says that the objects of a clip must be, and for how long they are locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from archive.catalogue.catalogue import Catalogue
from archive.catalogue.moves import What
from archive.copies import Sides
from archive.copies.carrying import Carrying, Object
from archive.copies.unrecorded import Unrecorded
from archive.log.log import Log
from archive.originals import original_key
from archive.timekeeping import ClockWatch
from archive.turns import Turns
from evidence.clock import Clock
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.errors import LogBroken
from evidence.manifest import Manifest
from evidence.retention import LEASE_MAX, whole_seconds
from evidence.vault import Bucket, Lock, LockMode

_AT_LEAST = timedelta(days=1)
"""No store takes a lock that ends before it begins: what is due to go is held a little longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What copies are made with, and known by."""

    catalogue: Catalogue
    log: Log
    sides: Sides
    clock: Clock
    watch: ClockWatch
    agency: str
    carrying: Carrying = field(default_factory=Carrying)
    turns: Turns = field(default_factory=Turns)
    """Shared with whoever destroys."""
    unrecorded: Unrecorded = field(default_factory=Unrecorded)

    def said(self, index: int, clip: str) -> Said:
        """What the ``archive.verified`` entry *index* says of *clip*; as :func:`fields`."""
        return said(self.log, index, clip, self.agency)

    def lock(self, *locks: Lock | None) -> Lock:
        """The longest of *locks* in COMPLIANCE mode, and no shorter than a store can take now.

        ClockWrong while this machine's clock cannot be right.
        """
        self.watch.must_be_right(None)
        ends = [each.until for each in locks if each is not None]
        until = max([*ends, self.clock.now() + _AT_LEAST])
        return Lock(mode=LockMode.COMPLIANCE, until=until).whole()

    def at_most(self, lock: Lock | None) -> Lock | None:
        """*lock*, which only a store shows, as far as it is to be believed: it is for good."""
        if lock is None:
            return None
        longest = whole_seconds(self.clock.now() + LEASE_MAX)
        return Lock(mode=lock.mode, until=min(lock.until, longest))


def fields(log: Log, index: int) -> Mapping[str, object]:
    """The fields of entry *index*, proven under the log's own checkpoint.  Blocks.

    LogBroken if it cannot be proven; IndexError if it is not signed for yet.
    """
    log.receipt(index)
    return Entry(log.entry(index)).fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the log says of one clip."""

    clip: str
    original: Object
    manifest: Object

    def of(self, what: What) -> Object:
        """What *what* must be."""
        return self.original if what is What.ORIGINAL else self.manifest


def said(log: Log, index: int, clip: str, agency: str) -> Said:
    """What the ``archive.verified`` entry *index* says of *clip*; as :func:`fields`."""
    told = fields(log, index)
    if (told["kind"], told.get("clip")) != (EntryKind.ARCHIVED.value, clip):
        raise LogBroken(f"entry {index} of the log is not the archive.verified entry of {clip}")
    sha256 = Sha256.from_hex(digest_in(told, "digests"))
    return Said(
        clip=clip,
        original=Object(
            bucket=Bucket.ORIGINALS,
            key=original_key(agency, sha256),
            sha256=sha256,
            size=int(str(told["size"])),
        ),
        manifest=Object(
            bucket=Bucket.RECORDS,
            key=Manifest.key_of(agency, clip),
            sha256=Sha256.from_hex(digest_in(told, "manifest")),
        ),
    )


def digest_in(told: Mapping[str, object], name: str) -> str:
    """The SHA-256 in the map of digests called *name*."""
    return str(cast("Mapping[str, object]", told[name])["sha256"])
