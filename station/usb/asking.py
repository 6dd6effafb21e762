"""What is asked of a camera before it becomes a disk: by its port's process.

One rule: nothing here is shared with the station, so that it can be done in another process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from evidence.clock import Clock
from evidence.errors import CameraRefused, CardGone
from station.change import Change, Outcome
from station.heard import Heard
from station.profile import Profile
from station.profile.verbs import Verb
from station.usb.bus import Plugged
from station.usb.camera import Camera
from station.usb.changing import write_change
from station.usb.link import Backend, libusb, open_link
from station.usb.told import ClockRule, hear, leave


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
        return self._heard(stay=False)

    def tell_and_stay(self) -> Heard:
        """As :meth:`become_disk`, but it goes on taking commands, until :meth:`leave`."""
        return self._heard(stay=True)

    def write(self, profile: str, change: Change) -> Outcome:
        """Write *change* to the camera, which is of *profile*; what came of it.  Blocks."""
        with self._camera(self._of(profile)) as camera:
            if not camera.is_known():
                problem = "it does not answer as the camera it was"
                return Outcome(done=False, began=False, problem=problem)
            return write_change(camera, change)

    def leave(self, profile: str) -> str:
        """Ask the camera, which is of *profile*, to become a disk; why it refuses, if it does."""
        try:
            with self._camera(self._of(profile)) as camera:
                return leave(camera)
        except CardGone:  # on its way, or taken: what comes to its port tells
            return ""

    def _heard(self, *, stay: bool) -> Heard:
        refused: CameraRefused | None = None
        for profile in sorted(self.profiles, key=lambda each: Verb.IDENTIFY not in each.verbs):
            try:
                if heard := self._told(profile, stay=stay):
                    return heard
            except CameraRefused as error:
                refused = refused or error
        raise refused or CameraRefused(
            f"the device at port {self.device.port} answers as no camera that a profile describes"
        )

    def _told(self, profile: Profile, *, stay: bool) -> Heard | None:
        """What it tells before it becomes a disk, if it is a camera of *profile*."""
        if profile.wire is None:
            return None
        with self._camera(profile) as camera:
            return hear(camera, self.clock, self.clock_rule, stay=stay)

    def _of(self, profile: str) -> Profile:
        return next(each for each in self.profiles if each.id == profile)

    @contextmanager
    def _camera(self, profile: Profile) -> Iterator[Camera]:
        if profile.wire is None:
            raise ValueError(f"profile {profile.id} has no wire")
        with closing(open_link(self.device, profile.wire, self.backend)) as link:
            password = self.passwords.get(profile.id)
            yield Camera(link=link, profile=profile, password=password)
