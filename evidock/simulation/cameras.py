"""The cameras that a simulation plugs in: each with its folder as a card, and its words.

One rule: the passwords here are those of cameras that are none, and a simulated station is given
them in a file, as any other is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from evidence import durable
from evidence.clock import Clock
from evidence.errors import SetupError
from evidock.simulation.cut import Cut, Place, place_of
from station.profile import Profile
from station.profile.identity import Mode
from station.profile.template import Text
from station.profile.verbs import PASSWORD as HOLE
from station.profile.verbs import Spoken, Verb
from station.simulator.cameras import PASSWORD, ControlModel, Model, TextModel
from station.simulator.card import CardModel
from station.simulator.descriptors import STORAGE, descriptors
from station.simulator.exfat import make_card
from station.simulator.profiled import ProfiledModel, identity, shows, unanswerable

CONTROL, TEXT = "amba-control", "amba-text"
_TEXT_PASSWORD = PASSWORD + "00"
_SERIAL = 0x51300000
_AMBA, _DISK = 0x4255, 0x1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How simulated cameras speak: as *profile* has it, or as the two that know no profile."""

    profile: Profile | None
    clock: Clock

    def see_simulable(self) -> None:
        """SetupError if the profile does not tell enough for a camera that becomes a disk."""
        profile = self.profile
        if profile is None:
            return
        as_disk = identity(profile, Mode.STORAGE)
        if as_disk is None:
            raise SetupError(
                f"profile {profile.id} has no [[usb]] of mode storage, so none of it can be a card",
                advice="`evidock profiles simulate` shows what of it can be simulated.",
            )
        for verb, why in unanswerable(profile).items():
            raise SetupError(
                f"profile {profile.id} does not tell what is answered to {verb}: {why}",
                advice="Give the phrase an example.",
            )

    def passwords(self) -> dict[str, str]:
        """Profile -> what its simulated cameras are logged in to with."""
        if self.profile is None:
            return {CONTROL: PASSWORD, TEXT: _TEXT_PASSWORD}
        sizes = [
            piece.size
            for phrase in self.profile.verbs.get(Verb.LOGIN, [])
            for piece in Spoken.of(phrase).send.pieces
            if isinstance(piece, Text) and piece.name == HOLE
        ]
        return {self.profile.id: PASSWORD[: min(sizes)]} if sizes else {}

    def control(self, number: int) -> Model | None:
        """Camera *number* (from 1) as it takes commands; None if it is a disk from the start."""
        name = f"SIM{number:04}"
        if self.profile is not None:
            if identity(self.profile, Mode.CONTROL) is None:
                return None
            password = self.passwords().get(self.profile.id)
            return ProfiledModel(profile=self.profile, now=self._now, password=password)
        if number % 2:
            told = name.encode().ljust(9, b"\0") + f"SIM-{number:04}".encode()
            return ControlModel(info=told.ljust(100, b"\0"))
        return TextModel(number=name)

    def disk(self) -> bytes:
        """The descriptors of a camera that has become a disk."""
        as_disk = None if self.profile is None else identity(self.profile, Mode.STORAGE)
        return descriptors(_AMBA, _DISK, [STORAGE]) if as_disk is None else shows(as_disk)

    def _now(self) -> datetime:
        return self.clock.now().replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One simulated camera; *number* counts from 1."""

    number: int
    folder: Path
    """What is on its card."""
    image: Path
    kind: Kind
    cut: Place | None = None
    """Where its cable is pulled out, once."""

    @property
    def port(self) -> str:
        return f"1-{self.number}"

    @property
    def slot(self) -> str:
        """Where it stands at the dock."""
        return f"usb {self.port}"

    def card(self, *, is_cut: bool) -> CardModel:
        """The camera as a disk."""
        cut_at = self.cut.on_image if is_cut and self.cut is not None else None
        return CardModel(image=self.image, raw=self.kind.disk(), cut_at=cut_at)


def made(folders: Sequence[Path], images: Path, kind: Kind, cut: Cut | None) -> list[Camera]:
    """A camera for each of *folders*, its card made among *images*.

    SetupError if a folder cannot be a card, or no card has a file that *cut* could fall into.
    Blocks.
    """
    cameras = []
    for number, source in enumerate(folders, start=1):
        image = images / f"{number}.img"
        places = make_image(image, source, _SERIAL + number)
        camera = Camera(number=number, folder=source, image=image, kind=kind)
        cameras.append(replace(camera, cut=None if cut is None else place_of(cut, places)))
    if cut is not None and not any(each.cut for each in cameras):
        raise SetupError(
            f"no file on these cards is long enough to be cut at {cut}",
            advice="Give a smaller --yank-at; a percentage always fits.",
        )
    return cameras


def make_image(image: Path, source: Path, serial: int) -> Mapping[Path, int]:
    """As :func:`make_card`; SetupError if *source* is no folder, DiskFull and others of *image*."""
    if not source.is_dir():
        raise SetupError(f"{source} is not a folder: it cannot be a camera's card")
    try:
        return make_card(image, source, serial=serial)
    except PermissionError as error:
        raise SetupError(f"{source} cannot be made a card: {error}") from error
    except OSError as error:
        raise durable.translate(error, image) from error


def write_passwords(kind: Kind, file: Path) -> None:
    """The passwords of *kind* as the station reads them."""
    lines = [f'{profile} = "{word}"\n' for profile, word in kind.passwords().items()]
    durable.replace(file, "".join(lines).encode("ascii"), mode=durable.PRIVATE)
