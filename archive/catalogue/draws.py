"""Draws: what is committed to, the value of the seed, and what was drawn.

One rule: every step is one transaction, and what a step says is never written over.  A draw that
goes wrong is abandoned on record, and the next one over the same days names it and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select

from archive.catalogue import populations
from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at, latest
from archive.catalogue.proposals import identity
from archive.catalogue.review_tables import DrawRow, ReviewRow
from archive.catalogue.tables import PersonRow
from evidence.canonical import canonical
from evidence.clip import new_id
from evidence.clock import stamp, unstamp
from evidence.commitment import Opening
from evidence.custody import EntryKind, write_entry
from evidence.draw_seed import SeedKind, wrong_time
from evidence.drawing import MOST_TASKS, Population, Rules, Task, drawn, sample_root
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.sheet import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawWanted:
    """What one person wants drawn."""

    purpose: str
    rules: Rules
    sheet: Template
    patience: timedelta
    """How long after its seed was due it must be done."""
    redoes: str | None = None
    redo_reason: str | None = None


def commit(tx: Transaction, person: str, wanted: DrawWanted) -> str:
    """Step 1: put population, rules and seed on record; the id of the draw.

    ValueError if nothing can be drawn so; NotKnown without such an owner; OutOfTurn if an earlier
    draw over the same days is open, or is not named with a reason.
    """
    now = tx.clock.now()
    wanted = replace(wanted, rules=wanted.rules.at(now))
    _must_make_sense(wanted, now, latest(tx) or now)
    _must_have_owner(tx, wanted.rules)
    _must_say_why(tx, wanted)
    people = _people(tx, wanted.rules)
    said = _said(wanted, people)
    held = {name: Opening.fresh(text) for name, text in said.items()}
    draw, about = new_id("d"), _about(tx, wanted)
    told, salts = msgspec.to_builtins(wanted.rules), _salts(held)
    new = write_entry(
        EntryKind.DRAW_COMMITTED,
        at=now,
        by=person,
        draw=draw,
        rules=told,
        commitments={name: opening.commitment.hex for name, opening in held.items()},
        **people.told,
        **about,
    )
    entry = tx.append(new)
    tx.session.add(
        DrawRow(
            id=draw,
            by_entry=entry,
            committer=person,
            rules=canonical(told).decode("utf-8"),
            **about,
            **said,
            **salts,
        )
    )
    tx.session.flush()
    return draw


def _people(tx: Transaction, rules: Rules) -> Population:
    """What is drawn from; ValueError if it cannot be, or gives out more than anybody looks at."""
    people = populations.population(tx, rules)
    if (count := people.gives(rules)) > MOST_TASKS:
        raise ValueError(f"that gives out {count} clips; one draw gives out {MOST_TASKS} at most")
    return people


def _about(tx: Transaction, wanted: DrawWanted) -> dict[str, Any]:
    """What entry and row say alike of a new draw."""
    last = tx.session.scalar(select(func.max(DrawRow.number)))
    deadline = stamp(unstamp(wanted.rules.seed.due) + wanted.patience)
    return {"number": (last or 0) + 1, "deadline": deadline, "redoes": wanted.redoes}


def _said(wanted: DrawWanted, people: Population) -> dict[str, str]:
    """What the entry of a commit only commits to."""
    said = {
        "purpose": wanted.purpose,
        "population": people.text.decode("utf-8"),
        "sheet": wanted.sheet.text,
    }
    return said if wanted.redo_reason is None else said | {"redo_reason": wanted.redo_reason}


def _salts(held: Mapping[str, Opening]) -> dict[str, bytes]:
    """The columns of a draw's row that hold salts."""
    columns = {"redo_reason": "redo_salt"}
    return {columns.get(name, f"{name}_salt"): each.salt for name, each in held.items()}


def _must_have_owner(tx: Transaction, rules: Rules) -> None:
    if tx.session.get(PersonRow, rules.owner) is None:
        raise NotKnown(f"there is no person {rules.owner} to own what is found")


