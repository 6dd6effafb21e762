"""A new home made from a whole evidence package: what left one system goes on in another.

One rule: the package is judged by what its taker brings along before a byte of it is used, and the
home is marked as one last.  Then the log is the same up to the package's checkpoint, and what the
new home says first is where it holds each original.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from archive import books
from archive.catalogue import fixities, moves
from archive.catalogue.moves import Moved
from archive.census import KEY_FILE
from archive.fixity import Component, Finding, Step
from archive.log.key import KEY, signers
from archive.log.mirror import Mirror
from archive.rebuild.history import History, newest
from archive.rebuild.source import VaultSource
from archive.rebuild.stocking import Stocking, WholePackage, agency_of, log_in
from archive.rebuild.storing import Storing
from evidence import durable
from evidence.clock import Clock
from evidence.errors import DigestMismatch, LogBroken, SetupError
from evidence.package import STATEMENT, Statement
from evidence.retention import LawPack, at_intake, intake_lease
from evidence.settings import Settings
from evidence.vault import Lock, LockMode
from evidence.verification.bag import BAGIT, DATA
from evidence.verification.case import Brought
from evidence.verification.files import Files, Prefixed, read
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Outcome, Report, Verdict
from evidence.verification.zipped import Zipped
from evidock.brought import needed
from evidock.home import Home
from evidock.rebuilding import Rebuilt, Told, bring_into
from evidock.vaults import open_vault

_AT_ONCE = 100
_KEYS = "Get the key from its owner (HOME/archive/{name}, docs/keys.md), and name it with {option}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the package is judged by, and with what the new home goes on."""

    brought: Brought
    unverified: bool
    """Without a policy nobody knows whose package it is; the taker says that this is all right."""
    log_key: Path | None
    census_key: Path | None
    settings: Path | None
    """For the new home; without one the defaults, and the agency of the package."""


def is_package(path: Path) -> bool:
    """Whether a package lies at *path*, and no home."""
    return path.is_file() or (path / BAGIT).is_file()


async def take_over(package: Path, target: Home, terms: Terms, clock: Clock, told: Told) -> Rebuilt:
    """Make *target*, which the caller holds, from the *package*.

    DigestMismatch if the package is not genuine, SetupError without what it takes to go on.
    """
    key = _log_key(terms)
    files = await asyncio.to_thread(_files, package)
    await asyncio.to_thread(_judge, files, terms, told)
    statement = Statement.from_bytes(await asyncio.to_thread(read, files, DATA + STATEMENT))
    if statement.selection.kind != "all":
        raise SetupError(
            f"the package holds a selection ({statement.selection.kind}), not the whole archive",
            advice="A home is made from a package of evidock export --all.",
        )
    await asyncio.to_thread(_put_keys, target, terms, key)
    history = await asyncio.to_thread(_history, files, target, statement)
    whole = WholePackage(files=files, statement=statement, history=history)
    settings = await asyncio.to_thread(_settings, target, terms, whole)
    made = await _stocked(whole, target, settings, clock, told)
    await asyncio.to_thread(target.mark)
    census = [] if terms.census_key or not statement.completeness else [_no_census_key()]
    return replace(made, findings=[*made.findings, *census])


async def _stocked(
    package: WholePackage, target: Home, settings: Settings, clock: Clock, told: Told
) -> Rebuilt:
    async with open_vault(target, settings, clock) as vault:
        stocking = Stocking(
            package=package,
            vault=vault.vault,
            storing=Storing(
                files=package.files,
                vault=vault.vault,
                scratch=target.archive / "scratch",
                ca_file=settings.vault.ca_file,
            ),
            agency=settings.agency.name,
            law=LawPack(
                name=settings.archive.law_pack,
                floor=timedelta(days=settings.archive.floor_days),
            ),
            now=clock.now(),
        )
        moved = await asyncio.to_thread(stocking.run, told)
        source = VaultSource(vault.vault, settings.agency.name, log_in(package.files))
        made = await bring_into(target, settings, clock, source, told)
        await _said(settings, target, clock, stocking, moved)
    return made


