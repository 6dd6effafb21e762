"""What lies of one clip in one vault: found, destroyed, and seen to be gone.  All of it blocks.

One rule: every version at a key counts, whoever put it there; and a version is gone when the vault
neither lists nor shows it, not when it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.catalogue.disposals import Doomed
from archive.catalogue.moves import Which
from archive.openings import key_of
from evidence.clock import stamp
from evidence.manifest import Manifest
from evidence.tombstone import Place
from evidence.vault import Bucket, LockedError, StoredVersion, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the vaults, and the *agency* whose objects are looked for."""

    which: Which
    vault: Vault
    agency: str

    def original(self, clip: Doomed) -> list[StoredVersion]:
        """Every version of the original, with its lock."""
        return list(self._at(Bucket.ORIGINALS, clip.key))

    def of(self, clip: Doomed) -> list[StoredVersion]:
        """All that is to go, in the order in which it goes.

        While the original is there, what explains it is there, too.  An original that another clip
        has as well is to stay.
        """
        folder = f"{self.agency}/{clip.clip}/"
        opened = (self._at(Bucket.RECORDS, key_of(self.agency, each)) for each in clip.openings)
        return [
            *self._under(Bucket.DERIVED, folder),
            *([] if clip.is_shared else self.original(clip)),
            *(version for versions in opened for version in versions),
            *self._at(Bucket.RECORDS, Manifest.key_of(self.agency, clip.clip)),
        ]

    def place(self, version: StoredVersion) -> Place:
        """*version* as entries name it."""
        return Place(
            vault="first" if self.which is Which.FIRST else "second",
            bucket=self.vault.bucket_name(version.bucket),
            key=version.key,
            version=version.version_id,
        )

    def destroy(self, versions: Iterable[StoredVersion]) -> str | None:
        """Destroy these, up to the first that the vault does not give up: which, and why."""
        for version in versions:
            try:
                self.vault.delete_version(version.bucket, version.key, version.version_id)
            except LockedError as error:
                where = self._named(self.place(version))
                until = (
                    "" if version.lock is None else f", locked until {stamp(version.lock.until)}"
                )
                return f"{where} is not given up{until}: {error}"
        return None

    def left(self, clip: Doomed, gone: Iterable[Place]) -> list[str]:
        """What of *clip*, and of what was *gone*, the vault lists or shows all the same."""
        buckets = {self.vault.bucket_name(each): each for each in Bucket}
        mine = [each for each in gone if each.vault == self.which.value]
        shown = [
            each
            for each in mine
            if each.bucket in buckets
            and self.vault.find(buckets[each.bucket], each.key, each.version) is not None
        ]
        found = dict.fromkeys([*map(self.place, self.of(clip)), *shown])
        return [f"{self._named(each)} was destroyed, and is there" for each in found]

    def _at(self, bucket: Bucket, key: str) -> Iterator[StoredVersion]:
        return (each for each in self._under(bucket, key) if each.key == key)

    def _under(self, bucket: Bucket, prefix: str) -> Iterator[StoredVersion]:
        for each in list(self.vault.versions(bucket, prefix)):
            # What is listed and cannot be found has no lock that anybody could read.
            yield self.vault.find(bucket, each.key, each.version_id) or each

    def _named(self, place: Place) -> str:
        return f"{place.bucket}/{place.key} version {place.version} of the {place.vault} vault"
