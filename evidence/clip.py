"""The life of a clip, from the camera's card to the archive.

A state is a fact that survives a power cut, never an activity.  Every legal move is in ``MOVES``;
nothing else in the product changes a clip's state, and the table in ``docs/clip-states.md`` is
printed from it.  Beside the state stands the class: what kind of thing the camera held.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from enum import StrEnum


class ClipState(StrEnum):
    """Where the evidence is known to be."""

    FOUND = "FOUND"
    """The file is listed; its only copy is on the camera."""
    PULLED = "PULLED"
    """A synced copy lies in the station's staging; its SHA-256 was taken at first read."""
    VERIFIED = "VERIFIED"
    """The staging copy was read again from disk and gave the same SHA-256."""
    ARCHIVED = "ARCHIVED"
    """The vault's copy was read back by version id, is locked, durable, and has a custody entry."""
    RELEASED = "RELEASED"
    """The camera was allowed to forget, on an erase proof."""
    DISPOSED = "DISPOSED"
    """Its bytes were destroyed, lawfully, in every vault; what the log says of it stays."""


MOVES: Mapping[ClipState, frozenset[ClipState]] = {
    ClipState.FOUND: frozenset({ClipState.PULLED}),
    ClipState.PULLED: frozenset({ClipState.VERIFIED}),
    ClipState.VERIFIED: frozenset({ClipState.ARCHIVED}),
    ClipState.ARCHIVED: frozenset({ClipState.RELEASED, ClipState.DISPOSED}),
    ClipState.RELEASED: frozenset({ClipState.DISPOSED}),
    ClipState.DISPOSED: frozenset(),
}
"""state -> the states that may follow it.  RELEASED is reachable only from ARCHIVED."""


class ClipClass(StrEnum):
    """What kind of thing the camera held."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    SIDECAR = "sidecar"
    """Text or data that belongs to recordings (GPS track, parameter file, log)."""
    QUARANTINE = "quarantine"
    """Unknown or broken: archived like any other, never opened outside the cage."""
    PARTIAL = "partial"
    """The card went or failed mid-file: what was read is kept; the next dock resumes there."""
    REFUSED = "refused"
    """A link, device, pipe or socket, which is no original; or a file outside its profile's scope,
    of which not a byte is read."""


FOOTAGE = frozenset({ClipClass.VIDEO, ClipClass.AUDIO, ClipClass.IMAGE})
"""What shows or lets hear what happened: a sidecar or a broken file is no footage."""


def may_move(old: ClipState, new: ClipState) -> bool:
    """Whether the table allows *old* to become *new*."""
    return new in MOVES[old]


def new_id(prefix: str) -> str:
    """A fresh random id such as ``c-4f6k…``: 128 bits, so it says nothing about what it names.

    Prefixes: ``c`` clip, ``s`` station, ``u`` person, ``i`` incident, ``d`` docking, ``g`` grant,
    ``t`` what a camera told, ``w`` what was written to one, ``a`` assignment,
    ``h`` hold, ``k`` closing of a case, ``p`` proposal, ``l`` a clip's place in a case,
    ``f`` document, ``v`` version of a dossier, ``o`` a case taken out, ``n`` a document given,
    ``q`` case of a feed, ``y`` duty, ``z`` span of a stay, ``x`` feed key or excuse, ``b`` outage.
    """
    return f"{prefix}-{secrets.token_hex(16)}"
