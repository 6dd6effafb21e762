"""How a clip's bytes came to us, strongest first: a fact that is shown wherever the clip is.

One rule: the word stands in the station's own signed entry when the file is found and is never
changed afterwards; a clip that was imported stays imported, whatever is learned of it later.
"""

from __future__ import annotations

from enum import StrEnum


class Acquisition(StrEnum):
    """What stood between the camera and our first hash of the bytes."""

    DOCKED = "docked"
    """Read at the station from what was docked there as a camera; that it was the camera's own
    medium is the medium's word."""
    PUSHED = "pushed"
    """A camera system pushed it over the network; hashed here at first receipt."""
    IMPORTED = "imported"
    """A person handed it in as files: who held them before, and what was done to them, is not
    known here."""


CAMERA_PREFIX = "import/"
"""What the camera's name of imported clips begins with, and of no others.

No docked camera's name holds a slash (:mod:`station.claims` sees to it), so an imported clip is
never taken for a docked one, however alike their names and bytes are."""

PUSHED_PROFILE = "axis-push"
"""The profile of pushed clips, by which they are known where nobody says how they came."""


def fits(acquisition: Acquisition, camera: str, profile: str) -> bool:
    """Whether clips which came that way may have this *camera* and *profile*."""
    if profile == PUSHED_PROFILE and acquisition is not Acquisition.PUSHED:
        return False
    return camera.startswith(CAMERA_PREFIX) == (acquisition is Acquisition.IMPORTED)
