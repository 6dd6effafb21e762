"""What was derived from a clip for watching."""

from __future__ import annotations

from evidence.wire.message import Message, WireRequest


class DerivedObject(Message, frozen=True, kw_only=True):
    """One object of a rendition, before it is sent."""

    name: str
    size: int
    sha256: str
    content_type: str


class RenditionOffer(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/rendition: what the station derived, before it is sent.

    kind ``none`` with *problem* says that no rendition can be made, and why.
    """

    kind: str
    segments: int = 0
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    original_codec: str | None = None
    picture_digest: str | None = None
    camera_signatures: list[str] | None = None
    """Of its camera, which the original carries: seen, not verified
    (:mod:`evidence.camera_signature`).  None: not looked for."""
    claimed_start: str | None = None
    """Start the container claims; the archive links by it when the name on the card told none."""
    problem: str | None = None
    objects: list[DerivedObject] = []


class RenditionAnswer(Message, frozen=True, kw_only=True):
    """name -> the PUT to make; an empty map means all is there (or kind was ``none``)."""

    uploads: dict[str, WireRequest]


class RenditionCheck(Message, frozen=True, kw_only=True):
    """What the archive found when it compared a rendition with its original."""

    verdict: str
    """``verified``, ``likeness`` (some of it was encoded anew) or ``refused``."""
    entry: int
    """Log index of the finding."""
    same: list[str] = []
    """What is proven equal: ``pictures``, ``times``, ``sound``, ``sync``, ``index``, ``frames``."""
    anew: list[str] = []
    """What was encoded anew, so that there is nothing to prove."""
    differs: list[str] = []


class RenditionShown(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/rendition/complete (same body as the offer) answers this."""

    kind: str
    segments: int
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    original_codec: str | None = None
    picture_digest: str | None = None
    camera_signatures: list[str] | None = None
    """As in the offer."""
    problem: str | None = None
    verified_by_archive: bool = False
    """Whether *check* says ``verified``."""
    check: RenditionCheck | None = None
    """None: not compared yet."""
    objects: list[str] = []
