"""Clips of one camera that follow each other without a gap: one recording, cut by the camera.

Cameras cut what they record every few minutes.  Which clips belong together is told by their
times: the next begins where the one before ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from evidence.linking.facts import ClipSpan
from evidence.linking.spans import Span

JOINT = timedelta(seconds=3)
"""The most between the end of one part and the begin of the next: names tell whole seconds."""
LONGEST = timedelta(minutes=90)
"""A longer recording is no account of one incident; each of its clips is judged by itself."""

Recording = tuple[ClipSpan, ...]


def recordings(clips: Iterable[ClipSpan]) -> list[Recording]:
    """The recordings that the *clips* of one camera make.

    A clip of unknown length is one of its own (so is a picture, or a track beside a recording), and
    so is each clip of a recording that is too long.
    """
    found: list[list[ClipSpan]] = []
    alone: list[Recording] = []
    for clip in sorted(clips, key=lambda each: (each.begin, each.clip)):
        if clip.end is None:
            alone.append((clip,))
        elif found and _follows(found[-1][-1], clip):
            found[-1].append(clip)
        else:
            found.append([clip])
    return [*alone, *(part for run in found for part in _parts(run))]


def span_of(recording: Recording) -> Span:
    """From the begin of the first clip to the end of the last."""
    return Span(recording[0].begin, max(ends(clip) for clip in recording))


def ends(clip: ClipSpan) -> datetime:
    """When it ends, or begins if nothing more is known."""
    return clip.begin if clip.end is None else clip.end


def _follows(before: ClipSpan, clip: ClipSpan) -> bool:
    if before.end is None or clip.end is None or before.officer != clip.officer:
        return False
    if max(before.end - before.begin, clip.end - clip.begin) > LONGEST:
        return False
    return abs(clip.begin - before.end) <= JOINT


def _parts(run: list[ClipSpan]) -> list[Recording]:
    if span_of(tuple(run)).length > LONGEST:
        return [(clip,) for clip in run]
    return [tuple(run)]
