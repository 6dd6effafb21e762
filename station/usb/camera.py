"""A camera that takes commands, asked in the words of its profile.

One rule: its clock is read before it is set, where it can be read, since every time on the card was
written by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from evidence.errors import CameraRefused, CameraSilent, CardGone, SetupError
from evidence.names import shown
from station.profile import Profile
from station.profile.template import TemplateWrong, Value
from station.profile.verbs import PASSWORD, AnswerRefused, Spoken, Verb
from station.usb.link import Link

_MOST_DIGITS = 18
"""Of a number that anybody means; one of more than 64 bits could not be handed on."""
_NUMBERS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """The camera at the other end of *link*, which is of the kind *profile*."""

    link: Link
    profile: Profile
    password: str | None = field(default=None, repr=False)
    """From the settings; it is never guessed, and said to no camera before it was identified."""

    def knows(self, verb: Verb) -> bool:
        """Whether its profile has words for *verb*."""
        return verb in self.profile.verbs

    def is_known(self) -> bool:
        """Whether it answers as a camera of this profile does; one without a question is taken.

        Raises CardGone.
        """
        if not self.knows(Verb.IDENTIFY):
            return True
        try:
            self.ask(Verb.IDENTIFY)
        except (CameraRefused, CameraSilent):
            return False
        return True

    def log_in(self) -> None:
        """Give the password; CameraRefused if it is not the camera's, or the settings have none."""
        self.ask(Verb.LOGIN)

    def info(self) -> Mapping[str, str]:
        """What it says of itself and of who wears it, by the names of ``verbs.py``."""
        return {name: _fit(value) for name, value in self.ask(Verb.READ_INFO).items()}

    def battery(self) -> int:
        """Its charge in percent."""
        told = self.ask(Verb.BATTERY)
        percent = _number(told, "percent")
        if not 0 <= percent <= 100:  # noqa: PLR2004
            raise CameraRefused(f"the camera says that its battery is at {percent} %")
        return percent

    def firmware(self) -> str:
        """Its firmware, as it names it."""
        return _fit(self.ask(Verb.FIRMWARE)["version"])

    def footage(self) -> int:
        """How many recordings it holds, as it says."""
        return _number(self.ask(Verb.FOOTAGE), "files")

    def clock(self) -> datetime:
        """What its clock shows: a time without a zone, whose place is not known."""
        told = self.ask(Verb.READ_CLOCK)
        if isinstance(now := told.get("now"), datetime):
            return now
        year, month, day, hour, minute, second = (_number(told, name) for name in _NUMBERS)
        try:
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  it knows no zone
        except (ValueError, OverflowError) as error:
            raise CameraRefused(f"the camera says a time that is none: {dict(told)}") from error

    def set_clock(self, now: datetime) -> datetime | None:
        """Let its clock show *now*, a time without a zone; what it showed, if it can tell."""
        before = self.clock() if self.knows(Verb.READ_CLOCK) else None
        self.tell_clock(now)
        return before

    def tell_clock(self, now: datetime) -> None:
        """As :meth:`set_clock`, for whoever has read it just now."""
        self.ask(Verb.SET_CLOCK, now=now, **{name: getattr(now, name) for name in _NUMBERS})

    def write_officer(self, **words: str) -> None:
        """Say who wears it."""
        self.ask(Verb.WRITE_OFFICER, **words)

    def become_disk(self) -> None:
        """Ask it to become a disk: it leaves, and another device comes to its port.

        Some leave before they have answered, so only that device's coming tells that it did.
        """
        with suppress(CardGone, CameraSilent):
            self.ask(Verb.TO_STORAGE)

    def ask(self, verb: Verb, **values: Value) -> Mapping[str, Value]:
        """Say all phrases of *verb* in turn; what the answers tell.

        Raises CardGone, CameraSilent or CameraRefused; ValueError if its profile has no such verb.
        """
        if not self.knows(verb):
            raise ValueError(f"profile {self.profile.id} has no words for {verb}")
        given = values if self.password is None else {**values, PASSWORD: self.password}
        told: dict[str, Value] = {}
        for phrase in self.profile.verbs[verb]:
            told |= self._say(Spoken.of(phrase), verb, given)
        return told

    def _say(self, spoken: Spoken, verb: Verb, given: Mapping[str, Value]) -> Mapping[str, Value]:
        try:
            words = spoken.send.put(given)
        except TemplateWrong as error:
            raise SetupError(
                f"profile {self.profile.id} cannot {verb}: {error}",
                advice="Correct [station] camera_passwords, or the profile.",
            ) from error
        answer = self.link.ask(words)
        try:
            return spoken.heard(answer)
        except AnswerRefused as error:
            # A camera may repeat what was said to it, and a password is told to nobody.
            secret = PASSWORD in spoken.asks
            said = f"{len(answer)} bytes that are no good answer" if secret else str(error)
            raise CameraRefused(f"asked to {verb}: {said}") from (None if secret else error)


def _fit(value: Value) -> str:
    """What a camera tells, fit to be shown."""
    return shown(str(value).encode("utf-8", "surrogateescape"))


def _number(told: Mapping[str, Value], name: str) -> int:
    """A number in an answer, be it written in bytes or in digits."""
    value = told.get(name)
    digits = "" if isinstance(value, datetime) or value is None else str(value).strip()
    if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        raise CameraRefused(f"the camera's answer has no {name}: {dict(told)}")
    return int(digits)
