"""What may happen to an object in a vault, whatever its lock says; each kind of damage by name."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from archive.catalogue.moves import What, Which
from evidence.digest import Sha256
from evidence.vault import Bucket, LockMode
from tests.archive.copies.pair import Pair
from tests.faults.lab import RottingVault, flipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One object, to be damaged."""

    which: Which
    what: What
    key: str
    version: str

    @property
    def bucket(self) -> Bucket:
        return Bucket.ORIGINALS if self.what is What.ORIGINAL else Bucket.RECORDS


Damage = Callable[[RottingVault, Spot, random.Random], None]


def spots(pair: Pair) -> list[Spot]:
    """Every original and manifest in both vaults."""
    found = []
    for which in Which:
        places = {What.ORIGINAL: pair.originals(which), What.MANIFEST: pair.manifests(which)}
        for what, held in places.items():
            found += [Spot(which=which, what=what, key=key, version=v) for key, v in held]
    return found


def _flip(vault: RottingVault, spot: Spot, chance: random.Random) -> None:
    vault.alter(spot.bucket, spot.key, spot.version, lambda data: flipped(data, chance))


def _truncate(vault: RottingVault, spot: Spot, chance: random.Random) -> None:
    vault.alter(
        spot.bucket, spot.key, spot.version, lambda data: data[: chance.randrange(len(data))]
    )


def _grow(vault: RottingVault, spot: Spot, chance: random.Random) -> None:
    vault.alter(spot.bucket, spot.key, spot.version, lambda data: data + chance.randbytes(9))


def _delete(vault: RottingVault, spot: Spot, _chance: random.Random) -> None:
    vault._held[spot.bucket, spot.key].pop(spot.version)


def _impostor(vault: RottingVault, spot: Spot, chance: random.Random) -> None:
    """The version is gone, and another lies over its place under a lock of its own."""
    held = vault._held[spot.bucket, spot.key].pop(spot.version)
    vault.put(spot.bucket, spot.key, chance.randbytes(50), lock=held.stored.lock)


def _unlock(vault: RottingVault, spot: Spot, _chance: random.Random) -> None:
    vault.relock(spot.bucket, spot.key, spot.version, None)


def _shorten(vault: RottingVault, spot: Spot, chance: random.Random) -> None:
    lock = vault._held[spot.bucket, spot.key][spot.version].stored.lock
    assert lock is not None
    shorter = timedelta(days=chance.randrange(1, 100))
    vault.relock(spot.bucket, spot.key, spot.version, replace(lock, until=lock.until - shorter))


def _weaken(vault: RottingVault, spot: Spot, _chance: random.Random) -> None:
    lock = vault._held[spot.bucket, spot.key][spot.version].stored.lock
    assert lock is not None
    vault.relock(spot.bucket, spot.key, spot.version, replace(lock, mode=LockMode.GOVERNANCE))


def _swap(vault: RottingVault, spot: Spot, chance: random.Random) -> None:
    """The bytes of some other object of its kind."""
    prefix = spot.key.rpartition("/")[0]
    others = [each for each in vault.objects(spot.bucket, prefix) if each[0] != spot.key]
    key, version = chance.choice(others)
    data = vault._held[spot.bucket, key][version].data
    vault.alter(spot.bucket, spot.key, spot.version, lambda _: data)


def _silence(vault: RottingVault, spot: Spot, _chance: random.Random) -> None:
    """The store answers with an error for the version, as the embedded one does for a lost bit."""
    vault.broken.add(spot.version)


DAMAGES: Mapping[str, Damage] = {
    "a bit flipped": _flip,
    "cut short": _truncate,
    "grown": _grow,
    "version deleted": _delete,
    "another version in its place": _impostor,
    "lock gone": _unlock,
    "lock shortened": _shorten,
    "lock in governance mode": _weaken,
    "bytes of another object": _swap,
    "unreadable": _silence,
}


def is_whole(vault: RottingVault, spot: Spot, sha256: str) -> bool:
    """Whether some version in the place of *spot* is right and firmly locked."""
    return any(
        Sha256.of(held.data).hex == sha256
        and held.stored.lock is not None
        and held.stored.lock.mode is LockMode.COMPLIANCE
        for held in vault._held[spot.bucket, spot.key].values()
    )
