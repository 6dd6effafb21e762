"""What is asked of a camera before it becomes a disk: by its port's process.

One rule: nothing here is shared with the station, so that it can be done in another process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from evidence.clock import Clock
from evidence.errors import CameraRefused
from station.heard import Heard
from station.profile import Profile
from station.profile.verbs import Verb
from station.usb.bus import Plugged
from station.usb.camera import Camera
from station.usb.link import Backend, libusb, open_link
from station.usb.told import ClockRule, hear


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A device that takes commands, and the profiles it may be of."""

    device: Plugged
    profiles: Sequence[Profile]
    passwords: Mapping[str, str]
    """By profile: what cameras are logged in to with."""
    clock: Clock
    clock_rule: ClockRule
    backend: Backend = libusb

    def become_disk(self) -> Heard:
        """Find out which camera it is, and ask it to become a disk; what it told.  Blocks.

        Those that can be told by a question are asked before one is taken without.
        """
        refused: CameraRefused | None = None
        for profile in sorted(self.profiles, key=lambda each: Verb.IDENTIFY not in each.verbs):
            try:
                if heard := self._became_disk(profile):
                    return heard
            except CameraRefused as error:
                refused = refused or error
        raise refused or CameraRefused(
            f"the device at port {self.device.port} answers as no camera that a profile describes"
        )

    def _became_disk(self, profile: Profile) -> Heard | None:
        """What it tells before it becomes a disk, if it is a camera of *profile*."""
        if profile.wire is None:
            return None
        with closing(open_link(self.device, profile.wire, self.backend)) as link:
            password = self.passwords.get(profile.id)
            camera = Camera(link=link, profile=profile, password=password)
            return hear(camera, self.clock, self.clock_rule)
