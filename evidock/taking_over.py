"""A new home made from a whole evidence package: what left one system goes on in another.

One rule: the package is judged by what its taker brings along before a byte of it is used, nothing
is signed here, and the home is marked as one last.  So whatever was cut off is done again, and the
first start hears everybody who may know more of the log, as a restored home does.  What it signs
first is where it holds each original.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from archive.catalogue import database, fixities, moves
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.moves import Moved
from archive.fixity import Component, Finding, Step
from archive.log.key import KEY, signers
from archive.log.mirror import copied_note
from archive.rebuild.history import History, newest
from archive.rebuild.source import VaultSource
from archive.rebuild.stocking import Stocking, WholePackage, agency_of, log_in
from archive.rebuild.storing import Storing
from archive.restored import RestoredMark
from evidence import durable
from evidence.clock import Clock
from evidence.custody import Entry
from evidence.errors import DigestMismatch, LogBroken, SetupError
from evidence.law import shelf
from evidence.note import open_checkpoint
from evidence.package import STATEMENT, Statement
from evidence.settings import Settings
from evidence.vault import Vault
from evidence.verification.bag import BAGIT, DATA
from evidence.verification.case import Brought
from evidence.verification.completeness import LOST
from evidence.verification.dossiers import LOST as FILED_LOST
from evidence.verification.files import Files, Prefixed, read
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Outcome, Report, Verdict
from evidence.verification.zipped import files_in
from evidock.brought import needed
from evidock.home import Home
from evidock.keys_brought import KEYS, KeysBrought, key_of, no_census_key
from evidock.rebuilding import Rebuilt, Told, bring_into, copy_log, empty_catalogue
from evidock.vaults import open_vault

_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the package is judged by, and with what the new home goes on."""

    brought: Brought
    unverified: bool
    """Without a policy nobody knows whose package it is; the taker says that this is all right."""
    accept_losses: bool
    """Take it though something of it was lost before it was made."""
    keys: KeysBrought
    settings: Path | None
    """For the new home; without one the defaults, and the agency of the package."""


def is_package(path: Path) -> bool:
    """Whether a package lies at *path*, and no home."""
    return path.is_file() or (path / BAGIT).is_file()


async def take_over(package: Path, target: Home, terms: Terms, clock: Clock, told: Told) -> Rebuilt:
    """Make *target*, which the caller holds, from the *package*.

    DigestMismatch if the package is not genuine, SetupError without what it takes to go on.
    """
    with ExitStack() as stack:
        files = await asyncio.to_thread(stack.enter_context, files_in(package))
        return await _taken(_inner(files), target, terms, clock, told)


async def _taken(files: Files, target: Home, terms: Terms, clock: Clock, told: Told) -> Rebuilt:
    key = terms.keys.log_key()
    report = await asyncio.to_thread(_judge, files, terms, told)
    statement = Statement.from_bytes(await asyncio.to_thread(read, files, DATA + STATEMENT))
    if statement.selection.kind != "all":
        raise SetupError(
            f"the package holds a selection ({statement.selection.kind}), not the whole archive",
            advice="A home is made from a package of evidock export --all.",
        )
    await asyncio.to_thread(terms.keys.put, target, key)
    history = await asyncio.to_thread(_history, files, target, statement)
    unled = await asyncio.to_thread(terms.keys.put_successions, target, history)
    await asyncio.to_thread(_see_judged, statement, history, report)
    whole = WholePackage(files=files, statement=statement, history=history)
    settings = await asyncio.to_thread(_settings, target, terms, whole)
    made = await _stocked(whole, target, settings, clock, told)
    await asyncio.to_thread(RestoredMark(target.archive).set, clock.now(), made.entries)
    await asyncio.to_thread(target.mark)
    census = [] if terms.keys.census or not statement.completeness else [no_census_key()]
    return replace(made, findings=[*made.findings, *lost_in(statement), *unled, *census])


async def _stocked(
    package: WholePackage, target: Home, settings: Settings, clock: Clock, told: Told
) -> Rebuilt:
    async with empty_catalogue(target, settings, clock):
        pass  # before anything is stored under a lock
    async with open_vault(target, settings, clock) as vault:
        await asyncio.to_thread(_see_not_behind, vault.vault, package.history, target)
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
            rulebook=shelf.rulebook(settings.archive),
            now=clock.now(),
        )
        moved = await asyncio.to_thread(stocking.run, told)
        source = VaultSource(vault.vault, settings.agency.name, log_in(package.files))
        made = await bring_into(target, settings, clock, source, told)
        await _recorded(settings, target, clock, moved)
        await asyncio.to_thread(copy_log, target, vault.vault, settings, stocking.now)
    return made


