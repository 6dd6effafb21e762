"""Before the first signature: does anybody know more of our log than we do?

One rule: what was signed once is taken in as it is, and nothing is signed while somebody is known
to have seen entries that are not to be had.  A restored archive must hear everybody, and at least
one of them must have seen its log; any other start goes on without those who do not answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from archive.catalogue import entries
from archive.catalogue.catalogue import Catalogue
from archive.fixity import Finding
from archive.log.elsewhere import Elsewhere, Known, VaultCopy
from archive.log.key import BEFORE, KEY
from archive.log.log import Log
from archive.rebuild.bringing import bring
from archive.rebuild.history import History
from archive.rebuild.source import Source, VaultSource
from evidence.errors import LogBroken, TemporaryError
from evidence.merkle import CompactRange
from evidence.note import Checkpoint, open_checkpoint
from evidence.tiles import TileTree, check_growth
from evidence.vault import Vault

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """What was taken in."""

    before: int
    """How many entries the log had."""
    size: int
    """How many it has."""
    findings: list[Finding] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    """Checkpoints of it that others showed, each signed by a key that signs here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Who is asked, and from whom objects are had."""

    places: Sequence[Elsewhere]
    source: Source
    agency: str
    names_another_key: bool = False
    """Whoever asks is about to name another key of the log, should the one that follows be lost."""

    @classmethod
    def around(cls, vault: Vault, agency: str, *elsewhere: Elsewhere) -> Self:
        """The *agency*'s *vault*, and whoever is *elsewhere*."""
        places = (VaultCopy(vault), *elsewhere)
        return cls(places=places, source=VaultSource(vault, agency), agency=agency)


async def catch_up(catalogue: Catalogue, log: Log, others: Others, *, restored: bool) -> CaughtUp:
    """Bring *log* and *catalogue* to what was signed for, or raise before anything is signed.

    LogBroken if somebody has seen more than can be had, or another history; after a restore
    TemporaryError, too, if somebody does not answer.
    """
    before = log.size
    heard = await asyncio.to_thread(_ask, log, others.places, must=restored)
    if restored and before and not heard:
        raise LogBroken(
            f"this archive was restored with {before} entries, and nobody can say how many its log"
            " had: it may not sign",
            advice="Make the vault that holds the copy of the log reachable, or name a witness"
            " (docs/backup.md).",
        )
    ours = _own(log)
    histories = await asyncio.to_thread(_histories, log, heard)
    longest = max([ours, *histories], key=lambda history: history.size)
    _see_enough(heard, longest.size)
    heads = [known.note for _, known in heard if known.note is not None]
    if longest is ours and not restored:
        return CaughtUp(before=before, size=before, heads=heads)
    if longest is not ours:
        await asyncio.to_thread(_see_true, longest, ours)
    return replace(await _take_in(catalogue, log, others, longest), heads=heads)


def _own(log: Log) -> History:
    """The log as our own folder holds it."""
    note = log.checkpoint()
    checkpoint = open_checkpoint(note, log.keys)
    return History(name="the log's own folder", note=note, checkpoint=checkpoint, read=log.read)


def _histories(log: Log, heard: Sequence[tuple[str, Known]]) -> list[History]:
    return [history for name, known in heard if (history := _history(log, name, known))]


def _ask(log: Log, places: Sequence[Elsewhere], *, must: bool) -> list[tuple[str, Known]]:
    """What everybody knows who has seen the log."""
    ours, heard = log.checkpoint(), list[tuple[str, Known]]()
    for place in places:
        try:
            known = place.known(ours)
        except TemporaryError as error:
            if must:
                raise TemporaryError(
                    f"{place.name} does not answer, and a restored archive may not sign before it"
                    f" did: {error}",
                    advice="Make it reachable, then start again. A witness that is gone for good"
                    " has to be taken out of the policy (docs/backup.md).",
                ) from error
            _log.warning("%s could not be asked before signing: %s", place.name, error)
            continue
        if known is not None:
            heard.append((place.name, known))
    return heard


def _history(log: Log, name: str, known: Known) -> History | None:
    """The log as *name* holds it; None if it holds no files.  LogBroken if it is another one."""
    if known.note is None:
        return None
    checkpoint = _opened(name, known.note, log)
    if checkpoint.size <= log.size:
        tree = TileTree(log.size, log.read)
        if CompactRange.read(tree, checkpoint.size).root != checkpoint.root:
            raise LogBroken(
                f"{name} holds another log: at {checkpoint.size} entries its root is not ours",
                advice="Keep both as they are: together they prove that the log was forked.",
            )
    if known.read is None:
        return None
    return History(name=name, note=known.note, checkpoint=checkpoint, read=known.read)


def _opened(name: str, note: bytes, log: Log) -> Checkpoint:
    try:
        return open_checkpoint(note, log.keys)
    except LogBroken as error:
        raise LogBroken(
            f"{name} is not signed by a key that signs here: {error}",
            advice="Where another key followed the one here and that was retired, this is an old"
            f" one: put the newer one back as {KEY}, the one here as {BEFORE} beside it"
            " (docs/keys.md). Else it is the copy of another log. Nothing was signed.",
        ) from error


def _see_true(longest: History, ours: History) -> None:
    """LogBroken unless it began as *ours*, and its files behind that are what was signed."""
    if not longest.begins_with(ours.checkpoint):
        raise LogBroken(
            f"{longest.name} is of another log: its root at {ours.size} entries is not ours",
            advice="Keep both as they are: together they prove that the log was forked.",
        )
    check_growth(ours.size, longest.size, longest.checkpoint.root, longest.read)


def _see_enough(heard: Sequence[tuple[str, Known]], have: int) -> None:
    """LogBroken if somebody has seen more than anybody can give."""
    for name, known in heard:
        seen = known.size or 0
        if known.note is not None:
            seen = max(seen, _size_of(known.note))
        if seen > have:
            raise LogBroken(
                f"{name} has seen {seen} entries of this log, and only {have} are to be had:"
                " signing now would fork it",
                advice="This is an old copy. Bring back the vault's copy of the log, or a newer"
                " backup; nothing was signed.",
            )


def _size_of(note: bytes) -> int:
    """The size in a checkpoint that was opened before."""
    return int(note.split(b"\n", 2)[1])


async def _take_in(catalogue: Catalogue, log: Log, others: Others, longest: History) -> CaughtUp:
    """Entries into the catalogue, with their rows; then into the log, under the note they had."""
    before, committed = log.size, await catalogue.run(entries.count)
    brought = await bring(
        catalogue,
        longest,
        others.source,
        agency=others.agency,
        first=min(before, committed, longest.size),
        progress=lambda *_: None,
    )
    if longest.size > before:
        missing = [raw for _, part in longest.entries(before, longest.size) for raw in part]
        await asyncio.to_thread(log.adopt, longest.note, missing)
        _log.warning("caught up from %s: %d entries, now %d", longest.name, before, log.size)
    return CaughtUp(before=before, size=log.size, findings=brought.findings)
