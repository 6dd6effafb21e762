"""What a witness said yes to: of each log the last checkpoint it cosigned, and its own word on it.

One rule: a log that is known has a file here from the moment it became known, be it empty.  So a
memory that was lost is noticed: a witness that forgot would say yes to a second history.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evidence import durable
from evidence.cosignature import WitnessKey, cosignatures
from evidence.errors import LogBroken
from evidence.note import Checkpoint, open_note


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a witness saw last of a log."""

    checkpoint: Checkpoint
    note: bytes
    """Signed by the log, and cosigned by the witness."""
    at: datetime
    """When it was cosigned."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory in one folder.  Whoever changes it holds the witness's lock."""

    folder: Path

    def begin(self, origin: str, *, again: bool = False) -> None:
        """Remember of *origin* that nothing was seen of it; safe to repeat.

        LogBroken if it was begun (*again*) and is gone.
        """
        path = self._path(origin)
        if path.exists():
            return
        if again:
            raise _lost(origin, path)
        durable.make_folder(self.folder)
        durable.create(path, b"")

    def last(self, origin: str, key: WitnessKey) -> Seen | None:
        """What the witness *key* saw last of *origin*, which it knows; None if nothing yet.

        LogBroken if its memory is gone, or is not what it wrote.
        """
        path = self._path(origin)
        try:
            note = path.read_bytes()
        except FileNotFoundError:
            raise _lost(origin, path) from None
        if not note:
            return None
        text, _ = open_note(note, [key])
        checkpoint = Checkpoint.parse(text)
        if checkpoint.origin != origin:
            raise LogBroken(f"{path} is a memory of {checkpoint.origin}, not of {origin}")
        (said,) = cosignatures(note, [key])
        return Seen(checkpoint=checkpoint, note=note, at=said.at)

    def store(self, origin: str, note: bytes) -> None:
        """Make *note* what was seen last of *origin*; durable when this returns."""
        durable.replace(self._path(origin), note)

    def _path(self, origin: str) -> Path:
        return self.folder / hashlib.sha256(origin.encode()).hexdigest()


def _lost(origin: str, path: Path) -> LogBroken:
    return LogBroken(
        f"the memory of {origin} is gone: there is no {path}",
        advice="Without it this witness may cosign a second history. Bring it back from where it"
        " went; or make a new witness, with a new key, and tell those who rely on this one.",
    )