def _see_not_behind(vault: Vault, history: History, target: Home) -> None:
    """SetupError if the store has a copy of the log that goes on after the package."""
    note = copied_note(vault)
    if note is None:
        return
    copied = open_checkpoint(note, [key_of(target, history)])
    if copied.size > history.size:
        raise SetupError(
            f"the store holds a copy of this log with {copied.size} entries, the package only has"
            f" {history.size}: more was signed after the export",
            advice="Export the whole archive again, or take another store. Where the old home is"
            " still there, evidock rebuild --from HOME takes all of it.",
        )


async def _recorded(settings: Settings, target: Home, clock: Clock, moved: Sequence[Moved]) -> None:
    """Put on record where the originals lie; the first start signs for it."""
    catalogue = await Catalogue.opened(database.place(settings.archive, target.archive), clock)
    try:
        await catalogue.run(fixities.canary_moved)
        for first in range(0, len(moved), _AT_ONCE):
            await catalogue.run(moves.record, moved[first : first + _AT_ONCE])
    finally:
        await catalogue.close()


def _inner(files: Files) -> Files:
    """Those in the one folder that a zip file holds, if that is what it does."""
    tops = {name.partition("/")[0] for name in files.names}
    return Prefixed(files, tops.pop()) if BAGIT not in files.names and len(tops) == 1 else files


def _judge(files: Files, terms: Terms, told: Told) -> Report:
    """The report, if the package may be used; DigestMismatch or SetupError saying why it may not.

    Where :attr:`Terms.accept_losses` says so, its losses stop nothing.
    """
    if terms.brought.policy is None and not terms.unverified:
        raise SetupError(
            "nothing says whose package this is",
            advice="Name the keys that you trust with --policy FILE; or say --unverified.",
        )
    judged = judge_package(files, terms.brought, told)
    report = judged.but_for_losses() if terms.accept_losses else judged
    if judged.losses and report is judged and judged.but_for_losses().verdict is not Verdict.FALSE:
        raise DigestMismatch(
            "something was lost before the package was made"
            f" (first: {judged.losses[0].subject}: {judged.losses[0].problem}); the rest holds",
            advice="To take what there is: --accept-losses. Each loss is named.",
        )
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
    return judged


def _see_judged(statement: Statement, history: History, report: Report) -> None:
    """DigestMismatch unless *statement*, read again, is the one that was judged."""
    claim = report.claim
    if claim is None:
        raise DigestMismatch("the package's statement is named by no export entry of its log")
    [(_, (raw,))] = history.entries(claim.export, claim.export + 1)
    named = Entry(raw).fields["statement"]
    if named != {"sha256": statement.digest.hex}:
        raise DigestMismatch(
            "the package's statement is another than the one that was judged",
            advice="Somebody writes to the package. Take a copy that nobody else can write to.",
        )


def lost_in(statement: Statement) -> list[Finding]:
    """Everything that was lost; a report names no more than the first thousand of a step."""
    found = [
        Finding(
            step=Step.ORIGINALS,
            component=Component.ORIGINAL,
            subject=each.clip,
            problem=LOST,
        )
        for each in statement.clips
        if each.without == "missing"
    ]
    filed = (Component.DOCUMENT, statement.documents), (Component.DOSSIER, statement.dossiers)
    found += [
        Finding(
            step=Step.DOSSIERS,
            component=component,
            subject=f"entry {each.entry}",
            problem=FILED_LOST,
        )
        for component, listed in filed
        for each in listed
        if each.without == "missing"
    ]
    return found


def _first_fault(report: Report) -> str:
    if not report.findings:
        return "a step could not be carried out"
    first, more = report.findings[0], len(report.findings) - 1
    told = f"step {first.step.value}, {first.subject}: {first.problem}"
    return f"{told} (and {more} more)" if more else told


def _history(files: Files, target: Home, statement: Statement) -> History:
    """The package's log, believed for the key that goes on with it."""
    keys = [signer.key for signer in signers(target.archive, statement.origin)]
    try:
        return newest([log_in(files)], keys)[0]
    except LogBroken as error:
        raise SetupError(
            f"the key given is not the one that signs {statement.origin}: {error}",
            advice=KEYS.format(name=KEY, option="--log-key FILE"),
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
