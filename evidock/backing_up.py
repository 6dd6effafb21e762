"""What a backup of a home holds, gathered at one moment, whether the home runs or not.

One rule: what may change is copied before it is listed, into a folder of this backup alone: small
files first, then the log's head, then the catalogue.  So the catalogue always holds all that was
signed for, and that witnesses are known to have seen.  What lies in the vault, and the log itself,
is no part of it: these two keep themselves (docs/backup.md).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from archive.log.timestamps import FOLDER as TIMESTAMPS
from archive.service import Archive
from evidence import durable
from evidence.clock import Clock, stamp
from evidence.digest import Sha256
from evidence.errors import HomeBusy, SetupError, TemporaryError
from evidence.guards import snapshot_of_file
from evidence.note import Checkpoint
from evidence.settings import Settings
from evidence.tiles import CHECKPOINT
from evidence.version import version
from evidock import backup_file, control
from evidock.backup_file import Contents, Part
from evidock.home import Home
from station.journal.journal import FILE as JOURNAL
from station.service import Station

CATALOGUE, HEAD = "archive/catalogue.sqlite", "archive/checkpoint"
_STATION = f"station/{JOURNAL}"
_LEFT_OUT = {"log", "scratch", "restored.json"}
"""Of the archive's folder: the log (but for its time stamps) and what is made anew."""
_PARTS = "backup.parts"
_LIVE = "live"
_NAME = re.compile(r"[0-9a-f]{32}")
_TRIES = 10
_LOOK_AGAIN = 0.2
_OUTSIDE = {
    "vault": ("secret_key_file", "ca_file", "key_file"),
    "second_vault": ("secret_key_file", "ca_file"),
    "witnesses": ("policy", "ca_file"),
    "timestamps": ("ca_file",),
    "archive": ("database_password_file",),
    "mail": ("password_file", "ca_file"),
    "station": ("profiles", "camera_passwords"),
}
"""Settings that name files of their own."""


@dataclass(slots=True, kw_only=True)
class Snapshotting:
    """The snapshots that a running home makes; whoever asks waits by asking again."""

    home: Home
    archive: Archive
    station: Station
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def answer(self, request: Mapping[str, object]) -> control.Answer:
        """Begin the snapshot of that name, or say whether it is done."""
        if _NAME.fullmatch(name := str(request["name"])) is None:
            raise ValueError(f"{name[:40]!r} is no name of a snapshot")
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(self._make(_parts(self.home, name)))
        if not self._tasks[name].done():
            return {"done": False}
        await self._tasks.pop(name)
        return {"done": True}

    async def aclose(self) -> None:
        """End what is under way: the home stops."""
        for task in (ending := list(self._tasks.values())):
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _make(self, folder: Path) -> None:
        head = await self.archive.copy_books(folder / "catalogue.sqlite")
        await self.station.copy_journal(folder / JOURNAL)
        await asyncio.to_thread(durable.create, folder / "checkpoint", head)


def back_up(home: Home, file: Path, clock: Clock, *, keys: bool) -> Contents:
    """Write a backup of *home* to *file*; what it holds.

    SetupError if the catalogue lies in PostgreSQL, or *file* is there already.
    """
    settings = home.settings()
    if settings.archive.database:
        raise SetupError(
            "this home's catalogue lies in PostgreSQL: evidock cannot copy that",
            advice="Run pg_dump on it, and copy evidock.toml, archive/*.key and station/ of the"
            " home yourself (docs/backup.md).",
        )
    if file.exists():
        raise SetupError(f"{file} exists: a backup never takes the place of anything")
    with _snapshot(home) as folder:
        places = _places(folder, keys=keys)
        contents = _contents(settings, places, clock, keys=keys)
        backup_file.write(file, contents, places)
    return contents


@contextmanager
def _snapshot(home: Home) -> Iterator[Path]:
    """A folder with copies of all that may change, databases by whoever holds the home."""
    with _parts_of_its_own(home) as (name, folder):
        try:
            with home.locked():
                _copy_live(home, folder / _LIVE)
                _rest(home, folder)
        except HomeBusy:
            _copy_live(home, folder / _LIVE)
            while not control.ask(home.socket, "snapshot", name=name)["done"]:
                time.sleep(_LOOK_AGAIN)
        yield folder


@contextmanager
def _parts_of_its_own(home: Home) -> Iterator[tuple[str, Path]]:
    """Name and folder of one backup; it is locked, so that what a kill left behind is known."""
    folder = _parts(home, name := secrets.token_hex(16))
    with ExitStack() as stack:
        with _held(home.folder, fcntl.LOCK_EX):  # for a moment: nobody may take it for left behind
            _remove_left_behind(home)
            durable.make_folder(folder)
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.enter_context(_held(folder))
        yield name, folder


