"""Finding, without decoding anything, that coded pictures carry a signature of their camera.

Signatures travel in SEI messages "user data unregistered" (ITU-T H.264, D.1.7 and D.2.7; H.265,
D.2.7), which begin with a UUID.  One rule: only that UUID is looked for.  Nothing is verified, so
finding it proves nothing of the pictures, and not finding it nothing of the camera.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from uuid import UUID

from evidence.camera_signature import CameraSignature

UUIDS: Mapping[bytes, CameraSignature] = {
    UUID("005bc93f-2d71-5e95-ada4-796f90877a6f").bytes: CameraSignature.ONVIF,
    UUID("5369676e-6564-2056-6964-656f2e2e2e30").bytes: CameraSignature.AXIS,
}
"""As the READMEs of onvif/media-signing-framework and AxisCommunications/signed-video-framework
give them."""
_UNREGISTERED = 5
_UUID_BYTES = 16
_MORE = 0xFF
_RUN = re.compile(rb"\xff+")
MOST_MESSAGES = 256
"""In one NAL unit; encoders write a handful."""


def signatures_in(messages: bytes) -> Iterator[CameraSignature]:
    """The signatures among the SEI *messages* of one NAL unit, given without its header.

    A message that claims to be longer than the unit is looked at as far as it goes.  Messages after
    the first :data:`MOST_MESSAGES` are not looked at: a unit of zeros would hold millions.
    """
    raw = messages.replace(b"\0\0\3", b"\0\0")  # emulation prevention (H.264, 7.4.1)
    place = 0
    for _ in range(MOST_MESSAGES):
        if place + 1 >= len(raw):
            return
        kind, place = _number(raw, place)
        size, place = _number(raw, place)
        found = UUIDS.get(raw[place : place + min(size, _UUID_BYTES)])
        if kind == _UNREGISTERED and found is not None:
            yield found
        place += size


def _number(raw: bytes, place: int) -> tuple[int, int]:
    """A payload type or size: bytes of 255, and one that is less, are added up."""
    run = _RUN.match(raw, place)
    end = place if run is None else run.end()
    return (end - place) * _MORE + (raw[end] if end < len(raw) else 0), end + 1
