"""What a card claims about a file: which camera, whose, from when; and where each claim stands.

One rule: a claim is never trusted and never lost: it is kept with its source and shown as one.
"""

from __future__ import annotations

import configparser
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from evidence.acquisition import Acquisition
from evidence.digest import Sha256
from evidence.errors import CameraError
from evidence.names import last_part, shown
from ingest.source import ClipSource, Listed, Sort
from station.assignment import Assignment
from station.heard import Heard
from station.profile import Profile, Sidecar

SIDECAR_MAX = 64 * 1024
_CLEAN = re.compile(r"[\w.@+-]{1,64}")
"""What a camera or officer number may be made of; anything else is not taken for one."""
_LONGEST_NAME = 300
"""Letters; escaped, a folder's name may have a thousand."""
_DIGITS = re.compile(r"\D")


class Told(StrEnum):
    """Where a claim stands."""

    NAME = "name"
    """In the file's name."""
    SIDECAR = "sidecar"
    """In the card's parameter file."""
    CAMERA = "camera"
    """The camera said so itself, before it became a disk."""
    FOLDER = "folder"
    """The name of the card's folder at the dock."""
    CONTROLLER = "controller"
    """What the system that pushed the file told of it."""
    IMPORT = "import"
    """Whoever imported the file named it."""
    ASSIGNED = "assigned"
    """Somebody at the station said who wears the camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The claims about one file."""

    camera: str
    camera_told: Told
    officer: str | None = None
    officer_told: Told | None = None
    started: datetime | None = None
    """Start of the recording by the camera's clock, turned into UTC by the configured offset."""
    important: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """Who handed files in, and why: what an import says of itself, beside its bytes."""

    by: str
    reason: str
    source: str | None = None
    """Whom they come from, in words."""
    sha256: str | None = None
    """Of one file: the digest that its giver named."""

    @property
    def facts(self) -> Mapping[str, str | None]:
        """By the names of :data:`evidence.manifest.OpeningName`."""
        return {
            "imported_by": self.by,
            "import_reason": self.reason,
            "import_source": self.source,
            "import_sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReader:
    """Reads the claims of one card's files by its profile, and by the generic one where silent."""

    profile: Profile
    fallback: Profile
    folder: bytes
    """Name of the card's folder at the dock."""
    offset: timedelta
    """What the camera's clock shows at UTC 00:00."""
    told_camera: str | None = None
    told_officer: str | None = None
    """From the sidecar."""
    heard: Heard | None = None
    """What the camera said itself."""
    acquisition: Acquisition
    """How the bytes of its card come here; always said, lest a door that forgot claim the most."""
    handed_in: HandedIn | None = None
    assigned: Assignment | None = None
    """Under which assignment it was worn."""

    def claims(self, listed: Listed) -> Claims:
        """What is claimed about *listed*."""
        named = self._named(last_part(listed.path))
        says = self.heard or Heard(id="", profile="")
        camera = _first(
            (Told.NAME, number_of(named.get("camera"))),
            (Told.SIDECAR, self.told_camera),
            (Told.CAMERA, number_of(says.camera)),
        )
        its_officer = says.officer if says.may_be_of(camera[1] or "") else None
        started = moment_of(named.get("date"), named.get("time"), self.offset)
        officer = _first(
            (Told.NAME, number_of(named.get("officer"))),
            (Told.SIDECAR, self.told_officer),
            (Told.CAMERA, number_of(its_officer)),
            (Told.ASSIGNED, self._wearer_of(camera[1], started)),
        )
        return Claims(
            camera=camera[1] or self._place_name,
            camera_told=camera[0] or Told.FOLDER,
            officer=officer[1],
            officer_told=officer[0],
            started=started,
            important=bool(named.get("important")),
        )

    def said_of(self, listed: Listed) -> HandedIn | None:
        """What was said of *listed* when it was handed in; None if it was not."""
        del listed
        return self.handed_in

    @property
    def _place_name(self) -> str:
        """The camera's name by its place.

        No docked camera's name holds a slash (:mod:`evidence.acquisition`), whatever its dock calls
        the place; the others' are numbers, which hold none.
        """
        name = folder_name(self.folder)
        if self.acquisition is Acquisition.DOCKED:
            return name.replace("/", r"\x2f")
        return name

    def _wearer_of(self, camera: str | None, started: datetime | None) -> str | None:
        """Who wore *camera*, by what was said at the station."""
        worn, offset = self.assigned, None if self.heard is None else self.heard.offset_ms
        if worn is None or camera is None or not worn.claims(camera, started, offset):
            return None
        return worn.officer

    def of_files(self, listing: Sequence[Listed]) -> Sequence[Claims]:
        """The claims about each file of *listing*: dear where there are many."""
        return [self.claims(listed) for listed in listing if listed.sort is Sort.FILE]

    def camera(self, files: Sequence[Claims]) -> str | None:
        """The camera of the card as a whole, if anything but the card's place names it."""
        named = Counter(one.camera for one in files if one.camera_told is not Told.FOLDER)
        says = None if self.heard is None else number_of(self.heard.camera)
        return self.told_camera or _most(named) or says

    def wearer(self, files: Sequence[Claims]) -> tuple[str, str | None]:
        """Camera and officer of the card as a whole: what most of its *files* claim."""
        cameras = Counter(claims.camera for claims in files)
        officers = Counter(claims.officer for claims in files if claims.officer)
        says = None if self.heard is None else number_of(self.heard.camera)
        camera = self.told_camera or _most(cameras) or says or self._place_name
        return camera, self.told_officer or _most(officers)

    def sidecars(self, listing: Sequence[Listed]) -> Collection[bytes] | None:
        """Those of *listing* that name camera or wearer; None if the profile wants one in vain."""
        if self.profile.sidecar is None:
            return ()
        return [listed.path for listed in listing if self._is_sidecar(listed)] or None

    def _is_sidecar(self, listed: Listed) -> bool:
        wanted = self.profile.sidecar
        return wanted is not None and last_part(listed.path).lower() == wanted.name.lower().encode()

    def is_companion(self, listed: Listed) -> bool:
        """Whether *listed* only accompanies recordings; what names their camera does."""
        if self._is_sidecar(listed):
            return True
        ending = listed.path.rpartition(b".")[2].lower()
        return ending in {each.encode("ascii") for each in self.profile.companions}

    def _named(self, name: bytes) -> dict[str, str | None]:
        text = name.decode("utf-8", errors="surrogateescape")
        for grammar in (*self.profile.name, *self.fallback.name):
            match = re.search(grammar.pattern, text)
            if match is not None:
                return match.groupdict()
        return {}


@runtime_checkable
class Speaking(Protocol):
    """A card that comes with what is claimed about its files, whatever they are named."""

    def reader(self, listing: Sequence[Listed], folder: bytes, fallback: Profile) -> CardReader:
        """Who tells the claims of what is listed."""
        ...


def folder_name(folder: bytes) -> str:
    """The camera's name where only the card's *folder* names it; short names are kept whole."""
    text = shown(folder)
    if len(text) <= _LONGEST_NAME:
        return text
    return f"{text[: _LONGEST_NAME // 2]}~{Sha256.of(folder).hex}"


def read_card(
    source: ClipSource,
    listing: Sequence[Listed],
    folder: bytes,
    *,
    profile: Profile,
    fallback: Profile,
    offset: timedelta,
    heard: Heard | None = None,
) -> CardReader:
    """A reader for this docked card, its sidecar read if the profile names one.  Blocks."""
    camera, officer = _read_sidecar(source, listing, profile.sidecar)
    return CardReader(
        profile=profile,
        fallback=fallback,
        folder=folder,
        offset=offset,
        told_camera=camera,
        told_officer=officer,
        heard=heard,
        acquisition=Acquisition.DOCKED,
    )


def _read_sidecar(
    source: ClipSource, listing: Sequence[Listed], wanted: Sidecar | None
) -> tuple[str | None, str | None]:
    """Camera and officer as the first sidecar tells; a broken sidecar tells nothing."""
    for listed in listing:
        name = last_part(listed.path).lower()
        if wanted is None or listed.sort is not Sort.FILE or listed.size > SIDECAR_MAX:
            continue
        if name == wanted.name.lower().encode():
            return _sidecar_claims(_read(source, listed), wanted)
    return None, None


def _read(source: ClipSource, listed: Listed) -> bytes:
    try:
        with source.open(listed) as original:
            return original.read_at(0, SIDECAR_MAX)
    except CameraError:
        return b""  # the file itself is pulled like any other, and its error shown then


def _sidecar_claims(data: bytes, wanted: Sidecar) -> tuple[str | None, str | None]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(_unindented(data.decode(wanted.encoding, errors="replace")))
    except configparser.Error:
        return None, None
    if not parser.has_section(wanted.section):
        return None, None
    values = dict(parser.items(wanted.section))
    return tuple(  # type: ignore[return-value]
        number_of((values.get(key.lower()) or "").strip()) if key else None
        for key in (wanted.camera, wanted.officer)
    )


def _unindented(text: str) -> str:
    """*text* without its byte order mark and without indents.

    Nothing in a parameter file goes over two lines, and configparser breaks down (AttributeError)
    over an indented line after a key without a value.
    """
    return "\n".join(line.strip() for line in text.lstrip("\ufeff").splitlines())


def _first(*claims: tuple[Told, str | None]) -> tuple[Told | None, str | None]:
    """The first of *claims* that says anything."""
    return next(((where, claim) for where, claim in claims if claim), (None, None))


def is_number(text: str) -> bool:
    """Whether *text* can be the number of a camera or an officer."""
    return _CLEAN.fullmatch(text) is not None


def number_of(text: str | None) -> str | None:
    """*text* if it can be the number of a camera or an officer."""
    return text if text and is_number(text) else None


def moment_of(date: str | None, time: str | None, offset: timedelta) -> datetime | None:
    """The moment that a name writes as *date* and *time*, or None if there is no such moment."""
    if not date or not time:
        return None
    try:
        local = datetime.strptime(  # noqa: DTZ007  the zone is the configured offset
            _DIGITS.sub("", date)[:8] + _DIGITS.sub("", time)[:6], "%Y%m%d%H%M%S"
        )
        return (local - offset).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _most(counted: Counter[str]) -> str | None:
    return counted.most_common(1)[0][0] if counted else None
