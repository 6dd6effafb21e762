"""A catalogue brought to what a log says: wholly, or from where it stops.

One rule: entries first, then rows, and the log's own checkpoint last, by whoever called.  So a run
that was cut off is simply run again from the same place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive.catalogue import rebuilt, sayings, stored, told_cases
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.people import NO_PASSWORD
from archive.catalogue.stored import Row
from archive.catalogue.tellings import UNKNOWN
from archive.fixity import Finding
from archive.fixity.told import entry_columns
from archive.rebuild.folding import ClipRows, OtherRows, clip_rows
from archive.rebuild.history import History
from archive.rebuild.source import Source
from evidence.clip import ClipState

Progress = Callable[[str, int, int], None]
"""Hears what is being made, and how much of how many is done."""
_AT_ONCE = 50
"""Clips whose rows are made together."""
_READERS = 8
_NEW_PERSON = {"password_hash": NO_PASSWORD}
_NEW_LEGAL_HOLD = {"sure": False}
"""It is put on anew: nobody has asked the store yet whether it is there."""
_GONE = ClipState.DISPOSED.value
_NEW_CLIP = {"profile": UNKNOWN}
"""What a clip's row says where its entries say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What was brought."""

    entries: int
    """Those that were not there before."""
    clips: int
    """Whose rows were made."""
    findings: list[Finding]
    """What cannot be had, and what stands in its place."""


async def bring(
    catalogue: Catalogue,
    history: History,
    source: Source,
    *,
    agency: str,
    first: int = 0,
    progress: Progress,
) -> Brought:
    """Make *catalogue* hold the entries of *history* from log index *first* on, and their rows.

    The entries before *first* are there.  LogBroken if another entry stands in the place of one.
    """
    added = 0
    for begin, part in history.entries(first, history.size):
        progress("entries", begin, history.size)
        rows = [{"raw": raw, **entry_columns(raw)} for raw in part]
        added += await catalogue.run(rebuilt.add_entries, begin, rows)
    others, clips = OtherRows(), dict[str, None]()
    for begin, part in history.entries(first, history.size):
        progress("rows", begin, history.size)
        for clip in await asyncio.to_thread(_hear, others, begin, part, source):
            clips[clip] = None
    await catalogue.run(_put_others, others)
    findings, made, wanted = list(others.findings), 0, list(clips)
    for at in range(0, len(wanted), _AT_ONCE):
        progress("clips", at, len(wanted))
        rows_of = await _folded(catalogue, wanted[at : at + _AT_ONCE], agency, source)
        await catalogue.run(_put_clips, rows_of)
        made += len(rows_of)
        findings += [finding for each in rows_of for finding in each.findings]
    return Brought(entries=added, clips=made, findings=sorted(dict.fromkeys(findings)))


def _hear(others: OtherRows, begin: int, part: Sequence[bytes], source: Source) -> list[str]:
    about = [others.hear(seq, raw, source) for seq, raw in enumerate(part, start=begin)]
    return [clip for clip in about if clip is not None]


async def _folded(
    catalogue: Catalogue, clips: Sequence[str], agency: str, source: Source
) -> list[ClipRows]:
    rows = await catalogue.run(stored.of, "entry", "clip", clips)
    about: dict[str, list[tuple[int, bytes]]] = {clip: [] for clip in clips}
    for row in rows:
        about[str(row["clip"])].append((int(str(row["seq"])), bytes(row["raw"])))  # type: ignore[call-overload]
    turns = asyncio.Semaphore(_READERS)

    async def fold(clip: str) -> ClipRows | None:
        async with turns:
            return await asyncio.to_thread(clip_rows, clip, about[clip], agency, source)

    made = await asyncio.gather(*(fold(clip) for clip in clips))
    return [each for each in made if each is not None]


def _put_others(tx: Transaction, others: OtherRows) -> None:
    rebuilt.put(tx, "station", list(others.station.values()))
    known = stored.of(tx, "station", "id", list(others.through))
    moved: list[Mapping[str, object]] = [
        {**row, "journal_through": max(int(str(row["journal_through"])), others.through[name])}
        for row in known
        if (name := str(row["id"]))
    ]
    rebuilt.put(tx, "station", moved)
    for at in range(0, len(others.journal), _AT_ONCE):
        rebuilt.put(tx, "journal", others.journal[at : at + _AT_ONCE])
    rebuilt.put(tx, "person", list(others.person.values()), _NEW_PERSON)
    for table, told in others.told.items():
        rows = list(told.values())
        for at in range(0, len(rows), _AT_ONCE):
            rebuilt.put(tx, table, rows[at : at + _AT_ONCE])
    cases = list(others.told["police_case"])
    for at in range(0, len(cases), _AT_ONCE):
        told_cases.lay_out(tx, cases[at : at + _AT_ONCE])
    for table, said in others.said.items():
        rebuilt.put(tx, table, list(said.values()))
    for at in range(0, len(others.view_reason), _AT_ONCE):
        rebuilt.put(tx, "view_reason", others.view_reason[at : at + _AT_ONCE])


def _put_clips(tx: Transaction, made: Sequence[ClipRows]) -> None:
    """The clips' own rows first: the others hang on them."""
    clips = [str(each.clip["id"]) for each in made]
    rebuilt.keep_only(tx, "rendition", clips, _by_entry(each.rendition for each in made))
    rebuilt.keep_only(tx, "derived", clips, [row for each in made for row in each.wanted])
    rebuilt.keep_only(tx, "look", clips, _by_entry(each.look for each in made))
    rebuilt.keep_only(tx, "link", clips, [row for each in made for row in each.links])
    rebuilt.keep_only(tx, "copy", clips, _by_entry(each.copy for each in made))
    held = [row for each in made for row in each.legal_holds]
    rebuilt.keep_only(tx, "legal_hold", clips, held)
    gone = [str(each.clip["id"]) for each in made if each.clip["state"] == _GONE]
    for table in sorted(sayings.WITH_CLIP):
        rebuilt.keep_only(tx, table, gone, [])
    rebuilt.put(tx, "clip", [each.clip for each in made], _NEW_CLIP)
    rebuilt.put(tx, "rendition", [each.rendition for each in made if each.rendition])
    rebuilt.put(tx, "derived", [row for each in made for row in each.derived])
    rebuilt.put(tx, "look", [each.look for each in made if each.look])
    rebuilt.put(tx, "link", [row for each in made for row in each.links])
    rebuilt.put(tx, "copy", [each.copy for each in made if each.copy])
    rebuilt.put(tx, "legal_hold", held, _NEW_LEGAL_HOLD)


def _by_entry(rows: Iterable[Row]) -> list[Row]:
    """Which entry made each row; a clip that has none of the kind has an empty one."""
    return [{"clip": row["clip"], "by_entry": row["by_entry"]} for row in rows if row]
