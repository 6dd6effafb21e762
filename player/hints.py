"""Quality hints as the clip page shows them: strips on a line of time, and a list."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.wire import QualityShown
from player.pages import duration

_LINE = 1000
"""Width of the line of time, in units of the drawing."""

_LEAST = 4
"""Narrower strips are not seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One hint, placed."""

    kind: str
    start_ms: int
    start: str
    end: str
    x: int
    width: int


def strips(quality: QualityShown | None, length_ms: int) -> list[Strip]:
    """The hints of *quality* on a recording of *length_ms*."""
    if quality is None or length_ms <= 0:
        return []
    return [
        Strip(
            kind=hint.kind,
            start_ms=hint.start_ms,
            start=duration(hint.start_ms),
            end=duration(hint.end_ms),
            x=min(hint.start_ms * _LINE // length_ms, _LINE - _LEAST),
            width=max(_LEAST, (hint.end_ms - hint.start_ms) * _LINE // length_ms),
        )
        for hint in quality.hints
    ]
