"""What a made rendition is: its kind, its files, and the digests that tie it to its original."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.camera_signature import CameraSignature
from evidence.digest import Sha256


class RenditionKind(StrEnum):
    """How a rendition relates to its original."""

    COPY = "copy"
    """The original's own coded pictures, bit for bit, in another container."""
    TRANSCODED = "transcoded"
    """Pictures encoded anew as H.264 for viewing: a likeness, which the player says."""
    AUDIO = "audio"
    """Sound only."""
    IMAGE = "image"
    """One still picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionFile:
    """One file of a rendition."""

    name: str
    size: int
    sha256: Sha256
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A finished rendition.  ``rendition.json`` says the same, and how it was made."""

    kind: RenditionKind
    segments: int
    """Segments of the playlist; 0 for an image."""
    duration_ms: int
    width: int
    height: int
    """Of the picture as it is to be seen, turned if the camera says so; 0 without pictures."""
    frames: int
    original_codec: str
    claimed_start: datetime | None
    """What the container claims, never evidence of time."""
    picture_digest: Sha256 | None
    """Of the original's coded pictures (H.264 and HEVC); for a copy, proven equal to its own."""
    parameter_digest: Sha256 | None
    pts_digest: Sha256 | None
    """Of the original's times.  These three are defined in ``picture.py``."""
    audio_digest: Sha256 | None
    """SHA-256 of the original's coded audio; set only where the rendition carries the same."""
    signatures: tuple[CameraSignature, ...] | None
    """Of the camera's own, which the original carries: seen, not verified.  None: not looked for,
    since it has no pictures, or none whose units can be told apart."""
    notes: tuple[str, ...]
    """Ways in which it is not the original: ``word: explanation``."""
    files: tuple[RenditionFile, ...]
