"""What the player asks the archive about what clips show."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.wire import MarkerShown, MarkerWanted
from player.asking import Asking


@dataclass(frozen=True, slots=True, kw_only=True)
class AsksOfMarkers(Asking):
    """Markers: what people say that a clip shows."""

    async def set_marker(self, token: str, clip: str, wanted: MarkerWanted) -> MarkerShown:
        """Put on record that *clip* shows that."""
        return await self.post(f"v1/clips/{clip}/markers", wanted, MarkerShown, token)

    async def withdraw_marker(self, token: str, clip: str, marker: str) -> MarkerShown:
        """Put on record that it is no longer said."""
        path = f"v1/clips/{clip}/markers/{marker}/withdraw"
        return self.read(await self.raw("POST", path, token=token), MarkerShown)
