"""What may be written to a camera beside its clock: who wears it, settings, firmware; and when.

One rule: settings and firmware are never written to a camera that may hold footage nobody pulled.
No camera we know of comes back from being a disk to taking commands, so it is written to when it
is plugged in, and a camera that was away may have recorded.  So it takes eight facts
(:func:`missing`), two of which the camera must tell in that very hearing (ADR 20).
"""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from evidence.digest import Sha256
from station.heard import Heard
from station.profile import Profile
from station.profile.verbs import Verb
from station.signed import ANY, Statement

LONGEST = 256 << 20
"""Bytes of a file that is kept for cameras."""


class What(StrEnum):
    """What is written."""

    OFFICER = "officer"
    CONFIG = "config"
    FIRMWARE = "firmware"

    @property
    def verb(self) -> Verb:
        """What says it."""
        return _VERBS[self]


_VERBS = {
    What.OFFICER: Verb.WRITE_OFFICER,
    What.CONFIG: Verb.CONFIG_PUSH,
    What.FIRMWARE: Verb.FIRMWARE_WRITE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearer:
    """Who is to wear a camera; what is empty stays as the camera has it, if it can be read."""

    officer: str
    name: str = ""
    unit: str = ""
    unit_name: str = ""

    @property
    def words(self) -> Mapping[str, str]:
        """By the names of ``verbs.py``."""
        every = {
            "officer": self.officer,
            "name": self.name,
            "unit": self.unit,
            "unit_name": self.unit_name,
        }
        return {name: word for name, word in every.items() if word}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A signed file that is kept for cameras, whose signature was verified when it was read."""

    id: str
    said: Statement
    by: str
    """Names of the keys that signed it."""
    statement: Sha256
    """Of the signed note."""
    data: bytes = field(repr=False)

    @property
    def what(self) -> What:
        return What(self.said.kind.value)

    @property
    def words(self) -> str:
        """For people."""
        version = f" {self.said.after}" if self.what is What.FIRMWARE else ""
        return f"{self.what}{version} ({self.said.name})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing to be written to one camera."""

    id: str
    """``w-…``."""
    what: What
    wearer: Wearer | None = None
    supply: Supply | None = None

    @property
    def words(self) -> str:
        """For people."""
        if self.supply is not None:
            return self.supply.words
        return "its wearer" if self.what is What.OFFICER else self.what.value


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a change."""

    done: bool
    began: bool = True
    """A byte of it was said, or may have been."""
    read_back: bool = False
    """The camera told it afterwards as it was said."""
    problem: str = ""
    """Why it is not done."""


Say = Callable[[Change], Awaitable[Outcome]]
"""Writes a change to the camera that is at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDocking:
    """How the last docking of a camera at this station went, as the journal knows."""

    ended: str | None
    """When its card was seen to be gone (``clock.stamp``); None while it stands here."""
    files: int
    """That were seen on its card."""
    waits: bool
    """A file of this camera, of whichever docking, waits for its card to be pulled whole."""
    all_archived: bool
    """Each of them, and of those of this camera seen since, with its receipt."""
    all_erased: bool
    """Each of them, and of those of this camera seen since, is known to be gone from the card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A fact that was missing, so that nothing was written."""

    fact: int
    words: str


def missing(
    supply: Supply | None, profile: Profile, heard: Heard, last: LastDocking | None
) -> Lack | None:
    """The first fact without which *supply* is not written to the camera that was *heard*.

    1. The file is there, and a key of the settings signed it; verified just now.  2. For cameras of
    this profile.  3. The profile has words for it, and for asking how much footage there is.
    4. The firmware runs that it was signed for.  5. This station knows the camera: its last docking
    has ended, and files were seen there.  6. Each is archived with its receipt, and no other file
    of it waits.  7. Each is known to be gone from its card.  8. The camera says now that it holds
    no recording.
    """
    if supply is None:
        return Lack(fact=1, words="what was ordered is not there any more, or not signed")
    return _of_kind(supply, profile, heard) or _of_footage(heard, last)


def wordless(what: What, profile: Profile) -> str:
    """Which words *profile* lacks for *what*, for people; empty if none."""
    lacks = {what.verb, Verb.FOOTAGE} - profile.verbs.keys()
    return f"profile {profile.id} has no words for {', '.join(sorted(lacks))}" if lacks else ""


def _of_kind(supply: Supply, profile: Profile, heard: Heard) -> Lack | None:
    said = supply.said
    if said.profile != profile.id or heard.profile != profile.id:
        return Lack(fact=2, words=f"{supply.words} is for cameras of profile {said.profile}")
    if words := wordless(supply.what, profile):
        return Lack(fact=3, words=words)
    if said.before not in {ANY, heard.firmware}:
        runs = heard.firmware or "one that it does not tell"
        return Lack(fact=4, words=f"{supply.words} is for firmware {said.before}, not for {runs}")
    return None


def _of_footage(heard: Heard, last: LastDocking | None) -> Lack | None:
    if last is None or last.ended is None or not last.files:
        return Lack(fact=5, words="no earlier docking tells how its footage was taken")
    if last.waits or not last.all_archived:
        return Lack(fact=6, words="a file of it is not archived with its receipt")
    if not last.all_erased:
        return Lack(fact=7, words="a file of its last docking may be on its card still")
    if heard.footage != 0:
        told = "does not tell" if heard.footage is None else f"says {heard.footage}"
        return Lack(fact=8, words=f"asked how many recordings it holds, it {told}")
    return None


def settings_in(data: bytes) -> Mapping[str, str | int]:
    """The settings in a file for cameras: TOML, ``name = "text"`` or ``name = 7``.

    ValueError if it is something else.
    """
    try:
        found = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"it is not TOML: {error}") from error
    for name, value in found.items():
        if type(value) not in {str, int}:
            raise ValueError(f"{name} is neither text nor a whole number")
    if not found:
        raise ValueError("it holds no setting")
    return found
