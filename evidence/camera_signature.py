"""The open ways in which a camera signs its own video within the video.

One rule: that data marked as one is *carried* is all that is known here.  Nobody has verified it,
and no word of ours says so: a forger can write such bytes, too.
"""

from __future__ import annotations

from enum import StrEnum


class CameraSignature(StrEnum):
    """Whose scheme the signature is of."""

    ONVIF = "onvif"
    """ONVIF Media Signing Specification."""
    AXIS = "axis"
    """Axis Signed Video, which came before it."""