async def _said(
    settings: Settings, target: Home, clock: Clock, stocking: Stocking, moved: Sequence[Moved]
) -> None:
    """Put on record where the originals lie, and give the vault its copy of the log."""
    async with books.opened(settings, target.archive, clock) as held:
        await held.catalogue.run(fixities.canary_moved)
        for first in range(0, len(moved), _AT_ONCE):
            last = await held.catalogue.run(moves.record, moved[first : first + _AT_ONCE])
            await held.sequencer.sequenced(last)
        lease = intake_lease(clock.now(), at_intake(clock.now(), stocking.law))
        mirror = Mirror(held.log, stocking.vault, held.signer.key)
        await asyncio.to_thread(mirror.run, Lock(mode=LockMode.COMPLIANCE, until=lease))


def _log_key(terms: Terms) -> bytes:
    if terms.log_key is None:
        raise SetupError(
            "without the log's key the new home could read this log and never sign for it: nothing"
            " could be archived, watched or exported there",
            advice=_KEYS.format(name=KEY, option="--log-key FILE")
            + " To look at a package, no home is needed: evidock verify, verify.html.",
        )
    return needed(terms.log_key)


def _files(package: Path) -> Files:
    files: Files = Folder(package) if package.is_dir() else Zipped(package)
    tops = {name.partition("/")[0] for name in files.names}
    return Prefixed(files, tops.pop()) if BAGIT not in files.names and len(tops) == 1 else files


def _judge(files: Files, terms: Terms, told: Told) -> None:
    """Return if the package may be used; DigestMismatch or SetupError saying why it may not."""
    if terms.brought.policy is None and not terms.unverified:
        raise SetupError(
            "nothing says whose package this is",
            advice="Name the keys that you trust with --policy FILE; or say --unverified.",
        )
    report = judge_package(files, terms.brought, told)
    if report.verdict is Verdict.FALSE:
        raise DigestMismatch(
            f"the package is not genuine, or not complete: {_first_fault(report)}",
            advice="Nothing of it was used. evidock verify names all that is wrong.",
        )
    if report.verdict is Verdict.CONSISTENT and terms.brought.policy is not None:
        open_steps = [each.why for each in report.steps if each.outcome is Outcome.NOT_DONE]
        raise SetupError(
            f"the package could not be verified to its end: {'; '.join(open_steps)}",
            advice="Bring what is missing (--tsa-ca FILE).",
        )


def _first_fault(report: Report) -> str:
    if not report.findings:
        return "a step could not be carried out"
    first, more = report.findings[0], len(report.findings) - 1
    told = f"step {first.step.value}, {first.subject}: {first.problem}"
    return f"{told} (and {more} more)" if more else told


def _put_keys(target: Home, terms: Terms, key: bytes) -> None:
    durable.make_folder(target.archive)
    target.folder.chmod(0o700)
    durable.create(target.archive / KEY, key, mode=durable.PRIVATE)
    if terms.census_key is not None:
        census = needed(terms.census_key)
        durable.create(target.archive / KEY_FILE, census, mode=durable.PRIVATE)


def _history(files: Files, target: Home, statement: Statement) -> History:
    """The package's log, believed for the key that goes on with it."""
    keys = [signer.key for signer in signers(target.archive, statement.origin)]
    try:
        return newest([log_in(files)], keys)[0]
    except LogBroken as error:
        raise SetupError(
            f"the key given is not the one that signs {statement.origin}: {error}",
            advice=_KEYS.format(name=KEY, option="--log-key FILE"),
        ) from error


def _settings(target: Home, terms: Terms, package: WholePackage) -> Settings:
    """The new home's settings; they must name the log, and the agency its objects lie under."""
    agency, statement = agency_of(package), package.statement
    text = f'[agency]\nname = "{agency}"\norigin = "{statement.origin}"\n'.encode()
    if terms.settings is not None:
        text = needed(terms.settings)
    durable.create(target.settings_file, text, mode=durable.PRIVATE)
    settings = target.settings()
    if (settings.agency.name, settings.agency.origin) != (agency, statement.origin):
        raise SetupError(
            f"the settings are of {settings.agency.name} and {settings.agency.origin}; the package"
            f" is of {agency} and {statement.origin}",
            advice="Give [agency] name and origin these values.",
        )
    return settings


def _no_census_key() -> Finding:
    return Finding(
        step=Step.CENSUS,
        component=Component.CENSUS,
        subject=KEY_FILE,
        problem="was not brought (--census-key): no further census can be taken, nor an officer's"
        " day be exported",
    )
