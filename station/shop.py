"""What all cards of a station share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from evidence.clock import Clock
from evidence.settings import StationSettings
from ingest.staging import Staging
from station.desk import Desk
from station.journal.records import ClipRecord
from station.profile import Profile
from station.releasing import ReleaseMeans
from station.turns import Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The shop around the docks: one for all cards."""

    settings: StationSettings
    desk: Desk
    staging: Staging
    clock: Clock
    profiles: Sequence[Profile]
    turns: Turns
    forward: Callable[[ClipRecord], None]
    """Sends a clip on its way once it does not need its card any more."""
    release: ReleaseMeans
    """How cameras are let to forget."""
    may_erase: Callable[[bytes], bool]
    """Whether the card in this folder may be erased at all; without leave it is only ever read."""
    in_work: set[str] = field(default_factory=set)
    """Clips that some card is being read for: one file may stand on two cards."""
