"""Camera profiles: data that says how one kind of camera names and lays out what it records.

One rule: a profile is checked whole before it is used, and a mistake in one refuses to start the
station, naming file and key.  The best profile that fits a card is used; ``generic-dcim`` fits all.
What can be said to a camera on the bus is in :mod:`station.profile.verbs`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import msgspec

from evidence.errors import SetupError
from ingest.source import Listed, Sort
from station.profile.identity import Identity
from station.profile.segments import COUNTED, TIMED, Segments
from station.profile.table import Table
from station.profile.template import TemplateWrong
from station.profile.verbs import TERMS, Phrase, Spoken, Verb, Wire

FALLBACK = "generic-dcim"
ENDING = ".toml"
"""How the file of a profile ends."""
GROUPS = frozenset({"camera", "channel", "officer", "date", "time", "important"})
"""What a pattern may name; any other group is a mistake."""


class Verified(StrEnum):
    """What a profile was held against."""

    NONE = "none"
    """Public sources only."""
    LOG = "log"
    """A recorded listing of a real card."""
    HARDWARE = "hardware"
    """A camera on the desk."""


class Match(Table, frozen=True):
    """[match]: when a card is of this kind.  A profile without rules fits none by its files."""

    rank: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """Among profiles that fit, the greatest rank wins, then the number of files that fit."""
    paths: list[str] = []
    """Regular expressions; a file fits if one is found in its path below the card's root."""


class Name(Table, frozen=True):
    """[[name]]: one way files are named."""

    pattern: Annotated[str, msgspec.Meta(max_length=500)]
    """Regular expression searched in the file's name.

    Named groups: camera, officer, date, time (their first 8 and 6 digits count), important; and
    channel, of a recorder that films with several, which only imports read.
    """


class Sidecar(Table, frozen=True):
    """[sidecar]: an INI file on the card that names the camera or its wearer."""

    name: str
    """Its name; upper and lower case are alike."""
    section: str
    camera: str | None = None
    """Key that holds the camera's number."""
    officer: str | None = None
    """Key that holds the officer's number."""
    encoding: str = "utf-8"


class Scope(Table, frozen=True):
    """[scope]: what of a device is taken at all, where it holds more than footage."""

    only: Annotated[list[str], msgspec.Meta(min_length=1)]
    """Regular expressions; a file whose path has none of them is listed as left out, with the
    reason, and not a byte of it is read."""

    def holds(self, path: bytes) -> bool:
        """Whether the file at *path* is to be taken."""
        return any(re.search(pattern, _text(path)) for pattern in self.only)


class Profile(Table, frozen=True):
    """One file of ``firmware_profiles/``."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$(?!\n)")]
    """As entries may name it: the archive takes no act with another, nor what comes after it."""
    title: str
    verified: Verified
    sources: list[str] = []
    """Where the facts in it were found."""
    usb: list[Identity] = []
    """The identities of this camera; one that changes its mode has two."""
    wire: Wire | None = None
    verbs: dict[Verb, Annotated[list[Phrase], msgspec.Meta(min_length=1)]] = {}
    """What it may be asked, each as one phrase or several that are said in turn."""
    match: Match = Match()
    name: list[Name] = []
    """Looked at in order; the first that is found counts."""
    sidecar: Sidecar | None = None
    segments: Segments | None = None
    """None: every file is whole by itself."""
    scope: Scope | None = None
    """None: everything."""
    companions: list[str] = []
    """Endings of files that accompany recordings (gps, log); they are copied after these."""

    def fitting(self, listing: Iterable[Listed]) -> int:
        """How many files of *listing* the match rules fit."""
        patterns = [re.compile(pattern) for pattern in self.match.paths]
        return sum(
            listed.sort is Sort.FILE
            and any(pattern.search(_text(listed.path)) for pattern in patterns)
            for listed in listing
        )


def load_profiles(own: Path | None) -> tuple[Profile, ...]:
    """The profiles that come with the product, and those in the folder *own*.

    One of your own replaces a shipped one of the same id.  Raises SetupError naming file and key.
    """
    found = (read_profile(file) for file in (*shipped_files(), *own_files(own)))
    return tuple({profile.id: profile for profile in found}.values())


def shipped_files() -> list[Traversable]:
    """The profiles that come with the product, by name."""
    return _profiles_in(files("firmware_profiles"))


def own_files(folder: Path | None) -> list[Traversable]:
    """The profiles in a *folder* of one's own, by name.  SetupError if it is none."""
    if folder is None:
        return []
    if not folder.is_dir():
        raise SetupError(f"[station] profiles: {folder} is not a folder")
    return _profiles_in(folder)


