"""Stations: POST /v1/stations with a one-time code; everything else signed by the station's key."""

from __future__ import annotations

from evidence.wire.intake import OpeningSent
from evidence.wire.message import Message


class EnrolStation(Message, frozen=True, kw_only=True):
    """POST /v1/stations."""

    code: str
    name: str
    public_key: str
    """Raw Ed25519 public key, hexadecimal."""


class StationEnrolled(Message, frozen=True, kw_only=True):
    """The answer to EnrolStation: the station's id, and the agency its evidence belongs to."""

    station: str
    agency: str
    log_key: str
    """The log's verifier key (C2SP): the station pins it and checks every receipt with it."""
    policy: str = ""
    """The log's policy (C2SP tlog-policy): the station pins the witnesses in it, too."""


class Successions(Message, frozen=True, kw_only=True):
    """The answer to GET /v1/log/successions: how the log's key changed (evidence.succession)."""

    statements: list[str]
    """Signed notes, the first one first."""


class StationAct(Message, frozen=True, kw_only=True):
    """One entry of the station's journal, as it signed it."""

    number: int
    raw: str
    signature: str
    """Ed25519 over custody.station_act_message, hexadecimal."""


class ActOpenings(Message, frozen=True, kw_only=True):
    """What opens commitments of one act of a push, where the archive is to know the words."""

    number: int
    openings: dict[str, OpeningSent]


class JournalPush(Message, frozen=True, kw_only=True, omit_defaults=True):
    """POST /v1/journal: entries in order, the first following the last one accepted."""

    acts: list[StationAct]
    openings: list[ActOpenings] = []


class JournalAccepted(Message, frozen=True, kw_only=True):
    """The answer to JournalPush, and to GET /v1/journal/through."""

    through: int
    """The highest number the archive has sequenced for this station."""
