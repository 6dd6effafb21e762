"""A rehearsal of a profile: the station's own code asks a simulated camera, step by step.

One rule: a step passed only if it was done.  What the profile does not tell enough for is "not
simulated", and what the station never says is "not said".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

import msgspec

from evidence.clock import Clock
from evidence.errors import CameraError, CameraRefused, EvidenceError
from station.heard import Heard
from station.profile import Profile
from station.profile.identity import Mode
from station.profile.template import Value
from station.profile.verbs import PASSWORD, Spoken, Verb, Wire
from station.simulator.bus import Bus
from station.simulator.cameras import Model
from station.simulator.profiled import FAST_BY, identity, shows, unanswerable
from station.usb.bus import Plugged
from station.usb.camera import Camera
from station.usb.counterpart import Before, counterpart
from station.usb.gate import Admitted, Candidate, Turned, judge
from station.usb.link import Link, open_link
from station.usb.told import ClockRule, hear

PORT = "1-1"
_SAID = (
    Verb.IDENTIFY, Verb.LOGIN, Verb.READ_CLOCK, Verb.READ_INFO, Verb.BATTERY, Verb.FIRMWARE,
    Verb.FOOTAGE, Verb.SET_CLOCK, Verb.TO_STORAGE,
)  # fmt: skip
"""What the station says to every camera, in its order."""
_RULE = ClockRule(set_beyond=timedelta(seconds=5))
_NEAR_MS = 2000


class State(StrEnum):
    """What became of a step."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_SIMULATED = "not simulated"
    NOT_SAID = "not said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was said, and what was answered; None: nothing was."""

    said: bytes
    answered: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a rehearsal."""

    name: str
    state: State
    detail: str = ""
    exchanges: tuple[Exchange, ...] = ()
    """Empty where a password was said: it is shown to nobody."""


@dataclass(slots=True)
class _Noted:
    """A link that notes what goes over it."""

    link: Link
    exchanges: list[Exchange] = field(default_factory=list)

    def ask(self, words: bytes) -> bytes:
        answered = None
        try:
            answered = self.link.ask(words)
        finally:
            self.exchanges.append(Exchange(said=words, answered=answered))
        return answered

    def renew(self) -> None:
        self.link.renew()

    def close(self) -> None:
        self.link.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched(Camera):
    """The station's own camera, whose every question becomes a step."""

    noted: _Noted
    steps: list[Step]

    def ask(self, verb: Verb, **values: Value) -> Mapping[str, Value]:
        begun = len(self.noted.exchanges)
        try:
            told = Camera.ask(self, verb, **values)
        except EvidenceError as error:
            self._add(verb, State.FAILED, str(error), begun)
            raise
        words = ", ".join(f"{name} {_shown(value)}" for name, value in sorted(told.items()))
        self._add(verb, State.PASSED, words, begun)
        return told

    def _add(self, verb: Verb, state: State, detail: str, begun: int) -> None:
        secret = any(PASSWORD in Spoken.of(each).asks for each in self.profile.verbs[verb])
        said = () if secret else tuple(self.noted.exchanges[begun:])
        self.steps.append(Step(name=verb, state=state, detail=detail, exchanges=said))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """*model*, asked by the words of *profile*, which stands among *profiles*."""

    profile: Profile
    profiles: Sequence[Profile]
    model: Model
    password: str | None
    clock: Clock
    is_derived: bool = True
    """Whether *model* was made of the profile, so that it can answer no more than that tells."""
    bus: Bus = field(default_factory=Bus)

    def steps(self) -> Iterator[Step]:
        """Every step, as it is done; after one without which nothing follows there are no more."""
        if identity(self.profile, Mode.CONTROL) is None:
            yield from self._without_commands()
            return
        judged = self._judged(self.model.raw)
        yield _at_gate("gate", judged, self.profile)
        if self.profile.wire is None or not _lets_in(judged, self.profile, Mode.CONTROL):
            return
        self.bus.plug(self.model)
        left_out = self._left_out()
        yield from self._told_apart(judged)
        yield from self._asked(left_out)

    def _without_commands(self) -> Iterator[Step]:
        if not self.profile.usb:
            detail = "the profile has no [[usb]]: its cards are docked as folders"
            yield Step(name="gate", state=State.NOT_SIMULATED, detail=detail)
        for each in self.profile.usb:
            yield _at_gate(f"gate as {each.mode}", self._judged(shows(each)), self.profile)
        if identity(self.profile, Mode.PTP) is not None:
            detail = "the profile tells nothing of what such a device answers"
            yield Step(name="ptp", state=State.NOT_SIMULATED, detail=detail)

    def _judged(self, raw: bytes) -> Admitted | Turned:
        judged = judge(raw, self.profiles)
        if not isinstance(judged, Admitted | Turned):
            raise CameraRefused("the profile describes a hub, which is no camera")
        return judged

    def _told_apart(self, judged: Admitted | Turned) -> Iterator[Step]:
        """Whether the station takes it for a camera of another profile of the same identity."""
        for each in judged.candidates if isinstance(judged, Admitted) else ():
            other = each.profile
            if other.id == self.profile.id or each.identity.mode is not Mode.CONTROL:
                continue
            name = f"told apart from {other.id}"
            if Verb.IDENTIFY not in other.verbs:
                alike = Verb.IDENTIFY not in self.profile.verbs
                detail = "neither has a question: the first that is tried is taken" if alike else ""
                yield Step(name=name, state=State.FAILED if alike else State.PASSED, detail=detail)
            elif other.wire is not None:
                yield self._not_taken_for(other, other.wire, name)

    def _not_taken_for(self, other: Profile, wire: Wire, name: str) -> Step:
        told, known = list[Exchange](), False
        try:
            with closing(_Noted(open_link(self._plugged, wire, lambda: self.bus), told)) as line:
                known = Camera(link=line, profile=other).is_known()
        except CameraError as error:  # it has no such endpoints: then it is none of those
            return Step(name=name, state=State.PASSED, detail=str(error))
        state = State.FAILED if known else State.PASSED
        detail = "it answers that profile's question, too" if known else ""
        return Step(name=name, state=state, detail=detail, exchanges=tuple(told))

    def _left_out(self) -> Mapping[Verb, str]:
        """The verbs that are not rehearsed, and why."""
        found = dict(unanswerable(self.profile)) if self.is_derived else {}
        asks = {verb for verb, phrases in self.profile.verbs.items() for each in phrases
                if PASSWORD in Spoken.of(each).asks}  # fmt: skip
        if self.password is None:
            found |= dict.fromkeys(asks, "it says a password, and none was given")
        return found

    def _asked(self, left_out: Mapping[Verb, str]) -> Iterator[Step]:
        profile = msgspec.structs.replace(
            self.profile,
            verbs={verb: each for verb, each in self.profile.verbs.items() if verb not in left_out},
        )
        assert profile.wire is not None  # noqa: S101  looked at by the caller
        try:
            line = _Noted(open_link(self._plugged, profile.wire, lambda: self.bus))
        except CameraError as error:
            yield Step(name="open", state=State.FAILED, detail=str(error))
            return
        done = list[Step]()
        camera = _Watched(
            link=line, profile=profile, password=self.password, noted=line, steps=done
        )
        with closing(line):
            try:
                heard = hear(camera, self.clock, _RULE)
            except EvidenceError:
                heard = None  # the step that failed tells it
        yield from _in_order(done, heard, self.profile, left_out)
        if heard is not None and heard.clock is not None and self.is_derived:
            yield _offset(heard)
        if heard is not None and Verb.TO_STORAGE in profile.verbs:
            yield from self._back(heard)

    def _back(self, heard: Heard) -> Iterator[Step]:
        """The camera leaves, and comes back as a disk."""
        name = "mode switch"
        if not self.model.is_disk:
            yield Step(name=name, state=State.FAILED, detail="the camera did not become a disk")
            return
        as_disk = identity(self.profile, Mode.STORAGE)
        if as_disk is None:
            detail = 'the profile has no [[usb]] with mode = "storage" to come back as'
            yield Step(name=name, state=State.FAILED, detail=detail)
            return
        raw = shows(as_disk)
        judged = self._judged(raw)
        yield _at_gate("gate as storage", judged, self.profile)
        disk = _device(raw, 2)
        candidates: Sequence[Candidate] = ()
        if isinstance(judged, Admitted):
            candidates = judged.candidates
        now = self.clock.monotonic()
        before = Before(heard=heard, device=self._plugged, at=now)
        joined = counterpart(before, disk, candidates, now)
        detail = "" if joined else "the disk is not joined to what the camera told before"
        state = State.PASSED if joined else State.FAILED
        yield Step(name="counterpart", state=state, detail=detail)

    @property
    def _plugged(self) -> Plugged:
        return _device(self.model.raw, 1)


