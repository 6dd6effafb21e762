"""What the player asks the archive about which clips belong to which incidents."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.wire import CandidatePage, LinkRejected, LinkShown, MinePage
from player.asking import Asking


@dataclass(frozen=True, slots=True, kw_only=True)
class AsksOfLinks(Asking):
    """Links: what is proposed, what else may be, and what people say of it."""

    async def confirm_link(self, token: str, clip: str, incident: str) -> LinkShown:
        """Put on record that *clip* belongs to *incident*."""
        path = f"v1/clips/{clip}/links/{incident}/confirm"
        return self.read(await self.raw("POST", path, token=token), LinkShown)

    async def reject_link(
        self, token: str, clip: str, incident: str, told: LinkRejected
    ) -> LinkShown:
        """Put on record that it does not."""
        return await self.post(f"v1/clips/{clip}/links/{incident}/reject", told, LinkShown, token)

    async def candidates(self, token: str, clip: str, number: str) -> CandidatePage:
        """The incidents that *clip* may belong to; with a *number* those of that number."""
        asked = {"number": number} if number else {}
        return await self.get(f"v1/clips/{clip}/candidates", token, CandidatePage, asked)

    async def mine(self, token: str, asked: dict[str, str]) -> MinePage:
        """The recordings of the person; *asked* is what the route's query takes."""
        given = {name: value for name, value in asked.items() if value}
        return await self.get("v1/mine", token, MinePage, given)
