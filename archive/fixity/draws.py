"""Step 17: draws were made as they must be, and left nothing out.

The entries alone tell most of it; each population is read from its row, and believed once it opens
what its entry commits to.  Populations are large: no more than some of them are in memory at once,
and the entries are gone through once for those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archive.catalogue.catalogue import Transaction
from archive.catalogue.sealed import ACTS
from archive.fixity import Component, Finding, Progress, Step
from archive.fixity.entries import Numbered, TrueEntries
from archive.fixity.record import Record
from evidence.clip import ClipClass
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import Entry, EntryKind
from evidence.draw_course import Course, Courses
from evidence.drawing import Population

AT_ONCE = 200_000
"""Clips of populations that are held at once, or those of one more draw."""
_TELL = frozenset(
    {
        EntryKind.ARCHIVED,
        EntryKind.CLASSIFIED,
        EntryKind.PROPOSED,
        EntryKind.APPROVED,
        EntryKind.WITHDRAWN,
        EntryKind.DISPOSAL_BEGUN,
    }
)


@dataclass(slots=True)
class Draws:
    """Learns of every draw, then goes through the entries once more, if there is one."""

    record: Record
    courses: Courses = field(default_factory=Courses)
    findings: list[Finding] = field(default_factory=list)
    _size: int = 0

    def hear(self, page: Sequence[Numbered]) -> None:
        """Learn from the entries of one *page*."""
        for seq, raw in page:
            self.courses.hear(seq, raw)
            self._size = seq + 1

    async def conclude(self, entries: TrueEntries, progress: Progress) -> list[Finding]:
        """What is wrong with the draws."""
        courses = self.courses.draws
        progress(Step.DRAWS, 0, len(courses))
        now = await self.record.catalogue.run(_now)
        for draw, problem in self.courses.problems(now, self._size):
            self._found(draw, problem)
        some: list[_Seen] = []
        for place, course in enumerate(courses.values()):
            rows, _told_before = await self.record.rows("draw", "id", [course.draw])
            some += [seen for row in rows if (seen := self._seen(course, row)) is not None]
            if sum(seen.size for seen in some) >= AT_ONCE:
                await self._left_out(entries, some)
                some = []
            progress(Step.DRAWS, place + 1, len(courses))
        await self._left_out(entries, some)
        return self.findings

    def _seen(self, course: Course, row: Mapping[str, object]) -> _Seen | None:
        """What must be looked for in the entries; None if the row does not open its commit."""
        sheet = _opened(course, row, "sheet")
        for problem in () if sheet is None else course.questions(sheet.decode("utf-8", "replace")):
            self._found(course.draw, problem)
        text = _opened(course, row, "population")
        if text is None:
            return None
        problems = list(course.drawing(text))
        for problem in problems:
            self._found(course.draw, problem)
        return None if problems else _Seen(course, Population.read(text))

    async def _left_out(self, entries: TrueEntries, some: Sequence[_Seen]) -> None:
        """See that each population names the clips that it must, by their entries."""
        if not some:
            return
        last = max(seen.last for seen in some)
        async for page in entries.pages():
            for seq, raw in page:
                _tell(some, seq, Entry(raw))
            if page and page[-1][0] >= last:
                break
        for seen in some:
            for problem in seen.problems():
                self._found(seen.draw, problem)

    def _found(self, draw: str, problem: str) -> None:
        finding = Finding(step=Step.DRAWS, component=Component.DRAW, subject=draw, problem=problem)
        self.findings.append(finding)


class _Seen:
    """One population, held against the clips that came in before it was committed to."""

    def __init__(self, course: Course, people: Population) -> None:
        self._rules = course.rules
        self.draw, self.last, self.size = course.draw, course.index, len(people.objects)
        self._named = {each.clip: (each.entry, each.sha256) for each in people.objects}
        self._strange = set(self._named)
        self._of_days = dict[str, bool]()
        """Clips that the rules name by their entry -> whether people say that they are of it."""
        self._going = dict[str, str]()
        """Proposal -> the clip that is sealed by it."""
        self._acts = dict[str, str]()
        """Proposal -> what is proposed, of clips of these days."""

    def hear(self, seq: int, entry: Entry) -> None:
        """One entry by which a clip came in, was said to be something, or begins to go."""
        clip, fields = str(entry.clip), entry.fields
        if seq >= self.last:
            return
        if entry.kind is EntryKind.ARCHIVED:
            if self._named.get(clip) == (seq, entry.digest.hex):
                self._strange.discard(clip)
            if self._is_of_days(fields):
                self._of_days[clip] = self._rules.category is None
        elif entry.kind is EntryKind.WITHDRAWN:
            self._going.pop(str(fields.get("proposal")), None)
        elif clip not in self._of_days:
            return
        elif entry.kind is EntryKind.CLASSIFIED:
            said = fields.get("categories")
            ours = isinstance(said, list) and self._rules.category in said
            self._of_days[clip] = ours or self._rules.category is None
        else:
            self._hear_of_end(clip, entry.kind, str(fields.get("proposal")), fields)

    def _hear_of_end(
        self, clip: str, kind: EntryKind, proposal: str, fields: Mapping[str, object]
    ) -> None:
        if kind is EntryKind.PROPOSED:
            self._acts[proposal] = str(fields.get("act"))
        elif kind is EntryKind.DISPOSAL_BEGUN or self._acts.get(proposal) in ACTS:
            self._going[proposal] = clip

    def problems(self) -> Iterator[str]:
        if self._strange:
            yield f"names {min(self._strange)}, which did not come in by the entry that it names"
        wanted = {clip for clip, is_of_it in self._of_days.items() if is_of_it}
        if left_out := wanted - set(self._named) - set(self._going.values()):
            count, one = len(left_out), min(left_out)
            yield f"leaves out {count} clips that its rules name, such as {one}"
        if others := self._named.keys() - wanted - self._strange:
            yield f"names {len(others)} clips that its rules do not name, such as {min(others)}"

    def _is_of_days(self, fields: Mapping[str, object]) -> bool:
        rules = self._rules
        return (
            fields.get("class") == ClipClass.VIDEO.value
            and rules.since <= str(fields["received"]) < rules.until
            and rules.station in {None, fields["station"]}
        )


def _tell(some: Sequence[_Seen], seq: int, entry: Entry) -> None:
    if entry.kind in _TELL:
        for seen in some:
            seen.hear(seq, entry)


def _opened(course: Course, row: Mapping[str, object], name: str) -> bytes | None:
    """What the row holds under that *name*, if it opens the commit; step 5 names what does not."""
    text, salt = str(row[name]).encode("utf-8", "surrogatepass"), row[f"{name}_salt"]
    committed = course.commit.get("commitments")
    if not isinstance(salt, bytes) or not isinstance(committed, dict):
        return None
    try:
        opening = Opening(value=text, salt=salt)
    except ValueError:
        return None
    return text if opening.commitment.hex == committed.get(name) else None


def _now(tx: Transaction) -> str:
    return stamp(tx.clock.now())
