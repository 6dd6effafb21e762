"""Draws and findings, as people see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import undefer

from archive.catalogue import draws, findings, populations, reviewed
from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at
from archive.catalogue.proposals import accounts_of
from archive.catalogue.review_tables import DrawRow, FindingActRow, FindingRow
from archive.catalogue.tables import EntryRow
from evidence.clock import stamp
from evidence.custody import Entry
from evidence.errors import NotKnown
from evidence.wire import DrawPage, DrawShown, FindingActShown, FindingPage, FindingShown

_Ended = Literal["done", "abandoned"] | None


def draw(tx: Transaction, which: str) -> DrawShown:
    """One draw; NotKnown without it."""
    return _draw(tx, draws.known(tx, which))


def draws_made(tx: Transaction, after: str, most: int) -> DrawPage:
    """The next *most* draws with a lower number than *after* (empty: the newest)."""
    wanted = [DrawRow.number < int(after)] if after else []
    rows = tx.session.scalars(
        select(DrawRow)
        .where(*wanted)
        .options(undefer(DrawRow.sheet))
        .order_by(DrawRow.number.desc())
        .limit(most)
    ).all()
    following = str(rows[-1].number) if len(rows) == most else None
    return DrawPage(draws=[_draw(tx, row) for row in rows], next=following)


def finding(tx: Transaction, which: str, reader: str | None = None) -> FindingShown:
    """One finding with its course; NotKnown without it, or if *reader* may not see it.

    None: whoever asks may see everybody's.
    """
    row = findings.known(tx, which)
    return _finding(tx, row if reader is None else findings.seen_by(tx, which, reader))


def findings_made(
    tx: Transaction,
    after: str,
    most: int,
    *,
    owner: str | None = None,
    closed: bool | None = None,
    clip: str | None = None,
) -> FindingPage:
    """The next *most* findings opened before the entry *after* (empty: the newest).

    *owner*: only those of this account, and of others of the same officer.
    """
    wanted = [FindingRow.by_entry < int(after)] if after else []
    if owner is not None:
        wanted.append(FindingRow.owner.in_(accounts_of(tx, owner)))
    if clip is not None:
        wanted.append(FindingRow.clip == clip)
    if closed is not None:
        wanted.append(findings.is_closed() if closed else ~findings.is_closed())
    rows = tx.session.scalars(
        select(FindingRow).where(*wanted).order_by(FindingRow.by_entry.desc()).limit(most)
    ).all()
    following = str(rows[-1].by_entry) if len(rows) == most else None
    return FindingPage(findings=[_finding(tx, row) for row in rows], next=following)


def _draw(tx: Transaction, row: DrawRow) -> DrawShown:
    rules, titles = draws.rules_of(row), _titles(row)
    told = Entry(tx.session.get_one(EntryRow, row.by_entry).raw).fields
    persons = {each for each in (row.committer, row.seeder, row.ender, rules.owner) if each}
    names = populations.names(tx, persons)
    began, ended = at(tx, row.by_entry), row.ended_entry
    return DrawShown(
        id=row.id,
        number=row.number,
        entry=row.by_entry,
        at=began,
        by=row.committer,
        by_name=_named(names, row.committer) or "",
        purpose=row.purpose,
        rules=rules,
        owner_name=_named(names, rules.owner) or "",
        sheet_title=titles[0],
        sheet_title_zh=titles[1],
        objects=int(str(told["objects"])),
        objects_root=str(told["objects_root"]),
        checkers=int(str(told["checkers"])),
        checkers_root=str(told["checkers_root"]),
        deadline=row.deadline,
        is_late=ended is None and row.deadline < stamp(tx.clock.now()),
        redoes=row.redoes,
        redo_reason=row.redo_reason,
        value=row.value,
        seeded_by=row.seeder,
        seeded_name=_named(names, row.seeder),
        ended=cast("_Ended", row.ended),
        ended_at=None if ended is None else at(tx, ended),
        ended_name=_named(names, row.ender),
        drawn_at=row.drawn_at,
        end_reason=row.end_reason,
        count=reviewed.count(tx, row.id),
    )


def _titles(row: DrawRow) -> tuple[str, str]:
    """What its sheet is called; its digest, if the questions were lost."""
    try:
        template = draws.template_of(row)
    except NotKnown:
        return draws.rules_of(row).sheet, draws.rules_of(row).sheet
    return template.title, template.title_zh


def _finding(tx: Transaction, row: FindingRow) -> FindingShown:
    done = findings.acts(tx, row.id)
    stands = findings.standing(row, done)
    last = [act.act for act in done if act.act in {findings.CLOSE, findings.REOPEN}]
    is_closed = last[-1:] == [findings.CLOSE]
    names = populations.names(tx, {row.owner, row.opener, *(act.by for act in done)})
    return FindingShown(
        id=row.id,
        entry=row.by_entry,
        at=at(tx, row.by_entry),
        by=row.opener,
        by_name=_named(names, row.opener) or row.opener,
        code=row.code,
        about=row.about,
        subject=row.subject,
        clip=row.clip,
        owner=row.owner,
        owner_name=_named(names, row.owner) or row.owner,
        due=stands.due,
        what=row.what,
        source=row.source,
        closed=is_closed,
        answered=stands.answered,
        overdue=not is_closed and stands.due < stamp(tx.clock.now()),
        level=stands.level,
        acts=_acts(tx, done, names),
    )


def _acts(
    tx: Transaction, done: Sequence[FindingActRow], names: Mapping[str, str]
) -> list[FindingActShown]:
    return [
        FindingActShown(
            entry=act.by_entry,
            at=at(tx, act.by_entry),
            act=act.act,
            by=act.by,
            by_name=_named(names, act.by) or act.by,
            text=act.text,
            level=act.level,
            role=act.role,
            due=act.due,
        )
        for act in done
    ]


def _named(names: Mapping[str, str], person: str | None) -> str | None:
    return None if person is None else names.get(person, person)
