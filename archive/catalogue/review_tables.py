"""The archive's tables of draws, reviews and findings; as :mod:`archive.catalogue.tables`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.feed_tables import Table

__all__ = ["DrawRow", "FindingActRow", "FindingRow", "ReviewRow", "SheetRow", "Table"]


class DrawRow(Table):
    """A draw of clips and checkers (:mod:`evidence.drawing`)."""

    __tablename__ = "draw"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    """From 1, without a gap."""
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    committer: Mapped[str]
    """Id of the person."""
    rules: Mapped[str]
    """:class:`evidence.drawing.Rules` as canonical JSON."""
    deadline: Mapped[str]
    """It must be done by then, or abandoned."""
    redoes: Mapped[str | None]
    """The draw that it takes again."""
    redo_reason: Mapped[str | None]
    redo_salt: Mapped[bytes | None]
    purpose: Mapped[str]
    purpose_salt: Mapped[bytes]
    population: Mapped[str] = mapped_column(deferred=True)
    """:class:`evidence.drawing.Population` as canonical JSON; up to 10 MB."""
    population_salt: Mapped[bytes] = mapped_column(deferred=True)
    sheet: Mapped[str] = mapped_column(deferred=True)
    """:class:`evidence.sheet.Template` as canonical JSON."""
    sheet_salt: Mapped[bytes] = mapped_column(deferred=True)
    seed_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: nobody has entered a value."""
    seeder: Mapped[str | None]
    value: Mapped[str | None]
    ended_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it is open."""
    ended: Mapped[str | None]
    """``done`` or ``abandoned``."""
    ender: Mapped[str | None]
    drawn_at: Mapped[str | None]
    """When the numbers of a ``public`` seed were drawn, as the second person says."""
    end_reason: Mapped[str | None]
    end_salt: Mapped[bytes | None]


class ReviewRow(Table):
    """A clip that was drawn, and the person who looks at it."""

    __tablename__ = "review"
    __table_args__ = (Index("review_by_draw", "draw"), Index("review_by_checker", "checker"))
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    draw: Mapped[str]
    clip: Mapped[str]
    checker: Mapped[str]
    place: Mapped[int]
    recheck: Mapped[bool]
    """Whether somebody else looks at it, too."""
    due: Mapped[str]
    void_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it is to be done, or was."""
    voider: Mapped[str | None]
    void_code: Mapped[str | None]
    """Why nobody can do it: one of :data:`evidence.sheet.VOID`."""
    void_reason: Mapped[str | None]
    void_salt: Mapped[bytes | None]


class SheetRow(Table):
    """What a checker found."""

    __tablename__ = "sheet"
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    clip: Mapped[str]
    review: Mapped[str] = mapped_column(unique=True)
    checker: Mapped[str]
    passed: Mapped[bool | None]
    """NULL: none of its answers counted."""
    score: Mapped[int]
    answers: Mapped[str]
    """A list of :class:`evidence.sheet.Answered` as canonical JSON."""
    answers_salt: Mapped[bytes]


class FindingRow(Table):
    """What somebody must answer; its entry holds commitments only."""

    __tablename__ = "finding"
    __table_args__ = (
        Index("finding_by_subject", "code", "about", "subject"),
        Index("finding_by_owner", "owner"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    opener: Mapped[str]
    code: Mapped[str]
    """What kind of thing is wrong."""
    about: Mapped[str]
    """``clip``, ``incident``, ``case``, ``camera``, ``officer`` or ``sheet``."""
    clip: Mapped[str | None] = mapped_column(index=True)
    subject: Mapped[str]
    """Which of them: an id, or a number."""
    subject_salt: Mapped[bytes]
    owner: Mapped[str]
    """Id of the person who must answer."""
    due: Mapped[str]
    source: Mapped[str | None]
    """What it was opened by, as an id."""
    what: Mapped[str]
    what_salt: Mapped[bytes]


class FindingActRow(Table):
    """One thing that was done about a finding."""

    __tablename__ = "finding_act"
    __table_args__ = (Index("finding_act_by_finding", "finding", "by_entry"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    finding: Mapped[str]
    act: Mapped[str]
    """``answer``, ``remind``, ``escalate``, ``close`` or ``reopen``."""
    by: Mapped[str]
    level: Mapped[int | None]
    """How high it was escalated, from 1."""
    role: Mapped[str | None]
    """To whom."""
    due: Mapped[str | None]
    """The new deadline of what was reopened."""
    text: Mapped[str | None]
    text_salt: Mapped[bytes | None]