def seed(tx: Transaction, person: str, draw: str, told: str) -> None:
    """Step 2, the first person: put on record which value the seed had.

    NotKnown without such a draw; OutOfTurn before it is due, past the deadline, or once a value was
    entered; ValueError if it cannot be one.
    """
    row, now = _open(tx, draw), stamp(tx.clock.now())
    rules = rules_of(row)
    if row.seed_entry is not None:
        raise OutOfTurn(
            f"entry {row.seed_entry} holds a value for draw {row.number}",
            advice="A second person enters the same; if it is wrong, abandon the draw.",
        )
    if now < rules.seed.due:
        raise OutOfTurn(f"the seed of draw {row.number} is not known before {rules.seed.due}")
    _must_be_in_time(row, now)
    value = rules.seed.value(told)
    row.seed_entry = tx.record(EntryKind.DRAW_SEEDED, person, draw=draw, value=value)
    row.seeder, row.value = person, value
    tx.session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What the second person enters."""

    value: str
    drawn_at: str | None = None
    """When the numbers of a ``public`` seed were drawn, stamped; None for others."""


def confirm(tx: Transaction, person: str, draw: str, told: Confirmed, within: timedelta) -> None:
    """Steps 2 to 4, the second person: the same value, and what it draws.

    Sheets are due *within* that time.  NotKnown without such a draw; OutOfTurn before the first
    person, past the deadline, or for another value; Refused for the first person, whatever account
    is used; ValueError if it cannot be a value, or not one that was drawn after the commit.
    """
    row, now = _open(tx, draw), tx.clock.now()
    if row.seed_entry is None or row.value is None or row.seeder is None:
        raise OutOfTurn(f"nobody has entered a value for draw {row.number} yet")
    if identity(tx, person) == identity(tx, row.seeder):
        raise Refused(
            f"the value of draw {row.number} needs another person than the one who entered it",
            advice="Ask somebody who looked the number up, or saw the die, too.",
        )
    _must_be_in_time(row, stamp(now))
    _must_agree(tx, row, told, row.seed_entry)
    tasks = drawn(Population.read(row.population.encode("utf-8")), rules_of(row), row.value)
    row.ended_entry = tx.record(
        EntryKind.DRAW_DONE,
        person,
        draw=draw,
        sample=len(tasks),
        sample_root=sample_root(tasks).hex(),
        drawn_at=told.drawn_at,
    )
    row.ended, row.ender, row.drawn_at = "done", person, told.drawn_at
    _give(tx, person, draw, tasks, stamp(now + within))
    tx.session.flush()


def _must_agree(tx: Transaction, row: DrawRow, told: Confirmed, seeded: int) -> None:
    """The second person says the same, of a seed that came to be after the commit."""
    rules = rules_of(row)
    if rules.seed.value(told.value) != row.value:
        raise OutOfTurn(
            f"that is another value than the one in entry {seeded}",
            advice="Look again, both of you; if entry and number differ, abandon the draw.",
        )
    committed, entered = at(tx, row.by_entry), at(tx, seeded)
    for no in wrong_time(rules.seed, told.drawn_at, committed=committed, entered=entered):
        raise ValueError(f"draw {row.number}: {no}")


def _give(tx: Transaction, person: str, draw: str, tasks: Sequence[Task], due: str) -> None:
    """What was drawn, each to its checker."""
    for task in tasks:
        review = new_id("r")
        told_of = {"checker": task.checker, "place": task.place, "recheck": task.recheck}
        entry = tx.record(
            EntryKind.REVIEW_GIVEN,
            person,
            clip=task.clip,
            review=review,
            draw=draw,
            due=due,
            **told_of,
        )
        tx.session.add(
            ReviewRow(id=review, by_entry=entry, draw=draw, clip=task.clip, due=due, **told_of)
        )


def abandon(tx: Transaction, person: str, draw: str, reason: str) -> None:
    """Put on record that nothing is drawn by it; as :func:`seed` without such a draw."""
    row, why = _open(tx, draw), Opening.fresh(reason)
    row.ended_entry = tx.record(
        EntryKind.DRAW_ABANDONED,
        person,
        draw=draw,
        commitments={"abandon_reason": why.commitment.hex},
    )
    row.ended, row.ender, row.end_reason, row.end_salt = "abandoned", person, reason, why.salt
    tx.session.flush()


def rules_of(row: DrawRow) -> Rules:
    """By what it is made."""
    return msgspec.json.decode(row.rules, type=Rules)


def known(tx: Transaction, draw: str) -> DrawRow:
    """The row of *draw*; NotKnown without one."""
    row = tx.session.get(DrawRow, draw)
    if row is None:
        raise NotKnown(f"there is no draw {draw[:80]}")
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class ForFile:
    """What the file of a draw holds, but for receipts."""

    indexes: tuple[int, ...]
    """Log indexes of its entries, and of those of every draw before it."""
    population: str
    population_salt: bytes
    sheet: str
    sheet_salt: bytes


def for_file(tx: Transaction, draw: str) -> ForFile:
    """That of *draw*; NotKnown without it."""
    row = known(tx, draw)
    before = tx.session.execute(
        select(DrawRow.by_entry, DrawRow.seed_entry, DrawRow.ended_entry).where(
            DrawRow.number <= row.number
        )
    )
    indexes = sorted(index for each in before for index in each if index is not None)
    return ForFile(
        indexes=tuple(indexes),
        population=row.population,
        population_salt=row.population_salt,
        sheet=row.sheet,
        sheet_salt=row.sheet_salt,
    )


def template_of(row: DrawRow) -> Template:
    """The questions of its sheets; NotKnown if they were lost with what opens its commit."""
    try:
        return Template.read(row.sheet)
    except ValueError as error:
        raise NotKnown(f"the questions of draw {row.number} are not known any more") from error


def problems(tx: Transaction) -> list[str]:
    """Draws that were left behind: whoever commits must go on, or say why not."""
    now = stamp(tx.clock.now())
    rows = tx.session.scalars(
        select(DrawRow)
        .where(DrawRow.ended_entry.is_(None), DrawRow.deadline < now)
        .order_by(DrawRow.number)
    )
    return [
        f"draw {row.number} ({row.id}) was to be done by {row.deadline}: abandon it with a reason"
        for row in rows
    ]


def _open(tx: Transaction, draw: str) -> DrawRow:
    row = known(tx, draw)
    if row.ended_entry is not None:
        raise OutOfTurn(f"draw {row.number} has ended, by entry {row.ended_entry}: {row.ended}")
    return row


def _must_be_in_time(row: DrawRow, now: str) -> None:
    if now > row.deadline:
        raise OutOfTurn(
            f"draw {row.number} was to be done by {row.deadline}",
            advice="Abandon it, and say why; the next one over the same days names it.",
        )


def _must_make_sense(wanted: DrawWanted, now: datetime, latest_entry: datetime) -> None:
    """ValueError for what would be wrong in the log; a clock that is set back hides no seed."""
    rules = wanted.rules
    for no in rules.wrong(stamp(now)):
        raise ValueError(f"nothing can be drawn so: {no}")
    if latest_entry > now and rules.seed.kind is not SeedKind.DICE:
        for no in rules.seed.wrong(stamp(latest_entry)):
            raise ValueError(f"nothing can be drawn so: {no}")
    if wanted.sheet.sha256 != rules.sheet:
        raise ValueError("the sheet is another than the rules name")


def _must_say_why(tx: Transaction, wanted: DrawWanted) -> None:
    """All earlier draws over the same days have ended; the newest is named with a reason."""
    rows = tx.session.scalars(select(DrawRow).order_by(DrawRow.number.desc()))
    before = [row for row in rows if rules_of(row).overlaps(wanted.rules)]
    earlier = before[0] if before else None
    if running := [row for row in before if row.ended_entry is None]:
        raise OutOfTurn(
            f"draw {running[0].number} over the same days is open",
            advice="Go on with it, or abandon it with a reason.",
        )
    expected: Mapping[str, object] = {"redoes": None if earlier is None else earlier.id}
    if wanted.redoes != expected["redoes"]:
        named = "none" if earlier is None else f"draw {earlier.number} ({earlier.id})"
        raise OutOfTurn(
            f"the newest draw over the same days is {named}",
            advice="Name it as the one that is drawn again, and say why.",
        )
    if (wanted.redoes is None) != (wanted.redo_reason is None):
        raise OutOfTurn("whoever draws again says why, and nobody else does")