def _shown(value: Value) -> str:
    return value.hex(" ") if isinstance(value, bytes) else str(value)


def _device(raw: bytes, number: int) -> Plugged:
    return Plugged(
        port=PORT, number=number, raw=raw, is_on=True, maker=None, product=None, serial=None
    )


def _lets_in(judged: Admitted | Turned, profile: Profile, mode: Mode) -> bool:
    return isinstance(judged, Admitted) and any(
        each.profile.id == profile.id and each.identity.mode is mode for each in judged.candidates
    )


def _at_gate(name: str, judged: Admitted | Turned, profile: Profile) -> Step:
    if isinstance(judged, Turned):
        return Step(name=name, state=State.FAILED, detail=judged.words)
    fits = dict.fromkeys(f"{each.profile.id} {each.identity.mode}" for each in judged.candidates)
    is_ours = any(each.profile.id == profile.id for each in judged.candidates)
    detail = f"{judged.device.name} may be: {', '.join(fits)}"
    return Step(name=name, state=State.PASSED if is_ours else State.FAILED, detail=detail)


def _in_order(
    done: Sequence[Step], heard: Heard | None, profile: Profile, left_out: Mapping[Verb, str]
) -> Iterator[Step]:
    """The steps that were *done*, and of every other verb of *profile* why it was not."""
    unanswered = {} if heard is None else heard.unanswered
    asked = {each.name for each in done}
    for verb, why in left_out.items():
        yield Step(name=verb, state=State.NOT_SIMULATED, detail=why)
    for step in done:
        refused = unanswered.get(step.name)
        is_wrong = step.state is State.PASSED and refused is not None
        yield Step(name=step.name, state=State.FAILED, detail=refused or "",
                   exchanges=step.exchanges) if is_wrong else step  # fmt: skip
    for verb in profile.verbs:
        if verb not in asked and verb not in left_out:
            yield _not_done(verb, heard, profile)


def _not_done(verb: Verb, heard: Heard | None, profile: Profile) -> Step:
    if verb not in _SAID:
        return Step(
            name=verb,
            state=State.NOT_SAID,
            detail="the station says it to no camera unless it is told to",
        )
    if verb is Verb.SET_CLOCK and Verb.READ_CLOCK not in profile.verbs:
        detail = "no clock is set that cannot be read"
        return Step(name=verb, state=State.NOT_SAID, detail=detail)
    why = "" if heard is None else heard.unanswered.get(verb, "")
    detail = why or "not reached, since a step before it failed"
    return Step(name=verb, state=State.FAILED, detail=detail)


def _offset(heard: Heard) -> Step:
    fast = FAST_BY // timedelta(milliseconds=1)
    told = heard.offset_ms or 0
    is_near = abs(told - fast) <= _NEAR_MS
    detail = f"{told / 1000:+.1f} s; the simulated clock was {fast / 1000:+.1f} s off"
    return Step(name="clock offset", state=State.PASSED if is_near else State.FAILED, detail=detail)
