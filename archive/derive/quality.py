"""Quality hints: where a reviewer should look twice.  Hints, never a judgement.

The rules look at small gray key frames and at the loudness of each second, and name spans of time:

1. *dark*: 99 of 100 pixels are darker than ``DARK``; a night scene has lights;
2. *covered*: not dark, and hardly any structure, coarse or fine: a hand, a coat, a wall close by;
3. *blurred*: coarse structure, but no fine detail beside it; not said of night pictures, whose
   lamps glow softly anyway;
4. *frozen*: key frames that follow one another are the same picture, beyond what a still scene
   with a sensor's noise gives;
5. *silent*: a second in which the loudest sample is below ``SILENT`` dBFS; silence from the very
   start that ends within two minutes is *pre_event*: the buffer before the button, recorded
   without sound by design; a recording without a sound track has *no_sound*.

How often they are wrong on generated cases is measured, in ``docs/quality-signals.md``.  No picture
of a camera is decoded here: OpenCV gets arrays that a caged ffmpeg has made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

VERSION = 1
"""Of these rules: entries name it."""

WIDTH, HEIGHT = 160, 90
"""Size of the sampled pictures: small enough for thousands, large enough for blur."""

DARK = 48.0
"""Gray level (of 255) that one pixel in a hundred of a dark picture may pass: above sensor noise
at high gain, below a street lamp."""

STRUCTURE = 9.0
"""Standard deviation of a 20 x 11 thumbnail below which there is nothing to see in it."""

DETAIL = 9.0
"""Mean strength of edges (Sobel, after smoothing) below which nothing fine is left."""

SHARP = 0.6
"""Edge strength for each gray level of coarse contrast; optics out of focus give less."""

LIT = 30.0
"""Median gray level below which a picture is one of the night."""

SAME = 0.35
"""Mean difference in gray levels between key frames of one and the same picture.  Two pictures of
a still scene differ by more, even after coding, since sensors are noisy."""

SILENT = -66.0
"""dBFS: a microphone in an empty room gives more, an unplugged or muted one gives less."""

LEAST_MS = 3000
"""Shorter spans are not told."""

PRE_EVENT_MS = (5_000, 125_000)
"""How long a buffer before the button lasts on body cameras: seconds to two minutes."""

MOST_SPANS = 100
"""Spans of one clip that are kept; of more, the longest."""


class HintKind(StrEnum):
    """What a hint is about."""

    DARK = "dark"
    COVERED = "covered"
    BLURRED = "blurred"
    FROZEN = "frozen"
    SILENT = "silent"
    PRE_EVENT = "pre_event"
    NO_SOUND = "no_sound"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Hint:
    """A span of time worth a second look."""

    start_ms: int
    end_ms: int
    kind: HintKind
    value: int
    """What was measured, in thousandths of the unit its rule has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Sampled pictures of a recording."""

    at_ms: tuple[int, ...]
    frames: NDArray[np.uint8]
    """(n, HEIGHT, WIDTH) gray levels."""
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The loudness of a recording, second by second."""

    peaks: tuple[float, ...]
    """Loudest sample of each second in dBFS; -inf for digital silence."""
    end_ms: int


def hints(pictures: Pictures | None, sound: Sound | None, end_ms: int) -> list[Hint]:
    """Every hint, ordered by time.  *sound* is None where there is no sound track."""
    found = [] if pictures is None else [*_of_pictures(pictures)]
    found += [Hint(start_ms=0, end_ms=end_ms, kind=HintKind.NO_SOUND, value=0)]
    if sound is not None:
        found[-1:] = _of_sound(sound)
    longest = sorted(found, key=lambda hint: hint.start_ms - hint.end_ms)[:MOST_SPANS]
    return sorted(longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one picture measures."""

    brightest: float
    """Gray level that one pixel in a hundred passes."""
    middle: float
    """The median gray level."""
    structure: float
    detail: float

    @property
    def sharpness(self) -> float:
        return self.detail / max(self.structure, 1.0)

    @property
    def kind(self) -> HintKind | None:
        """What is wrong with it by rules 1 to 3, in that order."""
        if self.brightest < DARK:
            return HintKind.DARK
        if self.structure < STRUCTURE and self.detail < DETAIL:
            return HintKind.COVERED
        if self.middle >= LIT and self.structure >= STRUCTURE and self.sharpness < SHARP:
            return HintKind.BLURRED
        return None

    @property
    def value(self) -> float:
        return {
            HintKind.DARK: self.brightest,
            HintKind.COVERED: self.structure,
            HintKind.BLURRED: self.sharpness,
            None: 0.0,
        }[self.kind]


def look(frame: NDArray[np.uint8]) -> Look:
    """Measure one picture."""
    smooth = cv2.GaussianBlur(frame, (3, 3), 0)
    thumbnail = cv2.resize(frame, (20, 11), interpolation=cv2.INTER_AREA)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    return Look(
        brightest=float(np.percentile(frame, 99)),
        middle=float(np.median(frame)),
        structure=float(np.std(thumbnail)),
        detail=float(np.percentile(cv2.magnitude(across, down), 95)) / 4,
    )


def _of_pictures(pictures: Pictures) -> Iterator[Hint]:
    looks = [look(frame) for frame in pictures.frames]
    ends = (*pictures.at_ms[1:], pictures.end_ms)
    place = 0
    for kind, run in groupby(looks, key=lambda each: each.kind):
        members = list(run)
        start, end = pictures.at_ms[place], ends[place + len(members) - 1]
        place += len(members)
        if kind is not None and end - start >= LEAST_MS:
            worst = float(np.median([each.value for each in members]))
            yield _hint(start, end, kind, worst)
    yield from _frozen(pictures, looks)


def _frozen(pictures: Pictures, looks: Sequence[Look]) -> Iterator[Hint]:
    """Rule 4.  In the dark, and on a covered lens, nothing is seen to move anyway."""
    changes = [
        float(np.mean(cv2.absdiff(earlier, later))) for earlier, later in pairwise(pictures.frames)
    ]
    seen = [each.kind not in {HintKind.DARK, HintKind.COVERED} for each in looks]
    place = 0
    for same, run in groupby(enumerate(changes), key=lambda at: at[1] < SAME and seen[at[0]]):
        members = [change for _, change in run]
        start, end = pictures.at_ms[place], pictures.at_ms[place + len(members)]
        place += len(members)
        if same and end - start >= LEAST_MS:
            yield _hint(start, end, HintKind.FROZEN, max(members))


def _of_sound(sound: Sound) -> Iterator[Hint]:
    """Rule 5."""
    place = 0
    for silent, run in groupby(sound.peaks, key=lambda peak: peak < SILENT):
        members = list(run)
        start, end = place * 1000, min((place + len(members)) * 1000, sound.end_ms)
        place += len(members)
        if not silent or end - start < LEAST_MS:
            continue
        before = start == 0 and place < len(sound.peaks)
        shortest, longest = PRE_EVENT_MS
        kind = HintKind.PRE_EVENT if before and shortest <= end <= longest else HintKind.SILENT
        yield _hint(start, end, kind, max(*members, -200.0))


def _hint(start: int, end: int, kind: HintKind, value: float) -> Hint:
    return Hint(start_ms=start, end_ms=end, kind=kind, value=round(value * 1000))