def _profiles_in(folder: Traversable) -> list[Traversable]:
    found = (file for file in folder.iterdir() if file.name.endswith(ENDING))
    return sorted(found, key=lambda each: each.name)


def read_profile(file: Traversable) -> Profile:
    """The profile in *file*; SetupError naming file and key if it is not one."""
    return parse_profile(file.read_bytes(), str(file))


def parse_profile(data: bytes, file: str) -> Profile:
    """The profile that *data*, read from *file*, is; SetupError as :func:`read_profile`."""
    try:
        profile = msgspec.convert(tomllib.loads(data.decode("utf-8")), Profile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{file} is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise SetupError(f"{file}: {error}") from error
    _check(profile, file)
    return profile


def best(profiles: Sequence[Profile], listing: Sequence[Listed]) -> Profile:
    """The profile for a card with this *listing*."""
    scores = {
        profile.id: (profile.match.rank, fits)
        for profile in profiles
        if (fits := profile.fitting(listing)) or profile.id == FALLBACK
    }
    return max(
        (profile for profile in profiles if profile.id in scores),
        key=lambda profile: scores[profile.id],
    )


def fallback(profiles: Sequence[Profile]) -> Profile:
    """The generic profile, which speaks where a card's own profile is silent."""
    return next(profile for profile in profiles if profile.id == FALLBACK)


def _check(profile: Profile, file: str) -> None:
    if any(each.product is not None and each.vendor is None for each in profile.usb):
        raise SetupError(f"{file}: [[usb]] names a product without its vendor")
    _check_verbs(profile, file)
    for key, pattern in (
        *((f"match.paths[{place}]", text) for place, text in enumerate(profile.match.paths)),
        *((f"name[{place}].pattern", each.pattern) for place, each in enumerate(profile.name)),
        *((f"scope.only[{place}]", text) for place, text in enumerate(_scope(profile))),
    ):
        try:
            groups = re.compile(pattern).groupindex.keys()
        except re.error as error:
            raise SetupError(f"{file}: {key} is no regular expression: {error}") from error
        if groups - GROUPS:
            raise SetupError(f"{file}: {key} has unknown groups {sorted(groups - GROUPS)}")
    _check_segments(profile.segments, file)
    if profile.sidecar is not None:
        try:
            "".encode(profile.sidecar.encoding)
        except LookupError as error:
            raise SetupError(f"{file}: sidecar.encoding: {error}") from error


def _check_segments(segments: Segments | None, file: str) -> None:
    if segments is None:
        return
    try:
        groups = frozenset(re.compile(segments.pattern).groupindex)
    except re.error as error:
        raise SetupError(f"{file}: segments.pattern is no regular expression: {error}") from error
    if groups != segments.groups:
        raise SetupError(
            f"{file}: segments.pattern names {sorted(groups)}: name {sorted(COUNTED)},"
            f" or {sorted(TIMED)} and set segments.every_seconds"
        )
    if segments.first is not None and not segments.is_counted:
        raise SetupError(f"{file}: segments.first counts parts, and every_seconds counts none")


def _scope(profile: Profile) -> list[str]:
    return [] if profile.scope is None else profile.scope.only


def _check_verbs(profile: Profile, file: str) -> None:
    if profile.verbs and profile.wire is None:
        raise SetupError(f"{file}: [verbs] without a [wire] to say them over")
    if profile.wire is not None and not profile.wire.is_whole:
        raise SetupError(
            f"{file}: [wire] has either write and read, or endpoint_out and endpoint_in,"
            " each in its direction"
        )
    for verb, phrases in profile.verbs.items():
        told, asked = set[str](), set[str]()
        for place, phrase in enumerate(phrases):
            try:
                spoken = Spoken.of(phrase)
                spoken.see_within(TERMS[verb])
            except TemplateWrong as error:
                raise SetupError(f"{file}: verbs.{verb}[{place}]: {error}") from error
            told |= spoken.tells
            asked |= spoken.asks
        needed = TERMS[verb].needed
        if needed and not any(each <= told for each in needed):
            ways = " or ".join(str(sorted(each)) for each in needed)
            raise SetupError(f"{file}: verbs.{verb}: no answer tells {ways}")
        if lacks := TERMS[verb].said - asked:
            raise SetupError(f"{file}: verbs.{verb}: no phrase says {sorted(lacks)}")


def _text(path: bytes) -> str:
    return path.decode("utf-8", errors="surrogateescape")
