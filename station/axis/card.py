"""The spool at the dock: each camera that a System Controller pushed for stands there as a card.

One rule: a card's name (``axis/<serial number>``) is none that a folder of the dock root can have,
so leave to let a spooled file go is never leave to erase somebody's folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from evidence.acquisition import PUSHED_PROFILE, Acquisition
from evidence.digest import Sha256
from evidence.errors import CardGone, CardReadFailed
from evidence.names import shown
from ingest.source import Listed
from station.axis.note import Note, ObjectNote, moment_of
from station.axis.spool import AGAIN, UNKNOWN, Spool
from station.axis.target import file_name, name_of, wearer_and_device
from station.card import Card, FolderCard, FolderOriginal
from station.claims import CardReader, Claims, Told
from station.profile import Profile, Verified

PREFIX = b"axis/"

PROFILE = Profile(
    id=PUSHED_PROFILE,
    title="Pushed by an Axis System Controller; hashed here at first receipt",
    verified=Verified.NONE,
    sources=["https://github.com/AxisCommunications/body-worn-integration-api README.md"],
    companions=["key", "json"],
)
"""Stands in each custody entry, so the log tells how the footage came here."""

_NUMBER = re.compile(r"[\w.@+-]{1,64}")
"""What an officer's number may be made of (as in :mod:`station.claims`)."""


def is_spooled(folder: bytes) -> bool:
    """Whether the card called *folder* is our own spool."""
    return folder.startswith(PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedReader(CardReader):
    """Reads the claims of pushed files from what the controller told of them.

    It is made anew for each listing, and reads each note once.
    """

    spool: Spool
    read: dict[str, Note | None] = field(default_factory=dict)

    def claims(self, listed: Listed) -> Claims:
        """What the controller claims about *listed*."""
        note, held = told_of(self._note, listed.path)
        officer = None if note is None else self._officer(note)
        device = os.fsdecode(self.folder.removeprefix(PREFIX))
        known = device != UNKNOWN
        return Claims(
            camera=device if known else shown(self.folder),
            camera_told=Told.CONTROLLER if known else Told.FOLDER,
            officer=officer,
            officer_told=None if officer is None else Told.CONTROLLER,
            started=None if held is None else moment_of(held.told, "Starttime"),
        )

    def camera(self, files: Sequence[Claims]) -> None:
        """None: it stands at its system's own dock, and nobody can take or get it here."""
        del files

    def _officer(self, note: Note) -> str | None:
        """The wearer's own number if the controller told one, else the controller's id of them."""
        user = wearer_and_device(note.container)[0] or note.told.get("Userid")
        users = self._note("Users")
        known = None if users is None or not user else users.objects.get(file_name(user))
        number = None if known is None else known.told.get("Userid")
        return next((each for each in (number, user) if each and _NUMBER.fullmatch(each)), None)

    def _note(self, container: str) -> Note | None:
        if container not in self.read:
            self.read[container] = self.spool.note(container)
        return self.read[container]


def told_of(
    note_of: Callable[[str], Note | None], path: bytes
) -> tuple[Note | None, ObjectNote | None]:
    """The notes on a file by its *path* on the card: of its recording, and of itself."""
    container, _, place = os.fsdecode(path).partition("/")
    note = note_of(name_of(container))
    return note, None if note is None else note.objects.get(place)


class PushedCard(FolderCard):
    """One camera's folder in the spool."""

    def __init__(self, root: Path, spool: Spool) -> None:
        super().__init__(root)
        self._spool = spool
        self._proven: set[tuple[bytes, str]] = set()

    def reader(self, _listing: Sequence[Listed], folder: bytes, fallback: Profile) -> CardReader:
        """Who tells the claims of this card's files."""
        return PushedReader(
            profile=PROFILE,
            fallback=fallback,
            folder=folder,
            offset=timedelta(0),
            spool=self._spool,
            acquisition=Acquisition.PUSHED,
        )

    def open(self, listed: Listed) -> FolderOriginal:
        """As for any folder; CardReadFailed if it does not hold the bytes that came in."""
        _, held = told_of(self._spool.note, listed.path)
        known = (listed.path, listed.mark)
        if held is not None and known not in self._proven:
            with super().open(listed) as original:
                found = Sha256.of_blocks(_blocks(original, held.size + 1))
            if found.hex != held.sha256:
                raise CardReadFailed(
                    f"{listed.path!r} is not what the controller sent: its digest has changed",
                    advice="Look for the recording on the System Controller, and check this disk.",
                )
            self._proven.add(known)
        return super().open(listed)


def _blocks(original: FolderOriginal, most: int) -> Iterable[bytes]:
    offset = 0
    while offset < most and (block := original.read_at(offset, min(1 << 20, most - offset))):
        yield block
        offset += len(block)


@dataclass(frozen=True, slots=True)
class AxisDock:
    """The spool's cameras, as a dock.  One of which everything was let go does not stand there."""

    spool: Spool

    def cards(self) -> Mapping[bytes, str]:
        full = [folder for folder in self._folders() if any(_files(folder))]
        held = {folder.name: folder.stat() for folder in full}
        return {
            PREFIX + os.fsencode(name): f"{each.st_dev:x}-{each.st_ino:x}"
            for name, each in held.items()
        }

    def open(self, name: bytes) -> Card:
        if not is_spooled(name):
            raise CardGone(f"{shown(name)} is no card of the Axis spool")
        folder = os.fsdecode(name.removeprefix(PREFIX))
        return PushedCard(self.spool.cards / folder, self.spool)

    def problems(self) -> tuple[str, ...]:
        """Where other bytes came under a name that was taken; both are kept."""
        found = sorted(
            f"{shown(PREFIX)}{folder.name}: other bytes came again under the name of"
            f" {'/'.join(file.relative_to(folder).parts[::2])}; both are kept"
            for folder in self._folders()
            for file in folder.glob(f"*/{AGAIN}*/*")
        )
        return tuple(found[:3])

    def _folders(self) -> list[Path]:
        try:
            return sorted(self.spool.cards.iterdir())
        except OSError as error:
            raise CardGone(f"the Axis spool {self.spool.cards} cannot be read: {error}") from error


def _files(folder: Path) -> Iterable[Path]:
    for below, _, names in os.walk(folder):
        yield from (Path(below, name) for name in names)
