"""A new home made from the vault and the log of another one.

One rule: the home it is made from is held and only read, and no two engines ever work on one
folder.  An embedded vault is therefore copied (sharing the blocks of the disk where the file system
can); a store of somebody else is used by the new home from then on, and no more by the old one.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archive.catalogue import database, rebuilt
from archive.catalogue.catalogue import Catalogue
from archive.fixity import Component, Finding, Step
from archive.log.key import KEY, SUCCESSIONS, signers, statements
from archive.log.log import Log
from archive.log.mirror import Mirror, copied_note
from archive.log.store import TileStore
from archive.log.timestamps import FOLDER as STAMPS
from archive.log.witnesses import HALTED, WITNESSED
from archive.rebuild.bringing import bring
from archive.rebuild.history import newest
from archive.rebuild.source import LogFiles, VaultSource
from archive.restored import RestoredMark
from evidence import durable
from evidence.clock import Clock
from evidence.errors import SetupError
from evidence.law import shelf
from evidence.settings import Settings
from evidence.vault import Lock, LockMode, Vault
from evidock.home import Home
from evidock.vaults import open_vault

Told = Callable[[str, int, int], None]
"""Hears what is being made, and how much of how many is done."""

_LOG = "log"
_FICLONE = 0x40049409
"""Linux: let a new file share the blocks of another until one of them is written."""
_PRIVATE_LIFE = {"ports.json", "console", "log"}
"""What an engine keeps for its own run, in its state folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What was made."""

    log: str
    """Where the log was taken from."""
    origin: str
    entries: int
    clips: int
    findings: list[Finding]
    """What could not be had."""

    def to_wire(self) -> dict[str, object]:
        """As JSON."""
        return {
            "log": self.log,
            "origin": self.origin,
            "entries": self.entries,
            "clips": self.clips,
            "findings": [finding.to_wire() for finding in self.findings],
        }


def must_be_empty(target: Home) -> None:
    """SetupError unless *target* is an empty folder, or none yet.

    A lock may lie there: a rebuild that was refused leaves it.
    """
    there = target.folder.is_dir() and {each.name for each in target.folder.iterdir()} - {"lock"}
    if there or (target.folder.exists() and not target.folder.is_dir()):
        raise SetupError(
            f"{target.folder} is not empty: a rebuilt home is never mixed into anything",
            advice="Give a new or empty folder with --into. What a rebuild left there that was cut"
            " off may be removed.",
        )


async def rebuild(source: Home, target: Home, clock: Clock, told: Told) -> Rebuilt:
    """Make *target* from *source*; the caller holds both.  Errors as of the log, vault and home.

    *target* is marked as a home last: one that was cut off is none.
    """
    settings = source.settings()
    _see_key(source)
    await asyncio.to_thread(_take_settings, source, target)
    if settings.vault.kind == "embedded":
        await asyncio.to_thread(_copy_vault, source, target, told)
    async with open_vault(target, settings, clock, proven=False) as vault:
        folder = TileStore(source.archive / _LOG)
        place = LogFiles(name=f"the log in {folder.folder}", read=folder.read)
        taken = VaultSource(vault.vault, settings.agency.name, place)
        made = await bring_into(target, settings, clock, taken, told)
        if await asyncio.to_thread(copied_note, vault.vault) is None:
            # The first start wants somebody who knows the log, and only a start would copy it.
            await asyncio.to_thread(copy_log, target, vault.vault, settings, clock.now())
            made = replace(made, findings=[*made.findings, _no_copy()])
    # The log it was made from may be an old one: whoever knows more is asked before it signs.
    await asyncio.to_thread(RestoredMark(target.archive).set, clock.now(), made.entries)
    await asyncio.to_thread(target.mark)
    return made


async def bring_into(
    target: Home, settings: Settings, clock: Clock, source: VaultSource, told: Told
) -> Rebuilt:
    """Give *target*, which has the log's key, the catalogue and log that *source* has."""
    signing = await asyncio.to_thread(signers, target.archive, settings.agency.origin)
    told("log", 0, 1)
    history, wrong = await asyncio.to_thread(
        newest, source.logs(), [signer.key for signer in signing]
    )
    agency = settings.agency.name
    async with empty_catalogue(target, settings, clock) as catalogue:
        brought = await bring(catalogue, history, source, agency=agency, progress=told)
    await asyncio.to_thread(history.copy, TileStore(target.archive / _LOG))
    return Rebuilt(
        log=history.name,
        origin=history.checkpoint.origin,
        entries=history.size,
        clips=brought.clips,
        findings=[*wrong, *brought.findings],
    )


