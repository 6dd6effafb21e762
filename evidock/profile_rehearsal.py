"""``evidock profiles simulate``: a profile, rehearsed with a simulated camera and its card.

One rule: it shows that a profile agrees with itself and with our code.  It says nothing about a
real camera, and each run says so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from evidence.clock import SystemClock
from evidence.digest import BLOCK, Sha256
from evidence.errors import CameraError
from evidock.card_trial import Trial, in_words
from evidock.simulation.cameras import make_image
from ingest.source import Listed, Original, Sort
from station.card import Card
from station.disk.raw_card import RawCard
from station.profile import Profile
from station.profile.verbs import Verb
from station.simulator.cameras import ControlModel, Model, TextModel
from station.simulator.profiled import ProfiledModel
from station.simulator.rehearsal import Rehearsal, State, Step
from station.usb.passwords import read_passwords

CAVEAT = (
    "A simulation shows that this profile agrees with itself and with our code."
    " It says nothing about a real camera."
)
ALL_PASSED, SOME_FAILED, SOME_NOT_SIMULATED = 0, 1, 4
INDEPENDENT: Mapping[str, type[Model]] = {"control": ControlModel, "text": TextModel}
"""Cameras that were written from public sources, and not from profiles."""
_SERIAL = 0x51301001
_CARD = b"simulated"
_Now = Callable[[], datetime]


def rehearse(chosen: argparse.Namespace, profile: Profile, profiles: Sequence[Profile]) -> int:
    """Print every step and what is made of the card; 0, 1 or 4 (``docs/cli.md``)."""
    password = read_passwords(chosen.passwords).get(profile.id)
    clock = SystemClock()
    rehearsal = Rehearsal(
        profile=profile,
        profiles=profiles,
        model=_camera(chosen.camera, profile, password, lambda: clock.now().replace(tzinfo=None)),
        password=password,
        clock=clock,
        is_derived=chosen.camera is None,
    )
    steps = list(rehearsal.steps())
    card: dict[str, object] | None = None
    if chosen.card is not None:
        card = _on_card(chosen.card, Trial(profile=profile, profiles=profiles, name=_CARD))
        steps += _of_card(card, profile)
    if chosen.json:
        told = [_told(step) for step in steps]
        print(json.dumps({"profile": profile.id, "proves": CAVEAT, "steps": told, "card": card}))
    else:
        _print(steps, card, verbose=chosen.verbose)
    return _exit_code(steps)


def _camera(wanted: str | None, profile: Profile, password: str | None, now: _Now) -> Model:
    if wanted is not None:
        return INDEPENDENT[wanted]()
    needs = password if Verb.LOGIN in profile.verbs else None
    return ProfiledModel(profile=profile, now=now, password=needs)


def _on_card(source: Path, trial: Trial) -> dict[str, object]:
    """What the trial tells of *source* as a card, read from its image by the station's reader."""
    with tempfile.TemporaryDirectory(prefix="evidock-") as place:
        image = Path(place) / "card.img"
        make_image(image, source, _SERIAL)
        with closing(RawCard(image)) as card:
            listing = card.listing()
            told = trial.of(card, listing)
            files: list[dict[str, object]] = told["files"]  # type: ignore[assignment]
            for listed, file in zip(listing, files, strict=True):
                file["equal"] = _is_equal(card, listed, source)
    return told


def _is_equal(card: Card, listed: Listed, source: Path) -> bool | None:
    """Whether the reader gave the bytes of the folder's file; None of what is no file."""
    if listed.sort is not Sort.FILE:
        return None
    hashed = Sha256.of_file(source / listed.path.decode())
    try:
        with card.open(listed) as original:
            return hashed == _hash(original, listed.size)
    except CameraError:
        return False


def _hash(original: Original, size: int) -> Sha256:
    total = hashlib.sha256()
    for at in range(0, size, BLOCK):
        total.update(original.read_at(at, min(BLOCK, size - at)))
    return Sha256(total.digest())


def _of_card(card: dict[str, object], profile: Profile) -> list[Step]:
    files: list[dict[str, object]] = card["files"]  # type: ignore[assignment]
    differ = [str(each["path"]) for each in files if each["equal"] is False]
    read = State.FAILED if differ else State.PASSED
    words = f"{', '.join(differ)} came out with other bytes" if differ else f"{len(files)} files"
    steps = [Step(name="card read", state=read, detail=words)]
    if profile.match.paths:  # without rules it fits no card by its files, and is not meant to
        by = card["chosen_by_station"]
        match = State.PASSED if by == profile.id else State.FAILED
        detail = f"the station reads this card by {by}"
        steps.append(Step(name="card matched", state=match, detail=detail))
    return steps


def _print(steps: Sequence[Step], card: dict[str, object] | None, *, verbose: bool) -> None:
    for step in steps:
        print(f"{step.name:<32}{step.state:<15}{step.detail}".rstrip())
        for each in step.exchanges if verbose else ():
            print(f"    said     {each.said.hex(' ')}")
            print(f"    answered {'nothing' if each.answered is None else each.answered.hex(' ')}")
    if card is not None:
        print(f"\n{in_words(card)}")
    print(CAVEAT, file=sys.stderr)


def _told(step: Step) -> dict[str, object]:
    said = [{"said": each.said.hex(), "answered": _hex(each.answered)} for each in step.exchanges]
    return {**asdict(step), "state": step.state.value, "exchanges": said}


def _exit_code(steps: Sequence[Step]) -> int:
    states = {step.state for step in steps}
    if State.FAILED in states:
        return SOME_FAILED
    return SOME_NOT_SIMULATED if State.NOT_SIMULATED in states else ALL_PASSED


def _hex(answered: bytes | None) -> str | None:
    return None if answered is None else answered.hex()
