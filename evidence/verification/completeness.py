"""Step 12: what was selected is all that the log knows of it.

One rule: completeness is shown from the log, or not at all.  A whole package brings the log, and
its clips are counted; an officer's day brings what each census says of it (:mod:`evidence.census`);
of an incident or case nothing can be shown, and the step says so instead of passing.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence.census import Census, ShownCensus, Subject, check_all, check_one, check_tiling, day_of
from evidence.custody import EntryKind
from evidence.errors import DigestMismatch, LogBroken
from evidence.manifest import Manifest
from evidence.names import folded
from evidence.package import Selection, Statement, census_path
from evidence.verification import facts, reach
from evidence.verification.bag import DATA
from evidence.verification.case import Case
from evidence.verification.clips import archived
from evidence.verification.files import read
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE, Ending, Open, absent, done, impossible

LOST = "the vault had its original no more when the package was made"


def check_completeness(case: Case, step: Open) -> Ending:
    """Step 12."""
    if case.statement is None or case.proven is None or case.exported is None:
        return impossible("without a statement nothing says what was selected")
    for clip in case.statement.clips:
        step.checked += 1
        if clip.without == "left out":
            step.found(clip.clip, "its original was left out of the package")
        elif clip.without == "missing":
            step.found(clip.clip, LOST, is_loss=True)
    match case.statement.selection.kind:
        case "all":
            _check_all(case.statement, case.proven, step)
            with step.about("census"):
                _check_whole_census(case, case.statement, case.proven, step)
            with step.about("statement.json"):
                reached = reach.check_later(case.statement, case.proven, case.exported, step)
                return done(reached)
        case "clips":
            _check_ids(case.statement.selection, case.statement, step)
            return absent("clips were named one by one, and nobody asked whether there are others")
        case "officer-day":
            with step.about("census"):
                last = _check_day(case, case.statement, case.proven, step)
                made = case.statement.made
                return done(f"complete up to entry {last} of the log, {made}")
        case kind:
            return absent(f"that no other clip belongs to the {kind} is the archive's word alone")
    return DONE


def _check_all(statement: Statement, proven: Proven, step: Open) -> None:
    """Every clip that was archived when the selection was made is listed, with all its entries."""
    listed = {clip.clip: clip for clip in statement.clips}
    known_clips: set[str] = set()
    entries = set(proven.kinds.get(EntryKind.ARCHIVED.value, ()))
    for name, indexes in proven.clips.items():
        known = [index for index in indexes if index < statement.size]
        if not entries.intersection(known):
            continue
        known_clips.add(name)
        if name not in listed:
            step.found(name, "the log knows this clip, and the package does not hold it")
        elif listed[name].entries != known:
            step.found(name, "the statement does not list all entries about it")
    for name in sorted(listed.keys() - known_clips):
        step.found(name, "the log did not know this clip when the selection was made")


def _check_ids(selection: Selection, statement: Statement, step: Open) -> None:
    wanted, held = set(selection.clips), {clip.clip for clip in statement.clips}
    for name in sorted(wanted - held):
        step.found(name, "was selected, and the package does not hold it")
    for name in sorted(held - wanted):
        step.found(name, "is in the package, and was not selected")


def _censuses(statement: Statement, proven: Proven) -> Mapping[int, Census]:
    """The censuses that the statement lists, which must be all that are there, without a gap."""
    known = [i for i in proven.kinds.get(EntryKind.CENSUS.value, ()) if i < statement.size]
    if statement.completeness != known:
        raise LogBroken(f"the statement lists censuses {statement.completeness}, not {known}")
    found = {index: Census.of(facts.parse(proven.raw(index))) for index in known}
    if check_tiling(list(found.values())) > statement.size:
        raise LogBroken("a census covers entries that were not there yet")
    return found


def _shown(case: Case, index: int) -> ShownCensus:
    data = read(case.files, DATA + census_path(index))
    facts.parse(data)
    return ShownCensus.from_bytes(data)


def _check_day(case: Case, statement: Statement, proven: Proven, step: Open) -> int:
    """Up to which entry it is shown that no clip of that officer and day is missing."""
    selection = statement.selection
    officer = None if selection.subject is None else folded(selection.subject)
    wanted = Subject(officer=officer, day=selection.day or "")
    opened: set[int] = set()
    censuses = _censuses(statement, proven)
    if not censuses:
        raise LogBroken("the package shows no census, so nothing shows that no clip is missing")
    reach.check_recent(statement, proven, censuses)
    for index, census in censuses.items():
        with step.about(census_path(index)):
            step.checked += 1
            shown = _shown(case, index)
            if shown.asked is None or shown.asked.subject != wanted:
                raise LogBroken("it is about another officer or day than the statement")
            opened.update(check_one(census, shown))
    reached = max(census.end for census in censuses.values())
    held = {clip.entry: clip.clip for clip in statement.clips}
    for index in sorted(opened - held.keys()):
        step.found(f"entry {index}", "a census counts this clip, and the package does not hold it")
    for index in sorted(held.keys() - opened):
        if index < reached:
            step.found(held[index], "no census counts it among this officer's clips of this day")
    return reached


def _check_whole_census(case: Case, statement: Statement, proven: Proven, step: Open) -> None:
    """Each census counts just the clips that came in within its range, of whom they were."""
    entries = set(proven.kinds.get(EntryKind.ARCHIVED.value, ()))
    by_entry = {clip.entry: clip for clip in statement.clips}
    for index, census in _censuses(statement, proven).items():
        with step.about(census_path(index)):
            step.checked += 1
            counted = check_all(census, _shown(case, index))
            there = {entry for entry in entries if census.first <= entry < census.end}
            if odd := sorted(there ^ counted.keys()):
                raise LogBroken(f"it does not count just the clips of its range: entries {odd[:5]}")
            for entry, subject in counted.items():
                clip = by_entry.get(entry)
                if clip is None or clip.manifest is None:
                    continue
                received = archived(proven, clip).received
                manifest = Manifest.from_bytes(read(case.files, f"{DATA}{clip.manifest}"))
                if subject != _subject(manifest, received, census):
                    raise DigestMismatch(f"it counts {clip.clip} under another officer or day")


def _subject(manifest: Manifest, received: str, census: Census) -> Subject:
    """Under whom and which day a census must count a clip."""
    values = {
        name: opening.value.decode("utf-8")
        for name, opening in manifest.openings.items()
        if name in {"officer", "started"}
    }
    officer = folded(values["officer"]) if "officer" in values else None
    day = day_of(values.get("started"), received, census.utc_offset_minutes)
    return Subject(officer=officer, day=day)
