"""The one order of an export.

Select at the size the log has; write the statement; put on record who takes it out and why, and
wait until that is signed for; only then do bytes leave, with proofs under a checkpoint that covers
the record.  One rule: without that entry no byte leaves, whatever has gone wrong.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from archive.books import Books
from archive.catalogue import censuses, entries, exports, filings
from archive.catalogue.exports import Said
from archive.census import Censuses
from archive.export import case, timeline
from archive.export.bag import Bag, bag_at
from archive.export.completeness import Completeness, listed, must_list
from archive.export.contents import Contents
from archive.export.filed import filed
from archive.export.order import Exported, Order, Progress, Stage, nobody
from archive.export.plan import Filed, Plan, Stocktaking, must_be_readable, plan
from archive.export.proofs import Proofs
from archive.export.reading import Read, read
from archive.export.told import Told
from archive.export.vouching import Vouched, vouched
from archive.originals import export_record_key, keep_record
from evidence.canonical import canonical
from evidence.census import ShownCensus, Subject
from evidence.clock import Clock, stamp, unstamp
from evidence.commitment import Opening
from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.names import folded
from evidence.package import CASE, TIMELINE, Selection
from evidence.vault import Lock, LockMode, Vault

RECORD_FORMAT = "evidock-export/v1"
_LONGEST_REASON = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selected:
    """What was found before the export is on record."""

    plan: Plan
    digest: Sha256
    """Of the statement; it may be long, so it is taken once, and aside."""
    censuses: dict[int, ShownCensus]
    complete_to: int | None
    left_out: dict[str, str]


class Exports:
    """Takes packages out."""

    def __init__(self, books: Books, vault: Vault, clock: Clock, counts: Censuses) -> None:
        self._books = books
        self._vault = vault
        self._clock = clock
        self._counts = counts

    async def export(self, order: Order, told: Progress = nobody) -> Exported:
        """Make the package that is ordered; errors as its parts have them.

        Cancelled or failed it leaves no part of a package behind; what was on record stays so.
        """
        well_formed(order)
        if order.selection.kind == "all":
            await self._must_be_continuable()
        told(Stage.SELECTING, 0, 0, 0, 0)
        made, stop = self._clock.now(), threading.Event()
        async with _opened(order.out, made, stop.is_set) as bag:
            selected = await self._select(order, stamp(made))
            told(Stage.RECORDING, 0, len(selected.plan.originals), 0, selected.plan.bytes)
            entry, record = await self._record(order, selected)
            found = await vouched(self._books, entry)
            contents = Contents(
                plan=selected.plan,
                proofs=await asyncio.to_thread(Proofs, self._books.log, found.note),
                record=record,
                tokens=found.tokens,
                exported=entry,
                censuses=selected.censuses,
                vault=self._vault,
                told=told,
            )
            writing = asyncio.create_task(asyncio.to_thread(_write, order, contents, bag))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                stop.set()  # it ends within a block; before that, what it writes is not removed
                await asyncio.wait([writing])
                raise
        return _exported(order, entry, selected, found)

    async def _must_be_continuable(self) -> None:
        """SetupError amid a change of the log's key: no key could go on with the log it holds."""
        named = await self._books.catalogue.run(entries.key_named_last)
        if named not in {None, str(self._books.log.key)}:
            raise SetupError(
                f"the log says that the key {named} follows, and it does not sign yet: a home made"
                " of this package could go on with neither key",
                advice="See the change of the key through first: evidock keys rotate, at rest.",
            )

    async def _select(self, order: Order, made: str) -> _Selected:
        """All that the package will hold; nothing of it has left yet."""
        if order.selection.kind == "officer-day":
            await self._counts.take()
        found = await self._books.catalogue.run(
            read,
            order.selection,
            minutes=self._counts.rules.utc_offset_minutes,
            with_renditions=order.with_renditions,
            counted_at=await self._counted_at(order.selection),
        )
        selection = found.selection
        shown = Completeness(censuses=self._counts, taken=found.censuses)
        by_census = await asyncio.to_thread(_shown, shown, found)
        why = await asyncio.to_thread(timeline.lacking, order.languages, len(found.taken.clips))
        left_out = {} if why is None else {TIMELINE: why}
        stock = Stocktaking(vault=self._vault, agency=self._counts.rules.agency)
        planned = await asyncio.to_thread(
            plan,
            found,
            await self._filed(found, stock),
            stock,
            selection=replace_clips(selection, order.selection.clips),
            origin=self._books.log.key.name,
            made=made,
            left_out=sorted(left_out),
        )
        await asyncio.to_thread(must_be_readable, planned, by_census.values())
        reaches = shown.reaches() if selection.kind == "officer-day" else None
        return _Selected(
            plan=planned,
            digest=await asyncio.to_thread(lambda: planned.statement.digest),
            censuses=by_census,
            complete_to=reaches,
            left_out=left_out,
        )

    async def _filed(self, found: Read, stock: Stocktaking) -> Filed:
        """Documents and dossiers that go in, and the entries that go along with them."""
        is_whole, size = found.selection.kind == "all", found.taken.size
        papers = await asyncio.to_thread(filed, found.filings, stock, is_whole=is_whole)
        clips = [each.clip for each in found.taken.clips]
        along = await self._books.catalogue.run(filings.going_along, papers.came, clips, size)
        went = (each for each in papers.went if each < size)
        return replace(papers, along=tuple(sorted({*along, *went})))

    async def _counted_at(self, selection: Selection) -> Collection[int]:
        """Log indexes that the censuses count among an officer's day, whatever rows tell."""
        if selection.kind != "officer-day":
            return ()
        found = await self._books.catalogue.run(censuses.of_all)
        shown = Completeness(censuses=self._counts, taken=found)
        subject = Subject(officer=folded(selection.subject or ""), day=selection.day or "")
        return await asyncio.to_thread(lambda: listed(shown.of(subject)))

    async def _record(self, order: Order, selected: _Selected) -> tuple[int, bytes]:
        """Put the export on record and see it signed for; its log index, and what opens it."""
        statement, digest = selected.plan.statement, selected.digest
        openings = {} if order.reason is None else {"reason": Opening.fresh(order.reason)}
        if statement.selection.kind == "officer-day":
            openings["officer"] = Opening.fresh(statement.selection.subject or "")
        data = canonical(
            {
                "format": RECORD_FORMAT,
                "statement": digest.hex,
                "openings": {name: held.to_wire() for name, held in openings.items()},
            }
        )
        record = await asyncio.to_thread(self._keep, data)
        said = Said(
            by=order.by,
            statement=digest,
            selection=statement.selection.kind,
            clips=len(statement.clips),
            size=selected.plan.bytes,
            record=record,
            commitments={name: held.commitment for name, held in openings.items()},
        )
        case = statement.selection.subject if statement.selection.kind == "case" else None
        entry = await self._books.catalogue.run(exports.record, said, case)
        await self._books.sequencer.sequenced(entry)
        return entry, data

    def _keep(self, data: bytes) -> Sha256:
        """Keep what opens the commitments of the entry, as long as a clip of today."""
        rules = self._counts.rules
        until = rules.rulebook.first_lease(self._clock.now())
        lock = Lock(mode=LockMode.COMPLIANCE, until=until)
        key = export_record_key(rules.agency, Sha256.of(data).hex)
        return keep_record(self._vault, key, data, lock)


