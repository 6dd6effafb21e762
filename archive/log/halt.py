"""The mark that stops the log: somebody outside knows another history of it than we do.

One rule: it is a file, so it outlives every start; and nothing but a person takes it away, who has
looked at all that was heard up to that very moment.
"""

from __future__ import annotations

import threading
from pathlib import Path

from evidence import durable
from evidence.errors import LogBroken

ADVICE = (
    "Nothing is signed any more. The log's folder may be an old one (a restored backup: bring it up"
    " from the vault's copy), or somebody else signs with its key, or the witness errs"
    " (docs/witnesses.md). Then say so: evidock witnesses resume."
)


class Halt:
    """The mark at *path*.  All methods block; threads may call them at the same time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._why = path.read_text(encoding="utf-8").strip() if path.exists() else None
        self._anew: str | None = None
        """The first reason that was heard since a person looked."""
        self._lock = threading.Lock()

    @property
    def why(self) -> str | None:
        """Why nothing is signed; None if it may be."""
        return self._why

    def set(self, why: str) -> None:
        """Stop, and stay so; the first reason stands until a person looks.

        What durable files raise: even then nothing is signed until this process ends.
        """
        why = " ".join(why.split())
        with self._lock:
            self._anew = self._anew or why
            if self._why is None:
                self._why = why
                self._write(why)

    def looked_at(self) -> None:
        """A person has looked at what was heard so far; the mark stands until :meth:`clear`."""
        with self._lock:
            self._anew = None

    def must_not_stay(self) -> None:
        """Return if nothing was heard since a person looked; else LogBroken: it stays stopped."""
        if self._anew is not None:
            raise LogBroken(f"the log stays stopped: {self._anew}", advice=ADVICE)

    def clear(self) -> None:
        """Take the mark away.

        LogBroken if anything was heard since a person looked: then that is why nothing is signed.
        """
        with self._lock:
            if self._anew is not None:
                self._why = self._anew
                self._write(self._anew)
            self.must_not_stay()
            durable.discard(self._path)
            self._why = None

    def must_not_be(self) -> None:
        """Return unless the log is stopped; then LogBroken."""
        if self._why is not None:
            raise LogBroken(f"the log is stopped: {self._why}", advice=ADVICE)

    def _write(self, why: str) -> None:
        durable.make_folder(self._path.parent)
        durable.replace(self._path, f"{why}\n".encode())
