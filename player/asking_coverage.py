"""What the player asks the archive about coverage: what lacks, and who answers why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.wire import (
    CoveragePage,
    EventCoverage,
    ExcuseEnded,
    ExcuseShown,
    ExcuseWanted,
    WithheldPage,
)
from player.asking import Asking


@dataclass(frozen=True, slots=True, kw_only=True)
class AsksOfCoverage(Asking):
    """Which incidents have their footage, and what people answer where they have none."""

    async def coverage(self, token: str, asked: Mapping[str, str]) -> CoveragePage:
        """Who was sent in a span of time, and what became of the recordings."""
        query = {name: value for name, value in asked.items() if value}
        return await self.get("v1/coverage", token, CoveragePage, query)

    async def event_coverage(self, token: str, number: str) -> EventCoverage:
        """Everybody who was sent to one event."""
        return await self.get("v1/coverage/event", token, EventCoverage, {"number": number})

    async def withheld(self, token: str) -> WithheldPage:
        """Numbers, cameras and clips that lack."""
        return await self.get("v1/coverage/withheld", token, WithheldPage)

    async def ask_excuse(self, token: str, wanted: ExcuseWanted) -> ExcuseShown:
        """Put on record why there is no recording."""
        return await self.post("v1/coverage/excuses", wanted, ExcuseShown, token)

    async def approve_excuse(self, token: str, excuse: str) -> ExcuseShown:
        """Put on record that the person agrees."""
        path = f"v1/coverage/excuses/{excuse}/approve"
        return self.read(await self.raw("POST", path, token=token), ExcuseShown)

    async def end_excuse(self, token: str, excuse: str, told: ExcuseEnded) -> ExcuseShown:
        """Put on record that it does not count."""
        return await self.post(f"v1/coverage/excuses/{excuse}/end", told, ExcuseShown, token)
