"""What may be asked of a camera on the bus, and how a profile says it.

The words are those of GA/T 947.4-2015, which gives collection stations a programming interface and
no bytes: identify the maker, log in, read and write who wears it, set the clock, become a disk.
Every byte is the profile's.  It does no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from station.profile.table import Table
from station.profile.template import IGNORED, Template, TemplateWrong, Value


class Verb(StrEnum):
    """What a camera may be asked for."""

    IDENTIFY = "identify"
    """Who made it: a harmless question that tells apart cameras of one identity."""
    LOGIN = "login"
    """Give the password that the settings hold."""
    READ_INFO = "read_info"
    """Its number, and who wears it."""
    WRITE_OFFICER = "write_officer"
    """Say who wears it."""
    READ_CLOCK = "read_clock"
    SET_CLOCK = "set_clock"
    BATTERY = "battery"
    """Its charge, in percent."""
    FIRMWARE = "firmware"
    """Which firmware runs in it."""
    FOOTAGE = "footage"
    """How many recordings it holds: asked before settings or firmware are written to it."""
    TO_STORAGE = "to_storage"
    """Become a disk."""
    ERASE = "erase"
    """Forget all footage."""
    CONFIG_PUSH = "config_push"
    """Take over one setting."""
    FIRMWARE_WRITE = "firmware_write"
    """Take over a piece of new firmware."""


_PERCENT, _VERSION = frozenset({"percent"}), frozenset({"version"})
_FILES = frozenset({"files"})
_SETTING = frozenset({"setting", "value"})
_MOMENT = frozenset({"now", "year", "month", "day", "hour", "minute", "second"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the words of one verb may be about."""

    given: frozenset[str] = frozenset()
    """Holes that we can fill, beside ``password``."""
    told: frozenset[str] = frozenset()
    """Holes of an answer that we understand."""
    needed: tuple[frozenset[str], ...] = ()
    """What the answers must tell: one of these."""
    said: frozenset[str] = frozenset()
    """What the phrases must say."""
    with_password: bool = True
    """Whether it may say the password: not to a stranger."""


PASSWORD = "password"  # noqa: S105  the name of a hole
TERMS: Mapping[Verb, Terms] = {
    Verb.IDENTIFY: Terms(with_password=False),
    Verb.LOGIN: Terms(),
    Verb.READ_INFO: Terms(told=frozenset({"camera", "officer", "name", "unit", "unit_name"})),
    Verb.WRITE_OFFICER: Terms(given=frozenset({"camera", "officer", "name", "unit", "unit_name"})),
    Verb.READ_CLOCK: Terms(told=_MOMENT, needed=(frozenset({"now"}), _MOMENT - {"now"})),
    Verb.SET_CLOCK: Terms(given=_MOMENT),
    Verb.BATTERY: Terms(told=_PERCENT, needed=(_PERCENT,)),
    Verb.FIRMWARE: Terms(told=_VERSION, needed=(_VERSION,)),
    Verb.FOOTAGE: Terms(told=_FILES, needed=(_FILES,)),
    Verb.TO_STORAGE: Terms(),
    Verb.ERASE: Terms(),
    Verb.CONFIG_PUSH: Terms(given=_SETTING, said=_SETTING),
    Verb.FIRMWARE_WRITE: Terms(
        given=frozenset({"size", "offset", "length", "data"}), said=frozenset({"data"})
    ),
}
"""The clock is the camera's own, in the time of the place, as GA/T 947.4 sets it: a time ``now``,
or its numbers."""


_IN = 0x80
Milliseconds = Annotated[int, msgspec.Meta(ge=10, le=60_000)]
Byte = Annotated[int, msgspec.Meta(ge=0, le=0xFF)]
Short = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]


class Setup(Table, frozen=True):
    """The setup packet of a control transfer (USB 2.0, section 9.3)."""

    request_type: Byte
    request: Byte
    value: Short = 0
    index: Short = 0


