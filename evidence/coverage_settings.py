"""Typed settings of coverage: a section of :mod:`evidence.settings`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

Days = Annotated[int, Meta(ge=1, le=365)]
Minutes = Annotated[int, Meta(ge=0, le=24 * 60)]
Hours = Annotated[int, Meta(ge=1, le=24 * 30)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSettings:
    """[coverage]: every incident has its footage, or it is answered why not (docs/coverage.md)."""

    owner: str = ""
    """Name of the account that answers for what lacks.  Empty: no finding is opened."""
    owners: tuple[str, ...] = ()
    """Of units that others answer for: ``"unit=account name"``."""
    way_minutes: Minutes = 20
    """The most of an incident's begin that may lack: the way there."""
    gap_minutes: Minutes = 10
    """The longest gap that may be anywhere else in an incident."""
    late_hours: Hours = 24
    """Hours after the end of a duty (of the incident, where none is known) to dock the camera."""
    rooms: tuple[str, ...] = ()
    """Which channel of a recorder records which room: ``"recorder/channel=room"``, for imports."""
    join_seconds: Annotated[int, Meta(ge=0, le=60)] = 3
    """What may lack between two files of a recorder, and when a person enters or leaves a room."""
    move_seconds: Annotated[int, Meta(ge=0, le=3600)] = 120
    """How long a person may be on the way from one room to another."""
    undocked_days: Days = 3
    """Days after which a camera is missed that has not been docked, where no duty is known."""
    grace_hours: Annotated[int, Meta(ge=0, le=24 * 30)] = 24
    """Hours more, before a finding is opened."""
    answer_days: Days = 7
    """Days that the owner of a finding has to answer it."""
    look_back_days: Days = 14
    """How old what lacks may be for a finding to be opened."""
