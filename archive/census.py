"""The archive's census, once a day and before an officer's day is exported.

One rule: the record of all leaves is in the vault before the entry that names it, so a census on
record can be opened later, when the clips that it counts may be gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.catalogue import censuses
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.censuses import Taken, Uncounted
from archive.originals import keep_record
from archive.supervise import Supervised
from evidence import key_file, vrf
from evidence.census import FORMAT, Census, Shown, ShownCensus, Subject, Tree, day_of
from evidence.clock import Clock, stamp
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, SetupError
from evidence.law import shelf
from evidence.law.rulebook import Rulebook
from evidence.settings import Settings
from evidence.vault import Bucket, Lock, LockMode, Vault

KEY_FILE = "census.key"
EVERY = timedelta(days=1)
LOOK_AGAIN = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusRules:
    """What censuses are taken by."""

    agency: str
    rulebook: Rulebook
    key: Ed25519PrivateKey
    """The census key: who has it can tell whose clips a census counts."""
    utc_offset_minutes: int

    @classmethod
    def load_or_make(cls, settings: Settings, folder: Path) -> CensusRules:
        """Those of the archive in *folder*; a new key where there is none yet.  Blocks."""
        chosen = settings.archive
        return cls(
            agency=settings.agency.name,
            rulebook=shelf.rulebook(chosen),
            key=key_file.load_or_make(folder / KEY_FILE),
            utc_offset_minutes=chosen.utc_offset_minutes,
        )

    @property
    def secret(self) -> bytes:
        """The VRF's secret key."""
        return self.key.private_bytes_raw()

    @property
    def public(self) -> str:
        """The VRF's public key, hexadecimal."""
        return vrf.public_key(self.secret).hex()

    def must_be(self, key: str | None) -> None:
        """SetupError unless ours is the *key* of a census on record; None: there is none yet."""
        if key is not None and key != self.public:
            raise SetupError(
                f"{KEY_FILE} is not the key {key} of the censuses in the log",
                advice=f"Restore archive/{KEY_FILE} from its backup: nobody else can show what they"
                " count, and under another key officers would have other labels.",
            )


class Censuses:
    """Takes censuses, one at a time."""

    def __init__(
        self, catalogue: Catalogue, vault: Vault, clock: Clock, rules: CensusRules
    ) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._clock = clock
        self.rules = rules
        self._taking = asyncio.Lock()
        self.work = Supervised("census", self._step, clock)

    async def take(self) -> int:
        """Count what came in since the last census; the new entry's log index."""
        async with self._taking:
            uncounted = await self._catalogue.run(censuses.since_last)
            self.rules.must_be(uncounted.key)
            tree = await asyncio.to_thread(tree_of, uncounted, self.rules)
            openings = await asyncio.to_thread(self._store, tree)
            census = Census(
                first=uncounted.first,
                end=uncounted.end,
                clips=len(uncounted.clips),
                leaves=len(tree),
                root=tree.root.hex(),
                key=self.rules.public,
                utc_offset_minutes=self.rules.utc_offset_minutes,
            )
            return await self._catalogue.run(censuses.keep, census, openings)

    def tree(self, taken: Taken) -> Tree:
        """The leaves of a census on record, opened; blocks.  DigestMismatch if they are others."""
        return read_tree(self._vault, self.rules.agency, taken)

    def _store(self, tree: Tree) -> Sha256:
        data = record_of(tree)
        digest, now = Sha256.of(data), self._clock.now()
        lock = Lock(mode=LockMode.COMPLIANCE, until=self.rules.rulebook.first_lease(now))
        return keep_record(self._vault, record_key(self.rules.agency, digest.hex), data, lock)

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        if await self._catalogue.run(censuses.is_due, stamp(self._clock.now() - EVERY)):
            await self.take()


def tree_of(uncounted: Uncounted, rules: CensusRules) -> Tree:
    """The tree over what came in."""
    found: dict[Subject, list[int]] = {}
    for clip in uncounted.clips:
        day = day_of(clip.started, clip.received, rules.utc_offset_minutes)
        found.setdefault(Subject(officer=clip.officer, day=day), []).append(clip.entry)
    labels = {vrf.label(rules.secret, subject.alpha): clips for subject, clips in found.items()}
    return Tree.of(rules.secret, uncounted.first, labels)


def record_of(tree: Tree) -> bytes:
    """All leaves of *tree*, opened, and nobody named: a package's file without its proofs."""
    leaves = [
        Shown(
            place=place,
            label=leaf.label.hex(),
            commitment=leaf.commitment.hex,
            opening=opening.to_wire(),
        )
        for place, (leaf, opening) in enumerate(zip(tree.leaves, tree.openings, strict=True))
    ]
    return ShownCensus(format=FORMAT, asked=None, leaves=leaves).to_bytes()


def record_key(agency: str, sha256: str) -> str:
    """Where such a record lies in ``records``."""
    return f"{agency}/census/{sha256}.json"


def read_tree(vault: Vault, agency: str, taken: Taken) -> Tree:
    """The leaves of the census *taken*; DigestMismatch if the record is missing or another."""
    key = record_key(agency, taken.openings)
    found = vault.find(Bucket.RECORDS, key)
    if found is None:
        raise DigestMismatch(f"records/{key}, which opens census {taken.entry}, is missing")
    data = b"".join(vault.read(Bucket.RECORDS, key, found.version_id))
    if Sha256.of(data).hex != taken.openings:
        raise DigestMismatch(f"records/{key} is not what the census in entry {taken.entry} names")
    return _tree(ShownCensus.from_bytes(data).leaves)


def subjects(secret: bytes, wanted: Sequence[Subject]) -> Mapping[bytes, Subject]:
    """Label -> of whom it is, for all *wanted*."""
    return {vrf.label(secret, subject.alpha): subject for subject in set(wanted)}


def _tree(leaves: Sequence[Shown]) -> Tree:
    return Tree(
        leaves=tuple(each.leaf for each in leaves), openings=tuple(each.opened for each in leaves)
    )