def _remove_left_behind(home: Home) -> None:
    """Remove the folders of backups that were killed: they hold keys."""
    for folder in home.folder.glob(f"{_PARTS}*"):
        with suppress(BlockingIOError, FileNotFoundError), _held(folder):
            shutil.rmtree(folder)


@contextmanager
def _held(folder: Path, how: int = fcntl.LOCK_EX | fcntl.LOCK_NB) -> Iterator[None]:
    """Lock *folder*; BlockingIOError if another backup works there, and *how* does not wait."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


def _parts(home: Home, name: str) -> Path:
    return home.folder / f"{_PARTS}-{name}"


def _copy_live(home: Home, into: Path) -> None:
    """Copy the small files, as they lay there together at one moment.

    TemporaryError if they come and go too fast for that.
    """
    for _ in range(_TRIES):
        shutil.rmtree(into, ignore_errors=True)
        listed = _live(home)
        with suppress(FileNotFoundError):  # one that went away: there is a newer one, so look again
            for name, file in listed.items():
                durable.make_folder((into / name).parent)
                durable.create(into / name, file.read_bytes(), mode=durable.PRIVATE)
            if _live(home).keys() == listed.keys():
                return
    raise TemporaryError(f"the files in {home.archive} change while they are copied: try again")


def _rest(home: Home, folder: Path) -> None:
    """The databases of a home that does not run; the caller holds it."""
    head = home.archive / "log" / CHECKPOINT
    catalogue, journal = home.archive / "catalogue.sqlite", home.station / JOURNAL
    if not catalogue.exists() or not head.exists():
        raise SetupError(f"{home.folder} never ran: there is nothing to back up")
    durable.create(folder / "checkpoint", head.read_bytes())
    snapshot_of_file(catalogue, folder / "catalogue.sqlite")
    if journal.exists():
        snapshot_of_file(journal, folder / JOURNAL)


def _live(home: Home) -> dict[str, Path]:
    """Path in the home -> the small file there that may change or go away."""
    files = [home.settings_file, home.simulation, home.folder / "demo-login.json"]
    files += _files_of(home.archive / "log" / TIMESTAMPS, below=False)
    files += _files_of(home.archive, below=True) + _files_of(home.station, below=False)
    return {file.relative_to(home.folder).as_posix(): file for file in files if file.is_file()}


def _places(folder: Path, *, keys: bool) -> dict[str, Path]:
    """Path in the home -> where its copy lies."""
    copied = {
        CATALOGUE: folder / "catalogue.sqlite",
        HEAD: folder / "checkpoint",
        _STATION: folder / JOURNAL,
    }
    found = [file for file in (folder / _LIVE).rglob("*") if file.is_file()]
    live = {file.relative_to(folder / _LIVE).as_posix(): file for file in found}
    places = {name: file for name, file in {**live, **copied}.items() if file.exists()}
    return {name: file for name, file in places.items() if keys or not _is_secret(name)}


def _files_of(folder: Path, *, below: bool) -> list[Path]:
    """The small files of a part of the home; databases are copied in another way."""
    found = sorted(folder.rglob("*") if below else folder.glob("*"))
    return [
        path
        for path in found
        if path.relative_to(folder).parts[0] not in _LEFT_OUT
        and ".sqlite" not in path.name
        and not path.name.endswith(durable.PART)
    ]


def _is_secret(name: str) -> bool:
    return name.endswith((".key", ".pem", "demo-login.json"))


def _contents(
    settings: Settings, places: Mapping[str, Path], clock: Clock, *, keys: bool
) -> Contents:
    head = Checkpoint.parse(places[HEAD].read_text("utf-8").partition("\n\n")[0] + "\n")
    parts = {name: _part(file) for name, file in sorted(places.items())}
    return Contents(
        format=backup_file.FORMAT,
        made=stamp(clock.now()),
        version=version(),
        agency=settings.agency.name,
        origin=head.origin,
        size=head.size,
        keys=keys,
        elsewhere=_named_outside(settings),
        parts=parts,
    )


def _part(file: Path) -> Part:
    with file.open("rb") as stream:
        blocks = iter(lambda: stream.read(1 << 20), b"")
        return Part(sha256=Sha256.of_blocks(blocks).hex, size=file.stat().st_size)


def _named_outside(settings: Settings) -> list[str]:
    named = [
        f"[{section}] {key}: {value}"
        for section, keys in _OUTSIDE.items()
        for key in keys
        if (value := getattr(getattr(settings, section), key, ""))
    ]
    return sorted(named)
