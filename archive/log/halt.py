"""The mark that stops the log: somebody outside knows another history of it than we do.

One rule: it is a file, so it outlives every start; and nothing but a person takes it away.
"""

from __future__ import annotations

from pathlib import Path

from evidence import durable
from evidence.errors import LogBroken

ADVICE = (
    "Nothing is signed any more. The log's folder may be an old one (a restored backup: bring it up"
    " from the vault's copy), or somebody else signs with its key, or the witness errs"
    " (docs/witnesses.md). Then say so: evidock witnesses resume."
)


class Halt:
    """The mark at *path*.  All methods block."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._why = path.read_text(encoding="utf-8").strip() if path.exists() else None

    @property
    def why(self) -> str | None:
        """Why nothing is signed; None if it may be."""
        return self._why

    def set(self, why: str) -> None:
        """Stop, and stay so; the first reason stands.

        What durable files raise: even then nothing is signed until this process ends.
        """
        if self._why is None:
            self._why = " ".join(why.split())
            durable.make_folder(self._path.parent)
            durable.replace(self._path, f"{self._why}\n".encode())

    def clear(self) -> str | None:
        """A person has looked; what the reason was, None if there was none."""
        was, self._why = self._why, None
        durable.discard(self._path)
        return was

    def must_not_be(self) -> None:
        """Return unless the log is stopped; then LogBroken."""
        if self._why is not None:
            raise LogBroken(f"the log is stopped: {self._why}", advice=ADVICE)
