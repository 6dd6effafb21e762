"""Tables of what is under way: sign-ins, feeds, how stations are.

One rule: nothing here is evidence.  What is lost is told or done again, and no entry speaks of it.
Whoever has imported this module knows all tables of the catalogue, these and those of evidence.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.tables import Table

__all__ = [
    "CameraRow",
    "EnrolmentRow",
    "FailedSignInRow",
    "FeedFileRow",
    "FeedProblemRow",
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


class FeedProblemRow(Table):
    """A row of a feed file that could not be used, and why."""

    __tablename__ = "feed_problem"
    path: Mapped[str] = mapped_column(primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    """Line number in the file; 0 for a problem of the whole file."""
    reason: Mapped[str]


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


class OfficeRow(Table):
    """Which archive signs for the log: see :mod:`archive.catalogue.office`."""

    __tablename__ = "office"
    log: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    """Goes up by one whenever an archive takes office."""
    size: Mapped[int]
    """For how many entries anybody may have signed."""