@asynccontextmanager
async def empty_catalogue(
    target: Home, settings: Settings, clock: Clock
) -> AsyncIterator[Catalogue]:
    """The catalogue of *target*; SetupError if it holds entries: nothing is mixed into it."""
    place = database.place(settings.archive, target.archive)
    catalogue = await Catalogue.opened(place, clock)
    try:
        if not await catalogue.run(rebuilt.is_empty):
            raise SetupError(
                f"the catalogue {database.shown(place)} holds entries already",
                advice="Name an empty database: EVIDOCK_ARCHIVE_DATABASE=postgresql://…",
            )
        yield catalogue
    finally:
        await catalogue.close()


def copy_log(target: Home, vault: Vault, settings: Settings, now: datetime) -> None:
    """Give *vault* its copy of the log of *target*, under the checkpoint that the log has."""
    signing = signers(target.archive, settings.agency.origin)
    log = Log.open(TileStore(target.archive / _LOG), *signing)
    until = shelf.rulebook(settings.archive).first_lease(now)
    Mirror(log, vault, signing[0].key).run(Lock(mode=LockMode.COMPLIANCE, until=until))


def _no_copy() -> Finding:
    return Finding(
        step=Step.CHECKPOINT,
        component=Component.LOG,
        subject="the vault's copy of the log",
        problem="was not there and was made anew from the home's folder: whether more was signed,"
        " only witnesses and receipts can tell",
    )


def _see_key(source: Home) -> None:
    if not (source.archive / KEY).exists():
        raise SetupError(
            f"{source.archive / KEY} is missing: without it the log can be read, but not believed"
            " nor continued",
            advice="Put the log's key back from its backup (docs/keys.md), then rebuild again.",
        )


def _take_settings(source: Home, target: Home) -> None:
    durable.make_folder(target.archive)
    target.folder.chmod(0o700)
    for file in sorted(source.archive.glob("*.key")):  # the log's, and what census labels hang on
        durable.create(target.archive / file.name, file.read_bytes(), mode=durable.PRIVATE)
    for number, statement in enumerate(statements(source.archive), start=1):
        durable.make_folder(target.archive / SUCCESSIONS)
        durable.create(target.archive / SUCCESSIONS / f"{number:06d}", statement)
    _take_words(source, target)
    for file in (source.settings_file, source.simulation):
        if file.exists():
            durable.create(target.folder / file.name, file.read_bytes(), mode=durable.PRIVATE)


def _take_words(source: Home, target: Home) -> None:
    """What others said of the log, and why it was stopped: a new home does not forget that."""
    for folder in (WITNESSED, f"{_LOG}/{STAMPS}"):
        if (source.archive / folder).is_dir():
            durable.make_folder(target.archive / folder)
            for file in sorted((source.archive / folder).iterdir()):
                if not file.is_file() or file.name.endswith(durable.PART):
                    continue  # of a write that was cut off, or of somebody else
                durable.create(target.archive / folder / file.name, file.read_bytes())
    if (source.archive / HALTED).exists():
        durable.create(target.archive / HALTED, (source.archive / HALTED).read_bytes())


def _copy_vault(source: Home, target: Home, told: Told) -> None:
    """Copy the embedded store at rest: the caller holds the home, and its engine died with it."""
    if not source.vault.is_dir():
        raise SetupError(
            f"{source.vault} is missing: there is no vault to rebuild from",
            advice="Put the vault's folder back, or name the home that has it with --from.",
        )
    files = sorted(path for path in source.vault.rglob("*") if _is_kept(source.vault, path))
    total = sum(path.stat().st_size for path in files)
    done = 0
    for path in files:
        told("vault", done, total)
        into = target.vault / path.relative_to(source.vault)
        durable.make_folder(into.parent)
        _copy(path, into)
        done += path.stat().st_size
    durable.sync_filesystem(target.folder)


def _is_kept(vault: Path, path: Path) -> bool:
    state = vault / "state"
    own = state in path.parents and path.relative_to(state).parts[0] in _PRIVATE_LIFE
    return path.is_file() and not path.is_symlink() and not own


def _copy(path: Path, into: Path) -> None:
    """Copy one file with its mode; DiskFull or TemporaryError if it cannot be written."""
    try:
        with path.open("rb") as taken, into.open("xb") as made:
            os.fchmod(made.fileno(), path.stat().st_mode & 0o777)
            with suppress(OSError):  # another file system, or one that shares no blocks
                fcntl.ioctl(made.fileno(), _FICLONE, taken.fileno())
                return
            shutil.copyfileobj(taken, made, 1 << 20)
    except OSError as error:
        raise durable.translate(error, into) from error
