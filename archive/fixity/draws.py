"""Step 17: draws were made as they must be, and left nothing out.

The entries alone tell most of it; each population is read from its row, and believed once it opens
what its entry commits to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archive.catalogue.catalogue import Transaction
from archive.fixity import Component, Finding, Progress, Step
from archive.fixity.entries import Numbered, TrueEntries
from archive.fixity.record import Record
from evidence.clip import ClipClass
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import Entry, EntryKind
from evidence.draw_course import Course, Courses
from evidence.drawing import Population


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
        peoples: dict[str, Population] = {}
        for draw in courses:  # one at a time: populations are large
            rows, _told_before = await self.record.rows("draw", "id", [draw])
            for row in rows:
                people = self._population(courses[draw], row)
                if people is not None:
                    peoples[draw] = people
        if peoples:
            await self._left_out(entries, peoples)
        return self.findings

    def _population(self, course: Course, row: Mapping[str, object]) -> Population | None:
        """What was drawn from; None if the row does not open it, which step 5 names."""
        text = str(row["population"]).encode("utf-8", "surrogatepass")
        committed = course.commit.get("commitments")
        salt = row["population_salt"]
        if not isinstance(salt, bytes) or not isinstance(committed, dict):
            return None
        try:
            opening = Opening(value=text, salt=salt)
        except ValueError:
            return None
        if opening.commitment.hex != committed.get("population"):
            return None
        problems = list(course.drawing(text))
        for problem in problems:
            self._found(course.draw, problem)
        return None if problems else Population.read(text)

    async def _left_out(self, entries: TrueEntries, peoples: Mapping[str, Population]) -> None:
        """See that each population names the clips that it must, by their entries."""
        seen: dict[str, _Seen] = {
            draw: _Seen(self.courses.draws[draw], people) for draw, people in peoples.items()
        }
        async for page in entries.pages():
            for seq, raw in page:
                entry = Entry(raw)
                if entry.kind in {EntryKind.ARCHIVED, EntryKind.DISPOSAL_BEGUN}:
                    for each in seen.values():
                        each.hear(seq, entry)
        for draw, each in seen.items():
            for problem in each.problems():
                self._found(draw, problem)

    def _found(self, draw: str, problem: str) -> None:
        finding = Finding(step=Step.DRAWS, component=Component.DRAW, subject=draw, problem=problem)
        self.findings.append(finding)


class _Seen:
    """One population, held against the clips that came in."""

    def __init__(self, course: Course, people: Population) -> None:
        self._course = course
        self._named = {each.clip: (each.entry, each.sha256) for each in people.objects}
        self._left_out: dict[str, None] = {}
        self._strange = dict(self._named)

    def hear(self, seq: int, entry: Entry) -> None:
        """One entry by which a clip came in, or begins to go."""
        clip = str(entry.clip)
        if seq > self._course.index:
            return
        if entry.kind is EntryKind.DISPOSAL_BEGUN:
            self._left_out.pop(clip, None)
            return
        if self._named.get(clip) == (seq, entry.digest.hex):
            self._strange.pop(clip, None)
        elif clip not in self._named and self._must_be_named(entry.fields):
            self._left_out[clip] = None

    def problems(self) -> Iterator[str]:
        if self._strange:
            yield f"names {min(self._strange)}, which did not come in by the entry that it names"
        if self._left_out:
            count, one = len(self._left_out), min(self._left_out)
            yield f"leaves out {count} clips that its rules name, such as {one}"

    def _must_be_named(self, fields: Mapping[str, object]) -> bool:
        """By its rules; what people say that a clip is can change, so nothing is said of that."""
        rules = self._course.rules
        return (
            rules.category is None
            and fields.get("class") == ClipClass.VIDEO.value
            and rules.since <= str(fields["received"]) < rules.until
            and rules.station in {None, fields["station"]}
        )


def _now(tx: Transaction) -> str:
    return stamp(tx.clock.now())
