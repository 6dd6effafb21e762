"""The spool: where what a System Controller pushed lies until the vault is proven to hold it.

One rule: what is acknowledged is whole, synced with its name, and was read back equal to what came
in; a controller may forget it then, and this is the last good copy.  Nothing here overwrites or
removes footage: other bytes under a name that is taken are kept beside it, and only an erase proof
takes a file away (:mod:`station.releasing`), as from any card.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from evidence import durable
from evidence.clock import Clock, stamp
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, DiskFull
from ingest.staging import RESERVE
from station.axis.note import Note, ObjectNote
from station.axis.target import REGISTERS, file_name, is_serial, wearer_and_device

_log = logging.getLogger(__name__)

UNKNOWN = "unknown"
"""Folder of recordings whose camera is not told."""

AGAIN = "%again-"
"""Begins the folder of an object whose name was taken by other bytes; no name begins like this."""

METADATA = "%metadata.json"
"""What was told of a recording, as a file of its own that is archived like the rest."""

ACQUISITION = "pushed by an Axis System Controller, hashed here at first receipt"


@dataclass(slots=True, kw_only=True)
class Part:
    """An object while its bytes come in."""

    path: Path
    stream: BinaryIO
    size: int = 0
    sha256: hashlib._Hash = field(default_factory=hashlib.sha256)
    md5: hashlib._Hash = field(
        default_factory=lambda: hashlib.md5(usedforsecurity=False)
    )  # Swift's Etag is an MD5; nothing here relies on it but the controller

    def write(self, block: bytes) -> None:
        """Append *block*.  DiskFull if there is no room."""
        try:
            view = memoryview(block)
            while view:
                view = view[self.stream.write(view) :]
        except OSError as error:
            raise durable.translate(error, self.path) from error
        self.size += len(block)
        self.sha256.update(block)
        self.md5.update(block)

    def finish(self) -> None:
        """Sync it and read it back from the disk.  DigestMismatch if the disk gives other bytes."""
        try:
            os.fsync(self.stream.fileno())
            os.fchmod(self.stream.fileno(), 0o444)
            os.posix_fadvise(self.stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            held = Sha256.of_file(self.path)
        except OSError as error:
            raise durable.translate(error, self.path) from error
        if held.raw != self.sha256.digest():
            raise DigestMismatch(f"{self.path} does not hold the bytes that were written to it")


@dataclass(slots=True, kw_only=True)
class Spool:
    """The folders of the spool.  All verbs block; notes are changed by one caller at a time."""

    folder: Path
    clock: Clock
    reserve: int = RESERVE
    """Bytes of the disk that are never filled."""
    _made: int = 0

    @property
    def cards(self) -> Path:
        """One folder for each camera; in it one for each recording."""
        return self.folder / "cards"

    def prepare(self) -> None:
        """Make what is missing, and forget what was not acknowledged.

        Folders of recordings that are complete and were all released go, and their notes.
        """
        for folder in (self.cards, self._incoming, self._notes, self.folder / "registers"):
            durable.make_folder(folder)
        durable.take_over(self.folder)
        for part in self._incoming.iterdir():
            durable.discard(part)
        for file in self._notes.glob("*.json"):
            note = _read(file)
            if note is None:
                continue
            home = self.home(note)
            if note.is_complete and not any(home.rglob("*")):
                durable.discard_folder(home)
                durable.discard(file)

    def check_room(self, needed: int) -> None:
        """DiskFull unless *needed* bytes find room twice: here, and in staging for their journey.

        Otherwise the spool could fill the very disk from which its files must go on.
        """
        held = os.statvfs(self.folder)
        if held.f_bavail * held.f_frsize - self.reserve < 2 * needed:
            raise DiskFull(f"no room for {needed:,} bytes, twice, below {self.folder}")

    @contextmanager
    def part(self) -> Iterator[Part]:
        """A place for what comes in; it is gone after the block, unless it landed."""
        self._made += 1
        path = self._incoming / f"{self._made}{durable.PART}"
        try:
            stream = path.open("xb", buffering=0)
        except OSError as error:
            raise durable.translate(error, path) from error
        try:
            with stream:
                yield Part(path=path, stream=stream)
        finally:
            durable.discard(path)

    # --- notes

    def note(self, container: str) -> Note | None:
        """What is known of *container*; None if it was never made, or the disk lost it."""
        return _read(self._note_file(container))

    def make(self, container: str, told: dict[str, str]) -> Note:
        """A note on a container that is new."""
        named = (wearer_and_device(container)[1], told.get("Bwcserialnumber"))
        device = next((each for each in named if each and is_serial(each)), UNKNOWN)
        return Note(container=container, device=device, told=told)

    def keep(self, note: Note) -> None:
        """Make *note* durable; of a recording that is complete, as a file to archive as well."""
        durable.replace(self._note_file(note.container), msgspec.json.encode(note))
        if note.is_complete and note.container not in REGISTERS:
            self._publish(note)

    # --- objects

    def home(self, note: Note) -> Path:
        """The folder of the container's objects."""
        name = file_name(note.container)
        if note.container in REGISTERS:
            return self.folder / "registers" / name
        return self.cards / note.device / name

    def land(self, part: Part, note: Note, name: str, told: dict[str, str]) -> Note:
        """Give the finished *part* its name in the container; the note as it is now.

        The same bytes again change nothing but what is told of them; others are kept beside the
        first, but for registers, which hold no footage.
        """
        seen = ObjectNote(
            told=told,
            size=part.size,
            sha256=part.sha256.hexdigest(),
            md5=part.md5.hexdigest(),
            received=stamp(self.clock.now()),
        )
        place = self._place(note, file_name(name), seen.sha256)
        if place in note.objects and note.objects[place].sha256 == seen.sha256:
            seen = msgspec.structs.replace(seen, received=note.objects[place].received)
        note = msgspec.structs.replace(note, objects={**note.objects, place: seen})
        self.keep(note)  # first: whoever sees the file may ask what was told of it
        final = self.home(note) / place
        durable.make_folder(final.parent)
        with suppress(FileExistsError):
            if note.container in REGISTERS:
                part.path.replace(final)
            else:
                os.link(part.path, final)
        durable.sync_folder(final.parent)
        return note

    def _place(self, note: Note, file: str, sha256: str) -> str:
        taken = self.home(note) / file
        if note.container in REGISTERS or not taken.exists():
            return file
        if Sha256.of_file(taken).hex == sha256:
            return file
        return f"{AGAIN}{sha256[:16]}/{file}"

    def _publish(self, note: Note) -> None:
        """Write what was told of a recording, its wearer and its camera into its folder."""
        user, _ = wearer_and_device(note.container)
        text = {
            "acquisition": ACQUISITION,
            "recording": msgspec.to_builtins(note),
            "user": self.told_of("Users", user),
            "device": self.told_of("Devices", note.device),
        }
        home = self.home(note)
        durable.make_folder(home)
        with self.part() as part:
            part.write(msgspec.json.format(msgspec.json.encode(text), indent=1) + b"\n")
            part.finish()
            if not (home / METADATA).exists() or (
                Sha256.of_file(home / METADATA).raw != part.sha256.digest()
            ):
                part.path.replace(home / METADATA)
                durable.sync_folder(home)

    def told_of(self, register: str, name: str | None) -> dict[str, str]:
        """What a *register* tells of *name*; empty if nothing."""
        note = self.note(register)
        held = None if note is None or name is None else note.objects.get(file_name(name))
        return {} if held is None else held.told

    @property
    def _incoming(self) -> Path:
        return self.folder / "incoming"

    @property
    def _notes(self) -> Path:
        return self.folder / "notes"

    def _note_file(self, container: str) -> Path:
        return self._notes / f"{file_name(container)}.json"


def _read(file: Path) -> Note | None:
    """The note in *file*.  One that cannot be read is told, and keeps no footage waiting."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Note)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        _log.error("alarm: %s is broken (%s); its controller makes it anew", file, error)
        return None
