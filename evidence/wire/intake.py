"""How a station hands a clip over."""

from __future__ import annotations

from evidence.acquisition import Acquisition
from evidence.wire.message import Message, WireRequest


class OpeningSent(Message, frozen=True, kw_only=True):
    """A commitment's opening on the wire, hexadecimal."""

    salt: str
    value_hex: str


class ClipOffer(Message, frozen=True, kw_only=True):
    """POST /v1/intake: a station has a verified copy and wants to hand it over."""

    clip: str
    camera: str
    path_hex: str
    sha256: str
    size: int
    clip_class: str
    profile: str
    openings: dict[str, OpeningSent]
    officer: str | None = None
    started: str | None = None
    important: bool = False
    clock_offset_ms: int | None = None
    latitude: str | None = None
    longitude: str | None = None
    sm3: str | None = None
    """SM3 of the same bytes, from stations that take it beside SHA-256."""
    acquisition: str = Acquisition.DOCKED.value
    """Stations that knew only docked cameras told nothing.  What such a one took in by push is
    refused until it is brought forward, since silence would better its grade."""


class PartsGrant(Message, frozen=True, kw_only=True):
    """The object goes in parts of *part_size* bytes (the last may be smaller)."""

    upload: str
    part_size: int


class VaultFacts(Message, frozen=True, kw_only=True):
    """Where an original lies and what holds it there."""

    bucket: str
    key: str
    version_id: str
    mode: str
    lock_until: str


class Archived(Message, frozen=True, kw_only=True):
    """What the archive vouches for after read-back, barrier and commit."""

    clip: str
    vault: VaultFacts
    retain_until: str
    retain_rule: str
    entry: int
    """Log index of the clip's ``archive.verified`` entry."""
    entry_text: str
    """That entry, byte for byte: the leaf which the receipt proves."""


class IntakeAnswer(Message, frozen=True, kw_only=True):
    """Either *archived* (nothing to send), or *put*, or *parts*.

    *clip* is the archive's id of the clip: another than offered if it knew this camera, path and
    digest already; the station adopts it.
    """

    clip: str
    archived: Archived | None = None
    put: WireRequest | None = None
    parts: PartsGrant | None = None


class PartWanted(Message, frozen=True, kw_only=True):
    """POST /v1/intake/{clip}/parts, answered by a WireRequest."""

    upload: str
    number: int
    size: int
    sha256: str


class PartSent(Message, frozen=True, kw_only=True):
    """What the store answered to one part."""

    number: int
    etag: str
    sha256: str


class UploadDone(Message, frozen=True, kw_only=True):
    """POST /v1/intake/{clip}/complete, answered by Archived.  Empty after a single PUT."""

    upload: str | None = None
    parts: list[PartSent] = []
