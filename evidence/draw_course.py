"""Draws as the log tells them, and what is wrong with how they went.

One rule: it is the log alone that is asked, and the populations that open what it commits to: so
fsck, and a stranger with a draw's file, find the same.  ``docs/reviews.md`` lists what grinding
(drawing until one likes what is drawn) would leave behind, and which problem here names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from evidence.custody import Entry, EntryKind
from evidence.draw_seed import DRAWN_AT, SeedKind, wrong_time
from evidence.drawing import Population, Rules, Task, drawn, sample_root
from evidence.sheet import Template

KINDS = frozenset(
    {
        EntryKind.DRAW_COMMITTED,
        EntryKind.DRAW_SEEDED,
        EntryKind.DRAW_DONE,
        EntryKind.DRAW_ABANDONED,
        EntryKind.REVIEW_GIVEN,
    }
)
Fields = Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Course:
    """One draw, entry by entry."""

    draw: str
    index: int
    """Log index of its commit."""
    commit: Fields
    rules: Rules
    seed: Fields | None = None
    end: Fields | None = None
    end_index: int | None = None
    given: list[Task] = field(default_factory=list)

    @property
    def number(self) -> int:
        return int(str(self.commit["number"]))

    @property
    def is_done(self) -> bool:
        return self.end is not None and self.end["kind"] == EntryKind.DRAW_DONE.value

    def timing(self) -> Iterator[str]:
        """What of its times and persons cannot be."""
        due, deadline = self.rules.seed.due, str(self.commit["deadline"])
        yield from self.rules.wrong(str(self.commit["at"]))
        if self.seed is not None:
            entered = str(self.seed["at"])
            if entered < due:
                yield f"a value was entered at {entered}, before the seed was due"
            if entered > deadline:
                yield "a value was entered after its deadline"
            yield from self._value(str(self.seed["value"]))
        if self.is_done and self.end is not None:
            yield from self._ending(self.end, deadline)

    def _ending(self, end: Fields, deadline: str) -> Iterator[str]:
        if self.seed is None:
            yield "it was done without a value of its seed"
        elif self.seed["by"] == end["by"]:
            yield "one person entered the value twice; it needs two"
        if str(end["at"]) > deadline:
            yield "it was done after its deadline"
        told = end.get(DRAWN_AT)
        yield from wrong_time(
            self.rules.seed,
            None if told is None else str(told),
            committed=str(self.commit["at"]),
            entered=str((self.seed or end)["at"]),
        )

    def _value(self, value: str) -> Iterator[str]:
        try:
            plain = self.rules.seed.value(value)
        except ValueError as error:
            yield str(error)
            return
        if plain != value:
            yield f"the value of its seed is not written as it must be: {plain[:100]}"

    def sample(self) -> Iterator[str]:
        """What of the tasks that were given is not what ``draw.done`` says."""
        tasks = sorted(self.given, key=lambda each: each.place)
        if not self.is_done or self.end is None:
            if tasks:
                yield "clips were given to checkers by a draw that is not done"
            return
        if len(tasks) != self.end["sample"] or sample_root(tasks).hex() != self.end["sample_root"]:
            yield "the clips and checkers on record are not those of its draw.done"

    def drawing(self, text: bytes) -> Iterator[str]:
        """What its population, in *text*, says against it."""
        try:
            people = Population.read(text)
        except ValueError as error:
            yield str(error)
            return
        told = people.told
        if wrong := sorted(name for name in told if told[name] != self.commit.get(name)):
            yield f"its population is another than was committed to: {', '.join(wrong)}"
            return
        if self.is_done and self.end is not None and self.seed is not None:
            tasks = drawn(people, self.rules, str(self.seed["value"]))
            if sample_root(tasks).hex() != self.end["sample_root"]:
                yield "the seed draws others than those on record"

    def questions(self, text: str) -> Iterator[str]:
        """What its sheet, in *text*, says against it."""
        try:
            told = Template.read(text).sha256
        except ValueError as error:
            yield f"its sheet cannot be read: {error}"
            return
        if told != self.rules.sheet:
            yield f"its sheet is another than its rules name: {told}"

    def is_whole(self, size: int) -> bool:
        """Whether all that ``draw.done`` gave out must be among the first *size* entries.

        They follow it at once; a log that grows may be looked at between them.
        """
        if self.end is None or self.end_index is None or not self.is_done:
            return True
        return self.end_index + int(str(self.end["sample"])) < size

    def is_left_behind(self, now: str) -> bool:
        """Whether nobody went on with it in time, or said why not."""
        return self.end is None and str(self.commit["deadline"]) < now

    def was_seen(self) -> str | None:
        """How it was abandoned after somebody could know what it draws; None: it was not so.

        When numbers of the public are drawn only their organiser says: a reader has to look.
        """
        if self.end is None or self.is_done:
            return None
        at, seed = self.end["at"], self.rules.seed
        if str(at) >= seed.due:
            return f"abandoned at {at}, when its seed was known since {seed.due}"
        if seed.kind is SeedKind.PUBLIC:
            return f"abandoned at {at}: see that {seed.which} was not drawn before that"
        return None


@dataclass(slots=True, kw_only=True)
class Courses:
    """All draws of a log, in the order of their commits."""

    draws: dict[str, Course] = field(default_factory=dict)
    _wrong: list[tuple[str, str]] = field(default_factory=list)

    def hear(self, seq: int, raw: bytes) -> None:
        """Learn from one entry; those of other kinds tell nothing."""
        entry = Entry(raw)
        if entry.kind not in KINDS:
            return
        fields = entry.fields
        draw = str(fields.get("draw"))
        try:
            if entry.kind is EntryKind.DRAW_COMMITTED:
                self._commit(draw, seq, fields)
            elif draw not in self.draws:
                self._wrong.append((draw, f"entry {seq} goes on with a draw that none began"))
            else:
                self._go_on(self.draws[draw], seq, entry)
        except (KeyError, ValueError, TypeError) as error:
            self._wrong.append((draw, f"entry {seq} cannot be read: {error}"))

    def of_each(self) -> Iterator[tuple[str, str]]:
        """(draw, what is wrong with it), as far as that follows from entries of the first draws.

        A draw that was struck out leaves a gap; so none may be missing before the last one.
        """
        yield from self._wrong
        for place, course in enumerate(self.draws.values(), start=1):
            if course.number != place:
                yield course.draw, f"is number {course.number}, and the {place}. in the log"
            for problem in (*course.timing(), *self._again(course)):
                yield course.draw, problem

    def problems(self, now: str, size: int) -> Iterator[tuple[str, str]]:
        """That, and what follows from all *size* entries of a log."""
        yield from self.of_each()
        for course in self.draws.values():
            if course.is_left_behind(now):
                yield course.draw, f"was to be done by {course.commit['deadline']}: left behind"
            if course.is_whole(size):
                yield from ((course.draw, problem) for problem in course.sample())

    def _commit(self, draw: str, seq: int, fields: Fields) -> None:
        rules = msgspec.convert(fields["rules"], type=Rules)
        if draw in self.draws:
            self._wrong.append((draw, f"entry {seq} commits to it once more"))
            return
        self.draws[draw] = Course(draw=draw, index=seq, commit=fields, rules=rules)

    def _go_on(self, course: Course, seq: int, entry: Entry) -> None:
        fields = entry.fields
        if entry.kind is EntryKind.REVIEW_GIVEN:
            task = Task(
                place=int(str(fields["place"])),
                clip=str(entry.clip),
                checker=str(fields["checker"]),
                recheck=bool(fields["recheck"]),
            )
            course.given.append(task)
        elif course.end is not None:
            self._wrong.append((course.draw, f"entry {seq} goes on with a draw that has ended"))
        elif entry.kind is not EntryKind.DRAW_SEEDED:
            course.end, course.end_index = fields, seq
        elif course.seed is not None:
            self._wrong.append((course.draw, f"entry {seq} enters a second value of its seed"))
        else:
            course.seed = fields

    def _again(self, course: Course) -> Iterator[str]:
        """A draw over the same days names the newest one before it, which had ended, and why."""
        before = [
            each
            for each in self.draws.values()
            if each.index < course.index and each.rules.overlaps(course.rules)
        ]
        expected = before[-1].draw if before else None
        if course.commit.get("redoes") != expected:
            yield f"does not name {expected or 'nothing'} as the draw over the same days before it"
        committed = course.commit.get("commitments")
        why = isinstance(committed, dict) and "redo_reason" in committed
        if (expected is not None) != why:
            yield "draws again from the same days without a reason" if expected else "says why"
        for each in before:
            if each.end_index is None or each.end_index > course.index:
                yield f"was committed to while draw {each.number} over the same days was open"
