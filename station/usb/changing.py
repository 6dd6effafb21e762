"""Writing to a camera that takes commands: who wears it, settings, firmware.

One rule: what does not fit is found before the first byte is said.  What was said and can be read
back is read back, and another answer than what was said is a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from evidence.errors import CameraRefused, CameraSilent, CardGone, SetupError
from station.change import Change, Outcome, Say, Wearer, What, settings_in
from station.heard import Heard
from station.profile.template import Raw, TemplateWrong, Value
from station.profile.verbs import PASSWORD, Spoken, Verb
from station.usb.camera import Camera


class Changes(Protocol):
    """Whoever decides what is written to cameras, and keeps what came of it."""

    async def is_needed(self) -> bool:
        """Whether any camera may have to be written to."""
        ...

    async def change(self, port: str, heard: Heard, say: Say) -> tuple[What, ...]:
        """Write to the camera that was *heard* at *port* what is due; what was begun with."""
        ...


def write_change(camera: Camera, change: Change) -> Outcome:
    """Write *change* to *camera*, which is logged in to here; what came of it.  Blocks."""
    began = False
    try:
        if camera.knows(Verb.LOGIN):
            camera.log_in()
        say = _READY[change.what](camera, change)
        began = True
        read_back = say()
    except (CameraRefused, CameraSilent, CardGone, SetupError) as error:
        return Outcome(done=False, began=began, problem=str(error))
    return Outcome(done=True, read_back=read_back)


def ready_wearer(camera: Camera, wearer: Wearer) -> Callable[[], bool]:
    """What lets *camera* name *wearer*, once it is called: whether the camera told so afterwards.

    What *wearer* leaves empty is said again as the camera told it.  SetupError if a word does not
    fit.  What is given raises CameraRefused if the camera tells another wearer afterwards.
    """
    empty = dict.fromkeys(_asked(camera, Verb.WRITE_OFFICER), "")
    words = {**empty, **_told(camera), **wearer.words}
    _see_fits(camera, Verb.WRITE_OFFICER, words)

    def say() -> bool:
        camera.write_officer(**words)
        after = _told(camera)
        for name, word in wearer.words.items():
            if after.get(name, word) != word:
                raise CameraRefused(f"the camera took it, and tells another {name} afterwards")
        return "officer" in after

    return say


def _ready(camera: Camera, verb: Verb, each: Sequence[Mapping[str, Value]]) -> Callable[[], bool]:
    """What says *verb* with *each* of these words in turn; SetupError if one does not fit."""
    for words in each:
        _see_fits(camera, verb, words)

    def say() -> bool:
        for words in each:
            camera.ask(verb, **words)
        return False

    return say


def _pieces(camera: Camera, data: bytes) -> Iterator[Mapping[str, Value]]:
    phrases = [Spoken.of(each) for each in camera.profile.verbs[Verb.FIRMWARE_WRITE]]
    holes = [piece for each in phrases for piece in each.send.pieces]
    sizes = {hole.size for hole in holes if isinstance(hole, Raw) and hole.name == "data"}
    if len(sizes) != 1:
        raise SetupError(f"profile {camera.profile.id} says no one size of a piece of firmware")
    (size,) = sizes
    says_end = any(each.asks & {"length", "size"} for each in phrases)
    if len(data) % size and not says_end:
        raise SetupError(
            f"{len(data):,} bytes are no whole pieces of {size}, and profile {camera.profile.id}"
            " does not say where they end"
        )
    for offset in range(0, len(data), size):
        part = data[offset : offset + size]
        yield {"size": len(data), "offset": offset, "length": len(part), "data": part}


def _told(camera: Camera) -> Mapping[str, str]:
    """What it tells of itself and its wearer, to be said again; nothing if it cannot."""
    if not camera.knows(Verb.READ_INFO):
        return {}
    told = {name: str(value) for name, value in camera.ask(Verb.READ_INFO).items()}
    for name, word in told.items():
        if "\\x" in word:
            raise CameraRefused(f"the camera tells a {name} that cannot be said again as it is")
    return told


def _asked(camera: Camera, verb: Verb) -> frozenset[str]:
    """All that the phrases of *verb* ask for, but the password."""
    phrases = camera.profile.verbs[verb]
    return frozenset[str]().union(*(Spoken.of(each).asks for each in phrases)) - {PASSWORD}


def _see_fits(camera: Camera, verb: Verb, words: Mapping[str, Value]) -> None:
    """SetupError if a phrase of *verb* has no room for *words*."""
    password = {} if camera.password is None else {PASSWORD: camera.password}
    for phrase in camera.profile.verbs[verb]:
        try:
            Spoken.of(phrase).send.put({**words, **password})
        except TemplateWrong as error:
            raise SetupError(
                f"the camera cannot be told by profile {camera.profile.id}: {error}",
                advice="Shorten it, write it in the letters that the profile has, or correct that.",
            ) from error


def _wear(camera: Camera, change: Change) -> Callable[[], bool]:
    if change.wearer is None:
        raise ValueError(f"{change.id} names no wearer")
    return ready_wearer(camera, change.wearer)


def _configure(camera: Camera, change: Change) -> Callable[[], bool]:
    try:
        settings = settings_in(_data(camera, change))
    except ValueError as error:
        raise SetupError(f"what is kept for cameras cannot be used: {error}") from error
    each = [{"setting": name, "value": value} for name, value in settings.items()]
    return _ready(camera, Verb.CONFIG_PUSH, each)


def _flash(camera: Camera, change: Change) -> Callable[[], bool]:
    pieces = list(_pieces(camera, _data(camera, change)))
    return _ready(camera, Verb.FIRMWARE_WRITE, pieces)


def _data(camera: Camera, change: Change) -> bytes:
    """The bytes to be written, now that the camera has said once more that it is empty."""
    if change.supply is None:
        raise ValueError(f"{change.id} has nothing to write")
    if (files := camera.footage()) != 0:
        raise CameraRefused(f"the camera says that it holds {files} recordings")
    return change.supply.data


_READY: Mapping[What, Callable[[Camera, Change], Callable[[], bool]]] = {
    What.OFFICER: _wear,
    What.CONFIG: _configure,
    What.FIRMWARE: _flash,
}
