"""What a camera tells while it takes commands: asked once, before it becomes a disk.

Identify, log in, read its clock, its number and wearer, its charge and its firmware; set the clock
if that is wanted; become a disk.

One rule: no answer is a fact that is told, never a reason to leave its footage where it is.  The
clock comes first of what is read, since a camera that was silent once is asked nothing more: its
late answer would be taken for that to the next question.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Self, TypeVar

from evidence.clip import new_id
from evidence.clock import Clock, stamp
from evidence.errors import CameraRefused, CameraSilent, CardGone
from evidence.settings import StationSettings
from station.heard import ClockSeen, Heard
from station.profile.verbs import Verb
from station.usb.camera import Camera

HALF_A_SECOND = timedelta(milliseconds=500)
"""A clock without fractions shows a second from its beginning to its end: the middle is meant."""
FURTHEST = timedelta(days=36_525)
"""A hundred years: a clock that is off by more was not set by anybody, and corrects nothing."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """What is done about cameras' clocks."""

    zone: timedelta = timedelta(0)
    """What a right camera clock shows at UTC 00:00."""
    set_beyond: timedelta | None = None
    """A clock that is off by more is set once it was read; None: no clock is ever set."""

    @classmethod
    def of(cls, settings: StationSettings) -> Self:
        """The rule that *settings* give."""
        beyond = timedelta(seconds=settings.set_clocks_beyond_seconds)
        return cls(
            zone=timedelta(minutes=settings.camera_utc_offset_minutes),
            set_beyond=beyond if settings.set_camera_clocks else None,
        )


def hear(camera: Camera, clock: Clock, rule: ClockRule, *, stay: bool = False) -> Heard | None:
    """Ask *camera* everything its profile has words for, and to become a disk; what it told.

    With *stay* it is not asked to become a disk yet: :func:`leave` does.

    None if it does not answer as a camera of this profile: then nothing more was said to it.
    CameraRefused if it does not take the password, CardGone if it left before its clock was set:
    from then on there is an answer, whatever happens, since what was read is needed.  Blocks.
    """
    if not camera.is_known():
        return None
    if camera.knows(Verb.LOGIN):
        camera.log_in()
    hearing = _Hearing(camera, clock, rule)
    heard = hearing.all()
    if not stay:
        hearing.become_disk()
    return heard


def leave(camera: Camera) -> str:
    """Ask *camera*, which stayed, to become a disk; why it refuses, if it does.  Blocks.

    It took the password a moment ago: what it answers to that now may be a late answer to another
    question, and keeps its footage from nobody.
    """
    with suppress(CardGone):
        if camera.knows(Verb.LOGIN):
            with suppress(CameraRefused, CameraSilent):
                camera.log_in()
            camera.link.renew()
        try:
            camera.become_disk()
        except CameraRefused as error:
            return str(error)
    return ""


@dataclass(slots=True)
class _Hearing:
    """One camera being asked."""

    camera: Camera
    clock: Clock
    rule: ClockRule
    unanswered: dict[str, str] = field(default_factory=dict)
    was_silent: bool = False
    was_set: bool = False

    def all(self) -> Heard:
        """Every question in turn, and the clock set if it is to be."""
        now = self._ask(Verb.READ_CLOCK, self._read_clock)
        info = self._ask(Verb.READ_INFO, self.camera.info) or {}
        battery = self._ask(Verb.BATTERY, self.camera.battery)
        firmware = self._ask(Verb.FIRMWARE, self.camera.firmware)
        footage = self._ask(Verb.FOOTAGE, self.camera.footage)
        after = self._set_if_wrong(now)
        return Heard(
            id=new_id("t"),
            profile=self.camera.profile.id,
            camera=info.get("camera") or None,
            officer=info.get("officer") or None,
            battery=battery,
            firmware=firmware or None,
            footage=footage,
            clock=now,
            was_set=self.was_set,
            set_clock=after,
            was_silent=self.was_silent,
            unanswered=self.unanswered,
        )

    def become_disk(self) -> None:
        """As :meth:`Camera.become_disk`, but a refusal is noted; after a silence it means nothing.

        What comes to its port tells whether it did.
        """
        if self.was_silent:
            self.camera.link.renew()
        try:
            self.camera.become_disk()
        except CameraRefused as error:
            if not self.was_silent:
                self.unanswered[Verb.TO_STORAGE] = str(error)

    def _ask(self, verb: Verb, question: Callable[[], _Answer]) -> _Answer | None:
        """The answer; None, noted, if there is none, and None if the profile has no words."""
        if not self.camera.knows(verb):
            return None
        if self.was_silent:
            self.unanswered.setdefault(verb, "not asked, since it was silent before")
            return None
        try:
            return question()
        except CameraSilent as error:
            self.was_silent = True
            self.unanswered[verb] = str(error)
        except CameraRefused as error:
            self.unanswered[verb] = str(error)
        return None

    def _read_clock(self) -> ClockSeen:
        asked, began = self.clock.now(), self.clock.monotonic()
        shown = self.camera.clock()
        half = timedelta(seconds=(self.clock.monotonic() - began) / 2)
        at = asked + half
        offset = shown.replace(tzinfo=UTC) - at + HALF_A_SECOND - self.rule.zone
        if abs(offset) > FURTHEST:
            raise CameraRefused(f"the camera's clock shows {shown}, which is no time of ours")
        return ClockSeen(
            shown=shown.isoformat(timespec="seconds"),
            at=stamp(at),
            offset_ms=offset // timedelta(milliseconds=1),
            within_ms=-(-(half + HALF_A_SECOND) // timedelta(milliseconds=1)),
        )

    def _set_if_wrong(self, now: ClockSeen | None) -> ClockSeen | None:
        """Set the clock if that is wanted and it was read; what it shows then, if it tells."""
        beyond = self.rule.set_beyond
        if now is None or beyond is None or abs(now.offset) <= beyond:
            return None
        try:
            self._ask(Verb.SET_CLOCK, self._set_clock)
            return self._ask(Verb.READ_CLOCK, self._read_clock) if self.was_set else None
        except CardGone as error:
            self.unanswered[Verb.SET_CLOCK] = str(error)
            return None

    def _set_clock(self) -> None:
        now = self.clock.now() + self.rule.zone
        self.was_set = True  # said, whatever comes of it
        self.camera.tell_clock(now.replace(tzinfo=None))
