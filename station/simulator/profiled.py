"""A simulated camera made of a profile: it understands what the profile says, and answers so.

One rule: what a profile does not tell is not made up.  A camera that agrees with its profile shows
that the profile agrees with itself and with our code, and nothing about a real camera; those that
were written without our profiles stand in :mod:`station.simulator.cameras`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from station.profile import Profile
from station.profile.identity import Identity, Mode
from station.profile.template import (
    IGNORED,
    Fixed,
    Moment,
    Number,
    Piece,
    Raw,
    Template,
    TemplateWrong,
    Text,
    Value,
)
from station.profile.verbs import PASSWORD, AnswerRefused, Phrase, Setup, Spoken, Verb, Wire
from station.simulator import cameras
from station.simulator.cameras import Model, Stall
from station.simulator.descriptors import ENDPOINTS, Kind, descriptors

_NOBODYS, _NO_PRODUCT = 0xF055, 0x0001
"""Where a profile takes any vendor or product."""
_TELLS: Mapping[str, Value] = MappingProxyType(
    {
        "camera": "SIM0001",
        "officer": "SIM0815",
        "name": "SIMULATED",
        "unit": "0",
        "unit_name": "SIMULATED",
        "percent": 87,
        "version": "SIM 1.0",
        "files": 1,
    }
)
_PARTS = MappingProxyType(
    {"Y": "year", "m": "month", "d": "day", "H": "hour", "M": "minute", "S": "second"}
)
FAST_BY = timedelta(hours=2)
"""How far its clock is ahead until it is set."""


def identity(profile: Profile, mode: Mode) -> Identity | None:
    """The first identity of *mode* that *profile* has."""
    return next((each for each in profile.usb if each.mode is mode), None)


def shows(told: Identity, wire: Wire | None = None) -> bytes:
    """The descriptors of a device that has every interface which *told* lists, for *wire*."""
    out, back = (None, None) if wire is None else (wire.endpoint_out, wire.endpoint_in)
    return descriptors(
        _NOBODYS if told.vendor is None else told.vendor,
        _NO_PRODUCT if told.product is None else told.product,
        [_kind(each) for each in told.interfaces],
        endpoints=ENDPOINTS if out is None or back is None else (out, back),
    )


def _kind(interface: str) -> Kind:
    major, minor, protocol = (0 if part == "*" else int(part, 16) for part in interface.split(":"))
    return major, minor, protocol


def unanswerable(profile: Profile) -> Mapping[Verb, str]:
    """The verbs to which no answer can be made from *profile*, and why."""
    camera = ProfiledModel(profile=profile, now=lambda: datetime(2026, 1, 1))  # noqa: DTZ001  any
    found = {}
    for verb, phrases in profile.verbs.items():
        for phrase in phrases:
            try:
                camera.reply(phrase)
            except TemplateWrong as error:
                found[verb] = str(error)
    return found


@dataclass(slots=True, kw_only=True)
class ProfiledModel(Model):
    """A camera that is as *profile* says.  *now* is what a right clock of a camera shows."""

    profile: Profile
    now: Callable[[], datetime]
    password: str | None = None
    """What it is logged in to with; None: it wants no login."""
    fast_by: timedelta = FAST_BY
    logged_in: bool = False
    _set: dict[str, int] = field(default_factory=dict)
    _waiting: list[bytes | None] = field(default_factory=list)
    """Answers that nobody has read; None: it is silent."""

    def __post_init__(self) -> None:
        if (told := identity(self.profile, Mode.CONTROL)) is not None:
            self.raw = shows(told, self.profile.wire)

    def control(self, setup: cameras.Setup, content: bytes | int) -> bytes:
        wire = self.profile.wire
        if wire is not None and setup == _packet(wire.write) and isinstance(content, bytes):
            self._waiting = [self._heard(content)]
            return b""
        if wire is not None and setup == _packet(wire.read) and isinstance(content, int):
            told = self._waiting.pop() if self._waiting else None
            if told is not None:
                return told.ljust(content, b"\0")[:content]
        raise Stall(setup, content)

    def say(self, words: bytes) -> None:
        if self.profile.wire is None or self.profile.wire.endpoint_out is None:
            raise Stall(words)
        self._waiting.append(self._heard(words))

    def answer(self) -> bytes | None:
        return self._waiting.pop(0) if self._waiting else None

    def reply(self, phrase: Phrase) -> bytes:
        """A good answer to *phrase*; TemplateWrong if the profile does not tell enough for one."""
        spoken = Spoken.of(phrase)
        if spoken.answer is not None:
            return b"".join(_filled(piece, self._told()) for piece in spoken.answer.pieces)
        if phrase.example is not None:
            return Template.of(phrase.example).put({})
        if spoken.pattern is not None and spoken.pattern.search(b"") is None:
            raise TemplateWrong("it has a pattern and no example: nothing tells a good answer")
        return b""  # any answer is good

    def _reply_if_told(self, meant: tuple[Verb, Phrase]) -> bytes | None:
        try:
            return self.reply(meant[1])
        except TemplateWrong:
            return None

    def _told(self) -> Mapping[str, Value]:
        at = self.now() + self.fast_by
        parts: dict[str, Value] = {name: getattr(at, name) for name in _PARTS.values()}
        return {**_TELLS, **parts, "now": at}

    def _heard(self, words: bytes) -> bytes | None:
        """The answer to *words*; where several verbs say the same, one that is good for most."""
        self.heard.append(words)
        meant = [each for each in self._understood(words) if self._allows(*each, words)]
        answers = [each for each in map(self._reply_if_told, meant) if each is not None]
        for verb, phrase in meant:
            self._do(verb, phrase, words)
        return max(answers, key=lambda each: _good_for(each, meant), default=None)

    def _understood(self, words: bytes) -> Iterator[tuple[Verb, Phrase]]:
        for verb, phrases in self.profile.verbs.items():
            for phrase in phrases:
                if _taken(phrase, words) is not None:
                    yield verb, phrase

    def _allows(self, verb: Verb, phrase: Phrase, words: bytes) -> bool:
        """Whether it does what is asked: it was logged in to, or is being so with its password."""
        said = (_taken(phrase, words) or {}).get(PASSWORD, self.password)
        if self.password is None or verb is Verb.IDENTIFY:
            return True
        return said == self.password and (self.logged_in or verb is Verb.LOGIN)

    def _do(self, verb: Verb, phrase: Phrase, words: bytes) -> None:
        is_last = phrase == self.profile.verbs[verb][-1]
        if verb is Verb.LOGIN and is_last:
            self.logged_in = True
        elif verb is Verb.SET_CLOCK:
            self._set |= _moments(Spoken.of(phrase).send, words)
            if is_last:
                at = self.now()
                self.fast_by = at.replace(**self._set, microsecond=0) - at  # type: ignore[arg-type]
        elif verb is Verb.TO_STORAGE and is_last:
            self.is_disk = True


def _packet(setup: Setup | None) -> cameras.Setup | None:
    if setup is None:
        return None
    return setup.request_type, setup.request, setup.value, setup.index


def _taken(phrase: Phrase, words: bytes) -> Mapping[str, Value] | None:
    """What stands in the holes of *words*, if they are what *phrase* says."""
    send = Spoken.of(phrase).send
    try:
        return send.take(words) if len(words) == send.size else None
    except TemplateWrong:
        return None


def _good_for(answer: bytes, meant: list[tuple[Verb, Phrase]]) -> int:
    good = 0
    for _verb, phrase in meant:
        try:
            Spoken.of(phrase).heard(answer)
        except AnswerRefused:
            continue
        good += 1
    return good


def _filled(piece: Piece, told: Mapping[str, Value]) -> bytes:
    """The bytes of *piece*, with what the camera tells cut to what it can hold."""
    if isinstance(piece, Fixed):
        return piece.data
    if piece.name == IGNORED:
        return bytes(piece.size)
    value = told.get(piece.name)
    if value is None:
        raise TemplateWrong(f"nothing tells what a camera answers in {piece.name}")
    if isinstance(piece, Raw):
        return piece.put(str(value).encode()[: piece.size])
    if isinstance(piece, Text):
        return _cut(piece, str(value))
    if isinstance(piece, Number) and isinstance(value, str):
        return piece.put(1)
    return piece.put(value)


def _cut(piece: Text, text: str) -> bytes:
    while len(text.encode(piece.encoding)) > piece.size:
        text = text[:-1]
    return piece.put(text)


def _moments(send: Template, words: bytes) -> dict[str, int]:
    """The parts of a time that stand in *words*."""
    found, at = dict[str, int](), 0
    for piece in send.pieces:
        data, at = words[at : at + piece.size], at + piece.size
        if isinstance(piece, Moment):
            moment = piece.take(data)
            named = [part for letter, part in _PARTS.items() if f"%{letter}" in piece.form]
            found |= {part: int(getattr(moment, part)) for part in named}
        elif isinstance(piece, Number | Text) and piece.name in _PARTS.values():
            found[piece.name] = int(str(piece.take(data)))
    return found
