"""Files that somebody signed: what a signature says of a file, and whose it must be.

One rule: the bytes that are verified are the bytes that are used; nothing is read from disk twice.
The signature is a C2SP signed note (:mod:`evidence.note`) beside the file, whose text names the
kind of file, its name and its SHA-256, so that no signature of one thing passes for another's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.note import Signer, VerifierKey, open_note, sign_note

SUFFIX = ".sig"
"""What is appended to a file's name for that of its signature."""
ANY = "*"
"""In place of a firmware version: whichever runs."""
_FIRST = "evidock-signed-file/v1"
_WORD = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class Kind(StrEnum):
    """What a signed file is for."""

    PROFILE = "profile"
    CONFIG = "config"
    """Settings for cameras of one profile."""
    FIRMWARE = "firmware"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a signature says of one file.  ValueError if a note cannot say that."""

    kind: Kind
    name: str
    """The file's own name."""
    sha256: Sha256
    profile: str = ""
    """Whose cameras it is for; a profile says that itself."""
    before: str = ""
    """The firmware that must run for it to be taken, or ``*``."""
    after: str = ""
    """The firmware that runs once it was taken: that of before, if it is none."""

    def __post_init__(self) -> None:
        for field, word in self._words:
            if not _WORD.fullmatch(word):
                raise ValueError(f"{field} {word!r} is empty, too long or has a control character")

    @property
    def text(self) -> str:
        """The text of its note."""
        return "".join(f"{line}\n" for line in (_FIRST, *(f"{a} {b}" for a, b in self._words)))

    @classmethod
    def parse(cls, text: str) -> Statement:
        """The statement whose :attr:`text` is exactly *text*; ValueError for any other."""
        first, *lines = text.removesuffix("\n").split("\n")
        said = dict(line.partition(" ")[::2] for line in lines)
        try:
            found = cls(
                kind=Kind(said.pop("kind", "")),
                name=said.pop("name", ""),
                sha256=Sha256.from_hex(said.pop("sha256", "")),
                **said,
            )
        except TypeError as error:
            raise ValueError(f"it says {sorted(said)}, which nobody understands") from error
        if first != _FIRST or found.text != text:
            raise ValueError(f"it is no {_FIRST}")
        return found

    @property
    def _words(self) -> list[tuple[str, str]]:
        whose = [("profile", self.profile), ("before", self.before), ("after", self.after)]
        return [
            ("kind", self.kind.value),
            *([] if self.kind is Kind.PROFILE else whose),
            ("name", self.name),
            ("sha256", self.sha256.hex),
        ]


def sign(statement: Statement, signer: Signer) -> bytes:
    """The note that says *statement*."""
    return sign_note(statement.text, signer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement, and whose signatures stand below it."""

    said: Statement
    by: str
    """The names of the trusted keys that signed it."""


def opened(note: bytes, keys: Sequence[VerifierKey]) -> Signed:
    """What *note* says.  LogBroken if none of *keys* signed it, ValueError if it says nothing.

    It says nothing of a file until :func:`see_same` has compared the two.
    """
    text, by = open_note(note, keys)
    return Signed(said=Statement.parse(text), by=", ".join(key.name for key in by))


def see_same(said: Statement, kind: Kind, data: bytes, name: str) -> None:
    """ValueError unless *said* is said of *data*, of a file of this *kind* and *name*."""
    if said.kind is not kind:
        raise ValueError(f"it is a signature of a {said.kind}, not of a {kind}")
    if said.name != name:
        raise ValueError(f"it is a signature of {said.name!r}")
    if said.sha256 != Sha256.of(data):
        raise ValueError("the file is not the one that was signed: its SHA-256 differs")


def keys_of(texts: Sequence[str]) -> tuple[VerifierKey, ...]:
    """The keys of [station] profile_keys; SetupError naming the one that is none."""
    keys = []
    for place, text in enumerate(texts):
        try:
            keys.append(VerifierKey.parse(text))
        except ValueError as error:
            raise SetupError(
                f"[station] profile_keys[{place}]: {error}",
                advice="`evidock profiles keygen` prints such a key, and keeps it in KEY.pub.",
            ) from error
    return tuple(keys)
