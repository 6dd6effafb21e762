"""What all cards of a station share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from evidence.clock import Clock
from evidence.digests import Maker
from evidence.names import shown
from evidence.settings import StationSettings
from ingest.pace import Pace
from ingest.staging import Staging
from station.approval import Approvals
from station.assignment import ChargeRule
from station.cosigning import Cosigning
from station.desk import Desk
from station.issuing import Issuing
from station.journal.records import ClipRecord
from station.releasing import ReleaseMeans
from station.shelf import Place
from station.turns import Rank, Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The shop around the docks: one for all cards."""

    settings: StationSettings
    desk: Desk
    staging: Staging
    clock: Clock
    approvals: Approvals
    """The camera profiles that are used."""
    turns: Turns
    pace: Pace
    """How fast cards are read, all together."""
    forward: Callable[[ClipRecord], None]
    """Sends a clip on its way once it does not need its card any more."""
    issuing: Issuing
    """Who wears which camera."""
    cosigning: Cosigning
    """Knows what the witnesses have seen."""
    release: ReleaseMeans
    """How cameras are let to forget."""
    may_erase: Callable[[bytes], bool]
    """Whether the card in this folder may be erased at all; without leave it is only ever read."""
    sm3: Maker | None = None
    """How SM3 is taken of what is read from cards, where the settings ask for it."""
    in_work: set[str] = field(default_factory=set)
    """Clips that some card is being read for: one file may stand on two cards."""

    @property
    def charge_rule(self) -> ChargeRule:
        """How much charge a camera must have to be handed out."""
        full = timedelta(minutes=self.settings.full_charge_minutes)
        return ChargeRule(least=self.settings.ready_charge, full_after=full)

    def lets_go(self, held: ClipRecord) -> bool:
        """Whether its camera may be taken, as far as this clip goes."""
        return held.is_archived if self.settings.safe_when == "archived" else held.is_safe

    def rank(self, folder: bytes, place: Place) -> Rank:
        """When *place*, on the card in *folder*, is read.

        Important files first, wherever they are; then the slots that the settings put first; then
        recordings before what accompanies them.
        """
        first, *rest = place.rank
        has_priority = shown(folder) in self.settings.priority_slots
        return (first, int(not has_priority), *rest)
