"""The tables of the journal.  Nobody outside the station reads or writes them.

A change here needs a revision in ``versions``: :mod:`evidence.migration` says how.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    false,
    text,
)

from evidence.acquisition import Acquisition
from evidence.migration import NAMES

metadata = MetaData(naming_convention=NAMES)

entry = Table(
    "entry",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("clip", String, index=True),
    Column("state", String),
    Column("raw", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""Signed custody entries; ``seq`` is the number the station signed, from 1, without a gap."""

clip = Table(
    "clip",
    metadata,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("by_entry", ForeignKey("entry.seq"), nullable=False),
    Column("clip_class", String, nullable=False),
    Column("camera", String, nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("profile", String, nullable=False),
    Column("officer", String),
    Column("started", String),
    Column("important", Boolean, nullable=False),
    Column("acquisition", String, nullable=False, server_default=Acquisition.DOCKED.value),
    Column("clock_offset_ms", Integer),
    Column("sha256", String),
    Column("sm3", String),
    Column("got", Integer, nullable=False, server_default="0"),
    Column("partial", String),
    Column("same_as", ForeignKey("clip.id")),
    Column("archived", LargeBinary),
    Column("archive_id", String),
    Column("receipt", Boolean, nullable=False, server_default=false()),
    Column("rendition", String),
    Column("segments", Integer),
    Column("freed", Boolean, nullable=False, server_default=false()),
    Column("problem", String),
    Column("alarm", String),
    Column("stopped", Boolean, nullable=False, server_default=false()),
    Index("clip_by_name", "camera", "path"),
    Index("clip_waiting", "freed", "stopped", "state"),
)
"""A clip.  ``partial`` is a reason code; ``same_as`` says that it proved to be a known clip."""

opening = Table(
    "opening",
    metadata,
    Column("clip", ForeignKey("clip.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
)

heard = Table(
    "heard",
    metadata,
    Column("id", String, primary_key=True),
    Column("told", LargeBinary, nullable=False),
    Column("openings", LargeBinary, nullable=False),
)
"""What a camera told before it became a card, as JSON, and what opens the commitments of its
entry."""

docking = Table(
    "docking",
    metadata,
    Column("id", String, primary_key=True),
    Column("folder", LargeBinary, nullable=False),
    Column("identity", String, nullable=False),
    Column("docked", String, nullable=False),
    Column("undocked", String),
    Column("heard", ForeignKey("heard.id")),
    Column("assignment", ForeignKey("assignment.id")),
    Column("begun", ForeignKey("entry.seq")),
    Column("begin_openings", LargeBinary),
    Column("ended", ForeignKey("entry.seq")),
    Column("end_openings", LargeBinary),
)
"""A card at the dock, until it was seen to be gone; ``heard``: what its camera told before;
``assignment``: under which its camera was worn, once that is known; ``begun`` and ``ended``: its
continuity record, and what opens the commitments of the two entries."""

assignment = Table(
    "assignment",
    metadata,
    Column("id", String, primary_key=True),
    Column("camera", String, nullable=False, index=True),
    Column("officer", String, nullable=False),
    Column("how", String, nullable=False),
    Column("by", String, nullable=False),
    Column("since", String, nullable=False),
    Column("until", String),
    Column("ended_by", String),
    Column("openings", LargeBinary, nullable=False),
    Column("end_openings", LargeBinary),
    Index("assignment_standing", "camera", unique=True, sqlite_where=text("until IS NULL")),
)
"""Who was said to wear a camera, and what opens the commitments of its entries."""

badge = Table(
    "badge",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String, nullable=False),
    Column("officer", String, nullable=False),
    Column("given", String, nullable=False),
    Column("ended", String),
    Column("openings", LargeBinary, nullable=False),
    Column("end_openings", LargeBinary),
    Index("badge_standing", "number", unique=True, sqlite_where=text("ended IS NULL")),
)
"""Whose badge was said to be whose, and what opens the commitments of its entries."""

seen = Table(
    "seen",
    metadata,
    Column("docking", ForeignKey("docking.id"), primary_key=True),
    Column("clip", ForeignKey("clip.id"), primary_key=True),
)

mail = Table(
    "mail",
    metadata,
    Column("docking", ForeignKey("docking.id"), primary_key=True),
    Column("box", String, primary_key=True),
    Column("receipt", String, nullable=False),
    Column("sent", String, nullable=False),
)
"""The receipt of a docking that a mail server took last for a box."""

sighting = Table(
    "sighting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("clip", ForeignKey("clip.id"), nullable=False, index=True),
    Column("folder", LargeBinary, nullable=False),
    Column("camera", String, nullable=False),
    Column("serial", String, nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("head", String, nullable=False),
    Column("mistaken", Boolean, nullable=False, server_default=false()),
    Index("sighting_by_key", "camera", "path", "size", "mtime_ns", "head", "serial"),
)
"""A key under which a clip was seen, and in which folder of the dock root.

``mistaken``: a second read of that file gave other bytes, so the key does not stand for the clip.
"""

erasure = Table(
    "erasure",
    metadata,
    Column("docking", ForeignKey("docking.id"), primary_key=True),
    Column("path", LargeBinary, primary_key=True),
    Column("clip", ForeignKey("clip.id"), nullable=False, index=True),
    Column("done", Boolean, nullable=False, server_default=false()),
)
"""A file of a card that an erase proof let go; ``done`` once it is known to be gone."""

call = Table(
    "call",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("place", String, nullable=False),
    Column("called", String, nullable=False),
    Column("answered", String),
    Column("answered_by", String),
    Index("call_open", "place", unique=True, sqlite_where=text("answered IS NULL")),
)
"""A call for a supervisor; the empty place is the station as a whole."""

change = Table(
    "change",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("camera", String, nullable=False),
    Column("what", String, nullable=False),
    Column("words", String, nullable=False),
    Column("how", String, nullable=False),
    Column("problem", String),
    Column("openings", LargeBinary, nullable=False),
    Index("change_by_camera", "camera"),
)
"""What was written to a camera, or was to be; ``how`` far that came (:mod:`.changes`)."""

choice = Table(
    "choice",
    metadata,
    Column("id", String, primary_key=True),
    Column("entry", ForeignKey("entry.seq"), nullable=False),
    Column("clip", ForeignKey("clip.id"), nullable=False),
    Column("officer", String, nullable=False),
    Column("incident", String),
    Column("number", String),
    Column("code", String),
    Column("openings", LargeBinary, nullable=False),
    Index("choice_by_clip", "clip"),
    Index("choice_by_entry", "entry"),
)
"""What was said at the board of a clip, and what opens the commitments of its entry."""
