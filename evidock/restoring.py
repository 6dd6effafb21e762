"""A home made from a backup: it catches up before it signs, and its station begins anew.

One rule: nothing is put into a folder that holds anything of a home but its vault, and the folder
is a home only when all of it is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from archive.restoring import put_back
from evidence import durable
from evidence.clock import Clock
from evidence.errors import SetupError
from evidock.backing_up import CATALOGUE, HEAD
from evidock.backup_file import BackupFile, Contents
from evidock.home import Home

MAY_BE_THERE = frozenset({"vault", "receipts", "public", "lock", "docks", "samples"})
"""What a folder may hold that a backup is restored into."""
BEFORE = "station.before-restore"
"""Where the station's own files are put aside."""


def must_take_a_backup(home: Home) -> None:
    """SetupError if *home* holds anything that a backup would be mixed into."""
    if not home.folder.exists():
        return
    there = {entry.name for entry in home.folder.iterdir()} - MAY_BE_THERE
    if there:
        raise SetupError(
            f"{home.folder} holds {min(there)}: a backup is never mixed into a home",
            advice="Give a new folder with --into; an embedded vault may lie in it already.",
        )


def restore(home: Home, file: Path, clock: Clock, *, same_station: bool) -> Contents:
    """Put the backup *file* into *home*, which the caller holds; what the backup held.

    DigestMismatch if it is not whole, LogBroken if its catalogue does not give the log's head.
    With *same_station* the station goes on as the one it was: only if it did nothing since.
    """
    backup = BackupFile(file)
    contents = backup.verified()
    durable.make_folder(home.folder)
    home.folder.chmod(0o700)
    places = _places(home, contents, same_station=same_station)
    backup.take_out(places)
    settings = home.settings()
    if settings.agency.origin != contents.origin:
        raise SetupError(
            f"the settings name the log {settings.agency.origin}, the backup is of"
            f" {contents.origin}",
            advice="Take EVIDOCK_AGENCY_ORIGIN out of the environment.",
        )
    note = places[HEAD].read_bytes()
    asyncio.run(put_back(settings, home.archive, note, clock))
    durable.discard(places[HEAD])
    home.mark()
    return contents


def _places(home: Home, contents: Contents, *, same_station: bool) -> Mapping[str, Path]:
    for name in (CATALOGUE, HEAD):
        if name not in contents.parts:
            raise SetupError(f"the backup lacks {name}: nothing can be made of it")
    places = {name: home.folder / name for name in contents.parts}
    places[HEAD] = home.archive / "restored.checkpoint"
    if not same_station:
        places |= {
            name: home.folder / BEFORE / name.removeprefix("station/")
            for name in contents.parts
            if name.startswith("station/")
        }
    return places
