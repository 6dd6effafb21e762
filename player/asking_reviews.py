"""What the player asks the archive about draws, reviews and findings."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.wire import (
    DrawAbandoned,
    DrawPage,
    DrawShown,
    FindingPage,
    FindingReopened,
    FindingSaid,
    FindingShown,
    ReviewPage,
    ReviewShown,
    ReviewVoided,
    SeedConfirmed,
    SeedValue,
    SheetFilled,
)
from player.asking import Asking


@dataclass(frozen=True, slots=True, kw_only=True)
class AsksOfReviews(Asking):
    """Draws, the sheets of those who look, and what somebody must answer."""

    async def draws(self, token: str, after: str, limit: int) -> DrawPage:
        """The draws, the newest first."""
        query = {"limit": str(limit)} | ({"after": after} if after else {})
        return await self.get("v1/draws", token, DrawPage, query)

    async def draw(self, token: str, draw: str) -> DrawShown:
        """One draw, and what came of it."""
        return await self.get(f"v1/draws/{draw}", token, DrawShown)

    async def draw_file(self, token: str, draw: str) -> bytes:
        """The file with which a stranger recomputes it."""
        return await self.raw("GET", f"v1/draws/{draw}/file", token=token)

    async def enter_seed(self, token: str, draw: str, told: SeedValue) -> DrawShown:
        """Put on record which value the seed had, as the first person."""
        return await self.post(f"v1/draws/{draw}/seed", told, DrawShown, token)

    async def confirm_seed(self, token: str, draw: str, told: SeedConfirmed) -> DrawShown:
        """As the second one: that draws."""
        return await self.post(f"v1/draws/{draw}/confirm", told, DrawShown, token)

    async def abandon_draw(self, token: str, draw: str, told: DrawAbandoned) -> DrawShown:
        """Put on record that nothing is drawn by it."""
        return await self.post(f"v1/draws/{draw}/abandon", told, DrawShown, token)

    async def reviews(self, token: str, after: str, draw: str = "") -> ReviewPage:
        """Some of what *draw* drew, or else of what the person was drawn to look at."""
        told = {"draw": draw, "after": after}
        query = {name: value for name, value in told.items() if value}
        return await self.get("v1/reviews", token, ReviewPage, query)

    async def review(self, token: str, review: str) -> ReviewShown:
        """One review, with its questions."""
        return await self.get(f"v1/reviews/{review}", token, ReviewShown)

    async def fill_sheet(self, token: str, review: str, told: SheetFilled) -> ReviewShown:
        """Put on record what the person found."""
        return await self.post(f"v1/reviews/{review}/sheet", told, ReviewShown, token)

    async def void_review(self, token: str, review: str, told: ReviewVoided) -> ReviewShown:
        """Put on record that nobody can do it."""
        return await self.post(f"v1/reviews/{review}/void", told, ReviewShown, token)

    async def findings(self, token: str, of: str, after: str, limit: int) -> FindingPage:
        """Findings: ``open`` ones, ``mine`` or ``closed`` ones."""
        query = {"of": of, "limit": str(limit)} | ({"after": after} if after else {})
        return await self.get("v1/findings", token, FindingPage, query)

    async def finding(self, token: str, finding: str) -> FindingShown:
        """One finding, and its course."""
        return await self.get(f"v1/findings/{finding}", token, FindingShown)

    async def say_of_finding(
        self, token: str, finding: str, step: str, told: FindingSaid
    ) -> FindingShown:
        """Put on record what its owner (``answer``) or another person (``close``) says."""
        return await self.post(f"v1/findings/{finding}/{step}", told, FindingShown, token)

    async def reopen_finding(self, token: str, finding: str, told: FindingReopened) -> FindingShown:
        """Put on record that it is not settled."""
        return await self.post(f"v1/findings/{finding}/reopen", told, FindingShown, token)
