"""What witnesses said of this log: checkpoints of it with their cosignatures, durable.

One rule: only what verifies with a key of the policy is kept.  Of every witness its newest word is
kept, and of the quorum the newest checkpoint that it saw; so a witness that is asked by hand once
a day does not lose its say to one that answers every minute.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evidence import durable
from evidence.cosignature import Cosignature, latest_of
from evidence.errors import LogBroken
from evidence.note import (
    Checkpoint,
    VerifierKey,
    add_signatures,
    open_checkpoint,
    signed_by,
    with_signatures,
)
from evidence.policy import Policy

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One checkpoint of the log, and who cosigned it."""

    note: bytes
    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]
    is_quorum: bool
    """Whether these are as many as the policy wants; if it wants any, or has any."""
    by_present_key: bool
    """Whether the key that the log has now signed it, not only one before."""

    @property
    def news(self) -> tuple[bool, int, int]:
        """The higher, the more it tells of how far the log had come."""
        return (self.is_quorum, self.checkpoint.size, len(self.cosignatures))

    @property
    def proof(self) -> tuple[bool, int, int]:
        """The higher, the more it proves of an entry that it covers."""
        return (self.is_quorum, len(self.cosignatures), self.checkpoint.size)

    @property
    def at(self) -> datetime:
        """When the last of them said so, by its clock."""
        return max(each.at for each in self.cosignatures)


class Cosigned:
    """The cosigned checkpoints in *folder* of the log that *keys* sign.  All methods block.

    The first of *keys* is the one that the log has now.
    """

    def __init__(self, folder: Path, keys: Sequence[VerifierKey], policy: Policy) -> None:
        self._folder = folder
        self._keys = tuple(keys)
        self._policy = policy
        self._said: Mapping[int, Said] = {}
        """By size; replaced as a whole, so that who reads it needs no lock."""
        self._keeping = threading.Lock()
        self.problems: list[str] = []
        """Files that are not what they were written as."""

    @classmethod
    def open(cls, folder: Path, keys: Sequence[VerifierKey], policy: Policy) -> Cosigned:
        """What lies in *folder*; a file that does not verify is passed over, and told of."""
        opened = cls(folder, keys, policy)
        for path in sorted(folder.glob("[0-9]*")):
            if path.name.isdecimal():
                opened._take(path)
        return opened

    def keep(self, note: bytes) -> Said:
        """Keep what the policy's witnesses said in *note*, beside what they said of it before.

        LogBroken if the log did not sign it, or none of them cosigned it.
        """
        checkpoint = open_checkpoint(note, self._keys)
        merged = self._only_ours(note)
        with self._keeping:
            before = self._said.get(checkpoint.size)
            if before is not None and before.checkpoint == checkpoint:
                merged = add_signatures(before.note, merged.partition(b"\n\n")[2])
            said = self._read(self._only_ours(merged))
            durable.make_folder(self._folder)
            durable.replace(self._folder / str(checkpoint.size), said.note)
            self._said = {**self._said, checkpoint.size: said}
            self._drop_what_is_outdated()
        return said

    def set_aside(self, note: bytes) -> None:
        """Keep *note* as the proof that the log's key signed what the log does not hold."""
        durable.make_folder(self._folder)
        name = f"contradiction-{hashlib.sha256(note).hexdigest()[:32]}"
        durable.create_same(self._folder / name, note)

    def newest(self) -> Said | None:
        """The newest checkpoint that the quorum saw; where there is none, that anybody saw."""
        return max(self._said.values(), key=lambda said: said.news, default=None)

    def best(self, index: int) -> Said | None:
        """The checkpoint that proves most of entry *index* to who knows the log's present key.

        None if none that it signed covers the entry.
        """
        covering = [
            said for size, said in self._said.items() if size > index and said.by_present_key
        ]
        return max(covering, key=lambda said: said.proof, default=None)

    def all(self) -> list[Said]:
        """Every checkpoint that is kept."""
        return list(self._said.values())

    def size_of(self, witness: str) -> int:
        """How many entries the log had when the policy's *witness* last cosigned it; 0: never."""
        key = self._policy.witnesses[witness].key
        sizes = [
            size
            for size, said in self._said.items()
            if key in {each.witness for each in said.cosignatures}
        ]
        return max(sizes, default=0)

    def last_of(self, witness: str) -> datetime | None:
        """When *witness* cosigned last, by its own clock."""
        key = self._policy.witnesses[witness].key
        times = [
            each.at
            for said in self._said.values()
            for each in said.cosignatures
            if each.witness == key
        ]
        return max(times, default=None)

    def _take(self, path: Path) -> None:
        try:
            said = self._read(path.read_bytes())
        except LogBroken as error:
            self.problems.append(f"what witnesses said, {path}: {error}")
            _log.error("%s is passed over: %s", path, error)
            return
        self._said = {**self._said, said.checkpoint.size: said}

    def _read(self, note: bytes) -> Said:
        checkpoint = open_checkpoint(note, self._keys)
        said = self._policy.said(note)
        if not said:
            raise LogBroken(
                f"no witness of the policy cosigned the checkpoint at {checkpoint.size} entries"
            )
        return Said(
            note=note,
            checkpoint=checkpoint,
            cosignatures=said,
            is_quorum=self._policy.is_met(said),
            by_present_key=bool(signed_by(note, self._keys[:1])),
        )

    def _only_ours(self, note: bytes) -> bytes:
        return only_known(note, self._keys, self._policy)

    def _drop_what_is_outdated(self) -> None:
        """Drop checkpoints that are nobody's newest, nor the newest that the quorum saw."""
        wanted = {self.size_of(name) for name in self._policy.witnesses}
        if (newest := self.newest()) is not None:
            wanted.add(newest.checkpoint.size)
        for size in self._said.keys() - wanted:
            durable.discard(self._folder / str(size))
        self._said = {size: said for size, said in self._said.items() if size in wanted}


def only_known(note: bytes, keys: Sequence[VerifierKey], policy: Policy) -> bytes:
    """*note* with the signatures of the log's *keys* and the newest of each witness, no others."""
    witnesses = [witness.key for witness in policy.witnesses.values()]
    by_log = dict.fromkeys(signed_by(note, keys))
    return with_signatures(note, [*by_log, *latest_of(note, witnesses)])