class Wire(Table, frozen=True):
    """[wire]: how bytes travel.  Either both setup packets, or both endpoints."""

    write: Setup | None = None
    read: Setup | None = None
    endpoint_out: Byte | None = None
    endpoint_in: Byte | None = None
    most: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 64
    """Bytes of an answer that are read."""
    timeout_ms: Milliseconds = 3000
    """What one transfer may take."""

    @property
    def is_whole(self) -> bool:
        """Whether it says one way to travel, there and back."""
        setups = [self.write, self.read].count(None)
        endpoints = [self.endpoint_out, self.endpoint_in].count(None)
        return sorted((setups, endpoints)) == [0, 2] and self._goes_both_ways

    @property
    def _goes_both_ways(self) -> bool:
        """Whether what writes is on its way out, and what reads on its way in (bit 7)."""
        out = [self.endpoint_out, None if self.write is None else self.write.request_type]
        back = [self.endpoint_in, None if self.read is None else self.read.request_type]
        return not any(each is not None and each & _IN for each in out) and all(
            each is None or each & _IN for each in back
        )


class Phrase(Table, frozen=True):
    """[[verbs.NAME]]: one thing that is said, and how a good answer to it looks."""

    send: str
    """Template of what is sent."""
    answer: str | None = None
    """Template of a good answer; its holes are what it tells."""
    pattern: str | None = None
    """Instead: a regular expression that a good answer, as ASCII, matches; its groups tell."""
    example: str | None = None
    """With ``pattern``: a good answer, as a template without holes, which the pattern must fit."""


class AnswerRefused(Exception):
    """The camera answered, and not what a good answer is; the text says what came."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A phrase, ready to be used."""

    send: Template
    answer: Template | None
    pattern: re.Pattern[bytes] | None

    @classmethod
    def of(cls, phrase: Phrase) -> Spoken:
        """TemplateWrong if *phrase* cannot be understood."""
        if (phrase.answer is None) == (phrase.pattern is None):
            raise TemplateWrong("a verb has either an answer or a pattern")
        try:
            pattern = None if phrase.pattern is None else re.compile(phrase.pattern.encode("ascii"))
        except (re.error, UnicodeEncodeError) as error:
            raise TemplateWrong(f"{phrase.pattern!r} is no regular expression: {error}") from error
        answer = None if phrase.answer is None else Template.of(phrase.answer)
        made = cls(send=Template.of(phrase.send), answer=answer, pattern=pattern)
        for template in (made.send, made.answer):
            _ = template is None or template.size  # TemplateWrong if a time cannot be written
        made._see_example(phrase.example)
        return made

    def _see_example(self, example: str | None) -> None:
        """TemplateWrong if *example* is no good answer, or there is a template of one already."""
        if example is None:
            return
        if self.pattern is None:
            raise TemplateWrong("an answer is its own example")
        data = Template.of(example).put({})
        if self.pattern.search(data) is None:
            raise TemplateWrong(f"its pattern does not fit its own example {data!r}")

    @property
    def asks(self) -> frozenset[str]:
        """What must be given to say it."""
        return self.send.names - {IGNORED}

    @property
    def tells(self) -> frozenset[str]:
        """What a good answer tells."""
        if self.pattern is not None:
            return frozenset(self.pattern.groupindex)
        return frozenset() if self.answer is None else self.answer.names - {IGNORED}

    def see_within(self, terms: Terms) -> None:
        """TemplateWrong if it is about something else than *terms*."""
        allowed = terms.given | ({PASSWORD} if terms.with_password else set())
        if unknown := self.asks - allowed:
            raise TemplateWrong(f"it asks for {sorted(unknown)}, which nobody gives")
        if self.pattern is not None and "now" in self.tells:
            raise TemplateWrong("a pattern tells text and no time: name year, month, day, …")
        if unknown := self.tells - terms.told:
            raise TemplateWrong(f"its answer tells {sorted(unknown)}, which nobody understands")

    def heard(self, data: bytes) -> Mapping[str, Value]:
        """What *data* tells; AnswerRefused if it is no good answer."""
        if self.pattern is not None:
            found = self.pattern.search(data)
            if found is None:
                raise AnswerRefused(f"it answered {data[:64]!r}")
            told = found.groupdict(default=b"")
            return {name: part.decode("ascii", "backslashreplace") for name, part in told.items()}
        try:
            return {} if self.answer is None else self.answer.take(data)
        except TemplateWrong as error:
            raise AnswerRefused(f"{error} (it answered {data[:64].hex(' ')})") from error
