"""Tables of what is under way: sign-ins, jobs, how feeds were read, how stations are.

One rule: nothing here is evidence.  What is lost is told or done again, and no entry speaks of it.
Whoever has imported this module knows all tables of the catalogue, these and those of evidence.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.choice_tables import Table

__all__ = [
    "CameraRow",
    "EnrolmentRow",
    "FailedSignInRow",
    "FeedFileRow",
    "FeedProblemRow",
    "FeedPushRow",
    "FeedStateRow",
    "JobRow",
    "NonceRow",
    "OfficeRow",
    "SessionRow",
    "StationStateRow",
    "Table",
]


class EnrolmentRow(Table):
    """A one-time enrolment code, known by its digest only."""

    __tablename__ = "enrolment"
    code_sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    expires: Mapped[str]
    used: Mapped[bool]


class NonceRow(Table):
    """A nonce a station has used, kept as long as a replay of it would be fresh."""

    __tablename__ = "nonce"
    station: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    created: Mapped[int] = mapped_column(index=True)


class SessionRow(Table):
    """An open sign-in; the token is known by its digest only."""

    __tablename__ = "session"
    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    opened: Mapped[str]
    used: Mapped[str] = mapped_column(index=True)


class FailedSignInRow(Table):
    """One failed sign-in under a name, whether or not anybody has that name."""

    __tablename__ = "failed_sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    name_key: Mapped[str] = mapped_column(index=True)
    at: Mapped[str]


class FeedFileRow(Table):
    """A feed file as it was when it was last read."""

    __tablename__ = "feed_file"
    path: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    mtime_ns: Mapped[int]
    sha256: Mapped[str]
    encoding: Mapped[str]
    valid: Mapped[int]
    ignored_columns: Mapped[str]
    feed: Mapped[str] = mapped_column(server_default="incidents")
    mapping: Mapped[str] = mapped_column(server_default=text("''"))
    """Digest of how it was read: with another mapping it is read again."""


class FeedProblemRow(Table):
    """A row that some feed told and that could not be used, and why."""

    __tablename__ = "feed_problem"
    path: Mapped[str] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    """Line number in the file, or place in the answer; 0 for a problem of the whole."""
    reason: Mapped[str]
    feed: Mapped[str] = mapped_column(server_default="incidents")
    field: Mapped[str] = mapped_column(server_default=text("''"))
    """The column that is wrong; empty where it is no single one."""


class FeedStateRow(Table):
    """How a feed is: when it last told anything, and how far it was asked."""

    __tablename__ = "feed_state"
    feed: Mapped[str] = mapped_column(primary_key=True)
    heard: Mapped[str | None]
    """When it was last read, pulled or pushed; NULL: never."""
    used: Mapped[int]
    """Rows that it ever told and that could be used."""
    unused: Mapped[int]
    problem: Mapped[str]
    """Why nothing can be had of it now; empty: something can."""
    cursor: Mapped[str]
    """What a pull goes on from."""
    etag: Mapped[str]


class FeedPushRow(Table):
    """A push that was taken in, so that the same one again gets the same answer."""

    __tablename__ = "feed_push"
    key: Mapped[str] = mapped_column(primary_key=True)
    """Id of the feed key."""
    idempotency: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    """Of the body."""
    answer: Mapped[bytes]
    at: Mapped[str] = mapped_column(index=True)


class StationStateRow(Table):
    """How a station was when it last told; no evidence, and told again and again."""

    __tablename__ = "station_state"
    station: Mapped[str] = mapped_column(ForeignKey("station.id"), primary_key=True)
    heard: Mapped[str]
    behind: Mapped[int]
    """Entries of its journal that were not here then."""
    details: Mapped[bytes]
    """``wire.StationState`` without its cameras."""


class CameraRow(Table):
    """A camera as it was when it last stood at a station."""

    __tablename__ = "camera"
    camera: Mapped[str] = mapped_column(primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("station.id"))
    seen: Mapped[str]
    details: Mapped[bytes]
    """``wire.CameraState``."""


class JobRow(Table):
    """Background work on one clip; its row goes in the transaction that keeps the result."""

    __tablename__ = "job"
    __table_args__ = (Index("job_by_due", "due"),)
    kind: Mapped[str] = mapped_column(primary_key=True)
    clip: Mapped[str] = mapped_column(ForeignKey("clip.id"), primary_key=True)
    due: Mapped[str]
    """Not to be taken before; of a job at work, when its lease ends."""
    worker: Mapped[str | None]
    """Who is at it; NULL: nobody."""
    taken: Mapped[int]
    """How often it was taken: a worker that lost its lease has an older number."""
    asked: Mapped[int]
    """How often it was asked for; asked for again while at work, it is done once more."""
    tries: Mapped[int]
    """How often in a row it could not be done."""
    lost: Mapped[int]
    """How often its worker was gone before it was done."""
    given_up: Mapped[bool]
    problem: Mapped[str | None]
    """What went wrong at the last try."""


class OfficeRow(Table):
    """Which archive signs for the log: see :mod:`archive.catalogue.office`."""

    __tablename__ = "office"
    log: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    """Goes up by one whenever an archive takes office."""
    size: Mapped[int]
    """For how many entries anybody may have signed."""
