"""A draw as one file that a stranger checks: entries, their receipts, and the population.

One rule: nothing in the file is believed.  The log's key comes from elsewhere, and everything else
follows from entries that the log's head proves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from evidence.canonical import canonical
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.draw_course import Course, Courses
from evidence.draw_seed import DRAWN_AT, SeedKind
from evidence.drawing import Population, Task, drawn
from evidence.errors import LogBroken
from evidence.policy import Policy
from evidence.receipt import Receipt, verify_receipt

FORMAT: Final = "evidock-draw/v1"


class ProvenEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the log, and its receipt."""

    index: int
    text: str
    receipt: str
    """C2SP tlog-proof."""


class DrawFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of one draw."""

    format: str
    draw: str
    entries: list[ProvenEntry]
    """Its own, and those of every draw before it, in the order of the log."""
    population: str
    """What the commitment ``population`` of its ``draw.commit`` is to."""
    population_salt: str
    sheet: str
    """What its commitment ``sheet`` is to."""
    sheet_salt: str

    def to_bytes(self) -> bytes:
        """The file."""
        return canonical(msgspec.to_builtins(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> DrawFile:
        """What :meth:`to_bytes` wrote; LogBroken for anything else."""
        try:
            made = msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise LogBroken(f"this is no file of a draw: {error}") from error
        if made.format != FORMAT:
            raise LogBroken(f"a draw's file of unknown format {made.format[:80]!r}")
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of checking a file."""

    number: int | None
    problems: tuple[str, ...]
    """What is false."""
    remarks: tuple[str, ...]
    """What is true, and what a reader should know all the same."""
    tasks: tuple[Task, ...]
    """What was drawn, recomputed; empty as long as it is not done."""


def check(file: DrawFile, policy: Policy | None) -> Checked:
    """Recompute the draw; without a *policy* nothing shows that the log ever held it."""
    problems = list(_unproven(file, policy))
    courses = Courses()
    for entry in sorted(file.entries, key=lambda each: each.index):
        try:
            courses.hear(entry.index, entry.text.encode("utf-8"))
        except (ValueError, KeyError) as error:
            problems.append(f"entry {entry.index} cannot be read: {error}")
    course = courses.draws.get(file.draw)
    if course is None:
        problems.append("the file holds no draw.commit of its draw")
        return Checked(number=None, problems=tuple(problems), remarks=(), tasks=())
    problems += [f"draw {draw}: {problem}" for draw, problem in courses.of_each()]
    text = file.population.encode("utf-8", "surrogatepass")
    problems += _unopened(course, "population", text, file.population_salt)
    problems += course.drawing(text)
    sheet = file.sheet.encode("utf-8", "surrogatepass")
    problems += _unopened(course, "sheet", sheet, file.sheet_salt)
    problems += course.questions(file.sheet)
    tasks: tuple[Task, ...] = ()
    if course.is_done and course.seed is not None and not problems:
        tasks = tuple(drawn(Population.read(text), course.rules, str(course.seed["value"])))
    return Checked(
        number=course.number,
        problems=tuple(problems),
        remarks=tuple(_remarks(file, courses, course, policy)),
        tasks=tasks,
    )


def _unproven(file: DrawFile, policy: Policy | None) -> list[str]:
    """The entries that their receipts do not prove."""
    found = []
    for each in file.entries if policy is not None else ():
        receipt, raw = each.receipt.encode("utf-8"), each.text.encode("utf-8", "surrogatepass")
        try:
            proven = verify_receipt(receipt, raw, policy.logs if policy else ())
        except LogBroken as error:
            found.append(f"entry {each.index} is not proven to be in the log: {error}")
            continue
        if proven.index != each.index:
            found.append(f"entry {each.index} stands in the log as {proven.index}")
    return found


def _unopened(course: Course, name: str, text: bytes, salt: str) -> list[str]:
    committed = course.commit.get("commitments")
    wanted = committed.get(name) if isinstance(committed, dict) else None
    try:
        opening = Opening(value=text, salt=bytes.fromhex(salt))
    except ValueError as error:
        return [f"the salt of the {name} is none: {error}"]
    if opening.commitment.hex != wanted:
        return [f"the {name} does not open what draw.commit commits to"]
    return []


def _remarks(file: DrawFile, courses: Courses, course: Course, policy: Policy | None) -> list[str]:
    seed = course.rules.seed
    said = [
        f"draw {each.number}: {seen}"
        for each in courses.draws.values()
        if (seen := each.was_seen())
    ]
    if course.commit.get("redoes") is not None:
        said.append("it draws again from days that another draw was over")
    if seed.kind is SeedKind.DICE:
        said.append("its seed was rolled by two persons: nobody else can check it")
    else:
        said.append(f"look {seed.kind.value} {seed.which} up where it is published")
    if seed.kind is SeedKind.PUBLIC and course.is_done and course.end is not None:
        said.append(
            f"that issue must have been drawn at {course.end.get(DRAWN_AT)}, after the commit at"
            f" {course.commit['at']}: if it was drawn at another time, this draw is worth nothing"
        )
    if not course.is_done:
        said.append("nothing was drawn by it" if course.end else "it is committed to, and not done")
    seen = _seen_outside(file, course, policy)
    known = min(seed.due, str((course.end or {}).get(DRAWN_AT, seed.due)))
    if seen is None or seen > known:
        said.append(
            "only the log's own clock says that it was committed to before the seed was known:"
            " keep a file of it that is made before then"
        )
    else:
        said.append(f"witnesses had seen its draw.commit at {seen}, before the seed was known")
    return said


def _seen_outside(file: DrawFile, course: Course, policy: Policy | None) -> str | None:
    """The earliest time at which a quorum of the *policy* had seen the commit, by the file."""
    if policy is None:
        return None
    times = []
    for each in file.entries:
        if each.index != course.index:
            continue
        try:
            note = Receipt.parse(each.receipt.encode("utf-8")).note
            first = policy.seen_by(policy.said(note))
        except LogBroken:
            continue
        if first is not None:
            times.append(stamp(first.at))
    return min(times, default=None)
