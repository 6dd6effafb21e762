"""What other rules would make of the clips of a home, running or not; nothing is changed by asking.

Packs go to a running home by their text: who asks can read the files, the home perhaps not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from archive.retaining import Change
from archive.service import Archive
from evidence.clock import SystemClock, stamp
from evidence.law import shelf
from evidence.law.pack import LawPack
from evidence.law.rulebook import Rulebook
from evidence.retention import FOR_EVER, Retention
from evidence.settings import ArchiveSettings
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running, resting

OPERATION = "retention-preview"


def preview_of(book: Rulebook, found: Sequence[Change]) -> dict[str, object]:
    """What *book* would make of all clips, as JSON."""
    return {
        "packs": [_pack(each) for each in (book.law, *book.rule_sets)],
        "clips": len(found),
        "longer": [_shown(each) for each in found if each.is_longer],
        "shorter": [_shown(each) for each in found if each.is_shorter],
    }


def ask(home: Home, law: str | None, rule_sets: Sequence[str]) -> dict[str, object]:
    """The preview of a *home*, by the process that runs it if one does.

    *law* and *rule_sets* name packs as the settings do; SetupError if one is no good.
    """
    told = _texts(law, rule_sets)
    return ask_if_running(home, OPERATION, **told) or asyncio.run(_at_rest(home, told))


def preview_operation(archive: Archive, chosen: ArchiveSettings) -> Mapping[str, control.Operation]:
    """What a running home answers."""

    async def answer(request: Mapping[str, object]) -> control.Answer:
        book = await asyncio.to_thread(wanted, chosen, request)
        return preview_of(book, await archive.rule_changes(book))

    return {OPERATION: answer}


async def _at_rest(home: Home, told: Mapping[str, object]) -> dict[str, object]:
    clock = SystemClock()
    book = await asyncio.to_thread(wanted, home.settings().archive, told)
    async with resting(home, clock) as still:
        return preview_of(book, await still.archive.rule_changes(book, clock.now()))


def wanted(chosen: ArchiveSettings, told: Mapping[str, object]) -> Rulebook:
    """The rulebook of the settings, with the packs in *told* in place of those it names."""
    book = shelf.rulebook(chosen)
    law, sets = told.get("law"), told.get("rule_sets")
    if isinstance(law, str):
        book = replace(book, law=LawPack.parse(law.encode(), "--law"))
    if isinstance(sets, list) and sets:
        packs = tuple(LawPack.parse(str(each).encode(), "--rules") for each in sets)
        book = replace(book, rule_sets=packs)
    return book


def _texts(law: str | None, rule_sets: Sequence[str]) -> dict[str, object]:
    """The files of the packs named, each read and found to be good."""
    return {
        "law": None if law is None else shelf.pack(law).raw.decode(),
        "rule_sets": [shelf.pack(each).raw.decode() for each in rule_sets],
    }


def _pack(pack: LawPack) -> dict[str, object]:
    return {"pack": pack.reference, "sha256": pack.digest.hex, "title": pack.title}


def _shown(change: Change) -> dict[str, object]:
    return {"clip": change.clip, "now": _date(change.now), "then": _date(change.then)}


def _date(kept: Retention) -> dict[str, object]:
    until = None if kept.until >= FOR_EVER else stamp(kept.until)
    return {"until": until, "rule": kept.rule}
