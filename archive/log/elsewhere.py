"""Who else may know more of our log than we do: the vault's copy of it, and witnesses.

One rule: they are asked before anything is signed, since a log that was put back to an old state
and signs again becomes two logs.  A size is enough to stop us; only signed files bring us further.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from archive.log.mirror import PREFIX
from evidence.tiles import CHECKPOINT, Read
from evidence.vault import Bucket, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What somebody knows of our log."""

    size: int | None = None
    """How many entries it says the log had when it looked last; None: the note tells."""
    note: bytes | None = None
    """The checkpoint that it saw, if it can show it."""
    read: Read | None = None
    """Gives the log's files under that checkpoint, if it keeps them."""


class Elsewhere(Protocol):
    """Somebody outside our own folder who has seen our log."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def known(self, ours: bytes) -> Known | None:
        """What it knows of the log whose checkpoint is *ours*; None if it never saw that log.

        TemporaryError if it does not answer.  Blocks.
        """
        ...


@dataclass(frozen=True, slots=True)
class VaultCopy:
    """The copy that :class:`archive.log.mirror.Mirror` makes."""

    vault: Vault
    name: str = field(default="the vault's copy of the log", init=False)

    def known(self, ours: bytes) -> Known | None:  # noqa: ARG002  the vault holds one log
        """The copy; VaultUnreachable if the store does not give its checkpoint."""
        note = self.read(CHECKPOINT)
        return None if note is None else Known(note=note, read=self.read)

    def read(self, path: str) -> bytes | None:
        """The newest version of one file of the log; VaultUnreachable likewise."""
        found = self.vault.find(Bucket.RECORDS, PREFIX + path)
        if found is None:
            return None
        return b"".join(self.vault.read(found.bucket, found.key, found.version_id))