@asynccontextmanager
async def _opened(out: Path, made: datetime, stopped: Callable[[], bool]) -> AsyncIterator[Bag]:
    """:func:`bag_at`, opened and closed in threads: a share that hangs holds up nobody else."""
    held = bag_at(out, made, stopped)
    opening = asyncio.create_task(asyncio.to_thread(held.__enter__))
    try:
        bag = await asyncio.shield(opening)
    except asyncio.CancelledError as error:
        await asyncio.wait([opening])
        if opening.exception() is None:
            await asyncio.to_thread(held.__exit__, type(error), error, error.__traceback__)
        raise
    try:
        yield bag
    except BaseException as error:
        await asyncio.to_thread(held.__exit__, type(error), error, error.__traceback__)
        raise
    await asyncio.to_thread(held.__exit__, None, None, None)


def _shown(shown: Completeness, found: Read) -> dict[int, ShownCensus]:
    """What the package shows of each census, by log index; blocks on the vault."""
    if found.selection.kind == "all":
        return shown.whole({each.entry: each for each in found.arrivals})
    if found.selection.kind != "officer-day":
        return {}
    day = found.selection.day or ""
    by_census = shown.of(Subject(officer=found.selection.subject, day=day))
    entries = [clip.entry for clip in found.taken.clips]
    must_list(by_census, [entry for entry in entries if entry < shown.reaches()])
    return by_census


def _write(order: Order, contents: Contents, bag: Bag) -> None:
    """Fill the *bag*, and give it its name; blocks."""
    statement = contents.plan.statement
    manifests = contents.write(bag)
    told = Told(contents=contents, manifests=manifests)
    bag.stream(CASE, case.graph(told), None, None)
    if order.languages and TIMELINE not in statement.left_out:
        bag.data(TIMELINE, timeline.pages(told, order.languages))
    for name, data in order.enclosed.items():
        bag.tag(name, data)
    about = [
        ("Source-Organization", statement.origin),
        ("External-Identifier", statement.digest.hex),
        ("Bag-Software-Agent", "evidock export"),
    ]
    bag.finish(about, unstamp(statement.made))


def well_formed(order: Order) -> None:
    """SetupError naming what no order may lack."""
    selection, reason = order.selection, order.reason
    said = reason is not None and reason.strip() and len(reason) <= _LONGEST_REASON
    if not (said or (selection.kind == "all" and reason is None)):
        raise SetupError(
            "an export needs a reason, which goes on record", advice="Say it with --reason."
        )
    if selection.kind == "clips" and not selection.clips:
        raise SetupError("no clip is named", advice="Name clips with --clip.")
    if selection.kind in {"incident", "case", "officer-day"} and not selection.subject:
        raise SetupError(f"{selection.kind}: it is not said which")
    if selection.kind == "officer-day":
        try:
            is_day = stamp(unstamp(f"{selection.day}T00:00:00Z"))[:10] == selection.day
        except ValueError:
            is_day = False
        if not is_day:
            raise SetupError(f"{selection.day!r} is no day", advice="Write it as 2026-11-23.")


def replace_clips(selection: Selection, asked: list[str]) -> Selection:
    """The selection as the statement tells it: what was asked for, not what was found."""
    return msgspec.structs.replace(selection, clips=sorted(set(asked)))


def _exported(order: Order, entry: int, selected: _Selected, found: Vouched) -> Exported:
    statement = selected.plan.statement
    papers = [*statement.documents, *statement.dossiers]
    return Exported(
        out=order.out,
        entry=entry,
        statement=selected.digest.hex,
        clips=len(statement.clips),
        originals=len(selected.plan.originals),
        bytes=selected.plan.bytes,
        without=sum(clip.original is None for clip in statement.clips),
        documents=len(statement.documents),
        dossiers=len(statement.dossiers),
        lost=sum(each.file is None for each in papers),
        left_out=selected.left_out,
        complete_to=selected.complete_to,
        lacking=found.lacking,
    )
