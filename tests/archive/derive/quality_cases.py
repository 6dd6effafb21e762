"""Generated cases with known answers, and how often the quality rules are wrong on them.

``python -m tests.archive.derive.quality_cases`` prints the table that ``docs/quality-signals.md``
shows.  Scenes are drawn, blurred, covered, darkened and given a sensor's noise; none of it is
footage of a body camera.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from archive.derive.quality import HEIGHT, WIDTH, HintKind, Pictures, Sound, hints

Frames = NDArray[np.float32]
SECONDS = 20
EACH = 40
"""Cases of every sort."""

SEED = 6

MEASURED: tuple[HintKind, ...] = tuple(kind for kind in HintKind if kind is not HintKind.NO_SOUND)
"""Kinds that can be wrong; whether there is a sound track is no question of degree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One recording with what there is to say about it."""

    sort: str
    expected: frozenset[HintKind]
    pictures: Pictures
    sound: Sound | None


def scene(chance: np.random.Generator, *, still: bool = False) -> Frames:
    """A scene with surfaces, edges and things that move, one picture a second."""
    large = chance.uniform(20, 235, (5, 8)).astype(np.float32)
    ground = cv2.resize(large, (WIDTH * 2, HEIGHT * 2), interpolation=cv2.INTER_CUBIC)
    for _ in range(25):
        left, top = chance.integers(0, WIDTH * 2), chance.integers(0, HEIGHT * 2)
        w, h = chance.integers(4, 60), chance.integers(4, 60)
        cv2.rectangle(
            ground,
            (int(left), int(top)),
            (int(left + w), int(top + h)),
            float(chance.uniform(0, 255)),
            -1,
        )
    for _ in range(30):
        a, b = chance.integers(0, WIDTH * 2, 2), chance.integers(0, HEIGHT * 2, 2)
        cv2.line(
            ground, (int(a[0]), int(b[0])), (int(a[1]), int(b[1])), float(chance.uniform(0, 255)), 1
        )
    ground = np.clip(ground, 0, 255)
    frames = []
    x, y = WIDTH / 2, HEIGHT / 2
    for _ in range(SECONDS):
        if not still:
            x = float(np.clip(x + chance.normal(0, 6), 0, WIDTH))
            y = float(np.clip(y + chance.normal(0, 4), 0, HEIGHT))
        frames.append(ground[int(y) : int(y) + HEIGHT, int(x) : int(x) + WIDTH])
    return np.stack(frames)


def sensed(frames: Frames, chance: np.random.Generator, noise: float = 2.0) -> NDArray[np.uint8]:
    """What a sensor makes of *frames*."""
    return np.clip(frames + chance.normal(0, noise, frames.shape), 0, 255).astype(np.uint8)


def _blur(frames: Frames, sigma: float) -> Frames:
    return np.stack([cv2.GaussianBlur(each, (0, 0), sigma) for each in frames])


def day(chance: np.random.Generator) -> NDArray[np.uint8]:
    return sensed(scene(chance), chance, chance.uniform(0.8, 3))


def low_light(chance: np.random.Generator) -> NDArray[np.uint8]:
    return sensed(scene(chance) * chance.uniform(0.3, 0.45), chance, chance.uniform(3, 6))


def night_with_lights(chance: np.random.Generator) -> NDArray[np.uint8]:
    frames = scene(chance) * 0.08
    for each in frames:
        for _ in range(int(chance.integers(3, 8))):
            at = (int(chance.integers(0, WIDTH)), int(chance.integers(0, HEIGHT)))
            cv2.circle(each, at, int(chance.integers(3, 9)), float(chance.uniform(120, 255)), -1)
    return sensed(frames, chance, 4)


def still_scene(chance: np.random.Generator) -> NDArray[np.uint8]:
    return sensed(scene(chance, still=True), chance, chance.uniform(0.8, 3))


def soft_optics(chance: np.random.Generator) -> NDArray[np.uint8]:
    return sensed(_blur(scene(chance), chance.uniform(0.4, 0.8)), chance)


def finger_over_a_third(chance: np.random.Generator) -> NDArray[np.uint8]:
    frames = scene(chance)
    frames[:, :, : WIDTH // 3] = chance.uniform(60, 160)
    return sensed(frames, chance)


def lens_cap(chance: np.random.Generator) -> NDArray[np.uint8]:
    return sensed(scene(chance) * 0.01 + chance.uniform(0, 10), chance, chance.uniform(1, 6))


def pitch_dark(chance: np.random.Generator) -> NDArray[np.uint8]:
    return sensed(scene(chance) * 0.06, chance, chance.uniform(2, 7))


def finger(chance: np.random.Generator) -> NDArray[np.uint8]:
    glow = cv2.resize(
        chance.uniform(-10, 10, (2, 3)).astype(np.float32),
        (WIDTH, HEIGHT),
        interpolation=cv2.INTER_CUBIC,
    )
    return sensed(
        np.stack([glow + chance.uniform(70, 170)] * SECONDS), chance, chance.uniform(1, 4)
    )


def coat(chance: np.random.Generator) -> NDArray[np.uint8]:
    weave = chance.normal(0, 5, (SECONDS, HEIGHT, WIDTH)).astype(np.float32)
    return sensed(_blur(weave, 1.2) + chance.uniform(60, 120), chance, 3)


def defocused(chance: np.random.Generator) -> NDArray[np.uint8]:
    return sensed(_blur(scene(chance), chance.uniform(3.5, 7)), chance)


def smeared(chance: np.random.Generator) -> NDArray[np.uint8]:
    """Water or grease on the lens: blur everywhere and a veil of light."""
    return sensed(_blur(scene(chance), chance.uniform(3, 5)) * 0.7 + 60, chance)


def stuck(chance: np.random.Generator) -> NDArray[np.uint8]:
    """The encoder gives one picture again and again, coded anew each time."""
    frames = day(chance)
    since = int(chance.integers(3, 12))
    frames[since:] = frames[since]
    shaken = chance.random(frames[since:].shape) < 0.15
    frames[since:][shaken] ^= 1
    return frames


def speech(chance: np.random.Generator) -> list[float]:
    return list(chance.uniform(-30, -3, SECONDS))


def whisper(chance: np.random.Generator) -> list[float]:
    return list(chance.uniform(-55, -42, SECONDS))


def empty_room(chance: np.random.Generator) -> list[float]:
    return list(chance.uniform(-60, -50, SECONDS))


def muted(chance: np.random.Generator) -> list[float]:
    level = chance.choice([-np.inf, -90.0, -78.0])
    heard = list(chance.uniform(-30, -3, SECONDS))
    since = int(chance.integers(2, 10))
    heard[since:] = [float(level)] * (SECONDS - since)
    return heard


def buffered(chance: np.random.Generator) -> list[float]:
    heard = list(chance.uniform(-30, -3, SECONDS))
    until = int(chance.integers(6, 15))
    heard[:until] = [-np.inf] * until
    return heard


SIGHTS: Mapping[Callable[[np.random.Generator], NDArray[np.uint8]], HintKind | None] = {
    day: None,
    low_light: None,
    night_with_lights: None,
    still_scene: None,
    soft_optics: None,
    finger_over_a_third: None,
    lens_cap: HintKind.DARK,
    pitch_dark: HintKind.DARK,
    finger: HintKind.COVERED,
    coat: HintKind.COVERED,
    defocused: HintKind.BLURRED,
    smeared: HintKind.BLURRED,
    stuck: HintKind.FROZEN,
}
SOUNDS: Mapping[Callable[[np.random.Generator], list[float]], HintKind | None] = {
    speech: None,
    whisper: None,
    empty_room: None,
    muted: HintKind.SILENT,
    buffered: HintKind.PRE_EVENT,
}


def cases() -> Iterator[Case]:
    """Every case, always the same."""
    chance = np.random.default_rng(SEED)
    end = SECONDS * 1000
    at = tuple(range(0, end, 1000))
    plain_sound = Sound(peaks=(-10.0,) * SECONDS, end_ms=end)
    for _ in range(EACH):
        for draw, shown in SIGHTS.items():
            pictures = Pictures(at_ms=at, frames=draw(chance), end_ms=end)
            expected = frozenset({shown} if shown else ())
            yield Case(sort=draw.__name__, expected=expected, pictures=pictures, sound=plain_sound)
        ordinary = Pictures(at_ms=at, frames=day(chance), end_ms=end)
        for heard, told in SOUNDS.items():
            sound = Sound(peaks=tuple(heard(chance)), end_ms=end)
            expected = frozenset({told} if told else ())
            yield Case(sort=heard.__name__, expected=expected, pictures=ordinary, sound=sound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """How the rules did."""

    counted: Mapping[tuple[HintKind, str], int]
    """(kind, ``TP`` | ``FN`` | ``FP`` | ``TN``) -> cases."""
    wrong: Mapping[tuple[str, HintKind, str], int]
    """(sort of case, kind, ``FN`` | ``FP``) -> cases."""


def measure() -> Errors:
    """Let the rules look at every case."""
    counted: Counter[tuple[HintKind, str]] = Counter()
    wrong: Counter[tuple[str, HintKind, str]] = Counter()
    for case in cases():
        told = {hint.kind for hint in hints(case.pictures, case.sound, SECONDS * 1000)}
        for kind in MEASURED:
            end = ("T" if (kind in told) == (kind in case.expected) else "F") + (
                "P" if kind in told else "N"
            )
            counted[kind, end] += 1
            if end.startswith("F"):
                wrong[case.sort, kind, end] += 1
    return Errors(counted=counted, wrong=wrong)


def table(errors: Errors) -> str:
    """The result as the page shows it."""
    lines = [
        "| hint | found (TP) | missed (FN) | false (FP) | rightly none (TN) |",
        "|---|---|---|---|---|",
    ]
    for kind in MEASURED:
        numbers = " | ".join(str(errors.counted[kind, end]) for end in ("TP", "FN", "FP", "TN"))
        lines.append(f"| `{kind.value}` | {numbers} |")
    for (sort, kind, end), number in sorted(errors.wrong.items()):
        word = "missed" if end == "FN" else "false"
        lines.append(f"\n{number} of {EACH} `{sort}`: `{kind.value}` {word}.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table(measure()))
