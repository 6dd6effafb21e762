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
    OutageEnded,
    OutagePage,
    OutageShown,
    OutageWanted,
    StayCoverage,
    StayPage,
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

    async def stays(self, token: str, asked: Mapping[str, str]) -> StayPage:
        """Who was in which room in a span of time, and what shows it."""
        query = {name: value for name, value in asked.items() if value}
        return await self.get("v1/coverage/rooms", token, StayPage, query)

    async def stay(self, token: str, session: str) -> StayCoverage:
        """One stay, and the files that show it."""
        path = "v1/coverage/rooms/stay"
        return await self.get(path, token, StayCoverage, {"session": session})

    async def outages(self, token: str, after: str) -> OutagePage:
        """When recorders were down, the newest first."""
        query = {"after": after} if after else {}
        return await self.get("v1/coverage/outages", token, OutagePage, query)

    async def say_outage(self, token: str, wanted: OutageWanted) -> OutageShown:
        """Put on record that recorders were down."""
        return await self.post("v1/coverage/outages", wanted, OutageShown, token)

    async def agree_outage(self, token: str, outage: str) -> OutageShown:
        """Put on record that the person agrees."""
        path = f"v1/coverage/outages/{outage}/approve"
        return self.read(await self.raw("POST", path, token=token), OutageShown)

    async def end_outage(self, token: str, outage: str, told: OutageEnded) -> OutageShown:
        """Put on record that it does not count."""
        return await self.post(f"v1/coverage/outages/{outage}/end", told, OutageShown, token)

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
