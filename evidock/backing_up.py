"""What a backup of a home holds, gathered at one moment, whether the home runs or not.

One rule: the log's head is taken before the catalogue is copied, so the copy always holds all that
was signed for.  What lies in the vault, and the log itself, is no part of it: these two keep
themselves (docs/backup.md).
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from archive.service import Archive
from evidence import durable
from evidence.clock import Clock, stamp
from evidence.digest import Sha256
from evidence.errors import HomeBusy, SetupError
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
"""Of the archive's folder: the log and what is made anew."""
_PARTS = "backup.parts"
_LOOK_AGAIN = 0.2
_OUTSIDE = {
    "vault": ("secret_key_file", "ca_file"),
    "archive": ("database_password_file",),
    "mail": ("password_file", "ca_file"),
    "station": ("profiles", "camera_passwords"),
}
"""Settings that name files of their own."""


@dataclass(slots=True, kw_only=True)
class Snapshotting:
    """The one snapshot that a running home makes at a time; whoever asks waits by asking again."""

    home: Home
    archive: Archive
    station: Station
    _task: asyncio.Task[None] | None = None

    async def answer(self, _request: Mapping[str, object]) -> control.Answer:
        """Begin a snapshot, or say whether it is done."""
        if self._task is None:
            self._task = asyncio.create_task(self._make())
        if not self._task.done():
            return {"done": False}
        task, self._task = self._task, None
        await task
        return {"done": True}

    async def aclose(self) -> None:
        """End what is under way: the home stops."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task

    async def _make(self) -> None:
        folder = await asyncio.to_thread(_fresh, self.home)
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
        places = _places(home, folder, keys=keys)
        contents = _contents(settings, places, clock, keys=keys)
        backup_file.write(file, contents, places)
    return contents


@contextmanager
def _snapshot(home: Home) -> Iterator[Path]:
    """A folder with copies of the databases, made by whoever holds the home."""
    folder = home.folder / _PARTS
    try:
        try:
            with home.locked():
                _rest(home)
                yield folder
                return
        except HomeBusy:
            while not control.ask(home.socket, "snapshot")["done"]:
                time.sleep(_LOOK_AGAIN)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rest(home: Home) -> None:
    """The copies of a home that does not run; the caller holds it."""
    folder, head = _fresh(home), home.archive / "log" / CHECKPOINT
    catalogue, journal = home.archive / "catalogue.sqlite", home.station / JOURNAL
    if not catalogue.exists() or not head.exists():
        raise SetupError(f"{home.folder} never ran: there is nothing to back up")
    durable.create(folder / "checkpoint", head.read_bytes())
    snapshot_of_file(catalogue, folder / "catalogue.sqlite")
    if journal.exists():
        snapshot_of_file(journal, folder / JOURNAL)


def _fresh(home: Home) -> Path:
    folder = home.folder / _PARTS
    shutil.rmtree(folder, ignore_errors=True)
    durable.make_folder(folder)
    return folder


def _places(home: Home, folder: Path, *, keys: bool) -> dict[str, Path]:
    """Path in the home -> where it lies now."""
    copied = {
        CATALOGUE: folder / "catalogue.sqlite",
        HEAD: folder / "checkpoint",
        _STATION: folder / JOURNAL,
    }
    files = [home.settings_file, home.simulation, home.folder / "demo-login.json"]
    files += _files_of(home.archive, below=True) + _files_of(home.station, below=False)
    live = {file.relative_to(home.folder).as_posix(): file for file in files if file.is_file()}
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
