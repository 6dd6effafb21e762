"""The archive as the player asks it: its HTTP API, always with the reader's own token.

One rule: the player never answers for the archive.  What the archive refuses is refused, and when
it does not answer the reader is told so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from evidence.wire import (
    ClassifiedShown,
    Classify,
    ClipDetail,
    ClipPage,
    CountedPage,
    DisposalWanted,
    FeedPage,
    FleetPage,
    HoldLifted,
    HoldShown,
    HoldWanted,
    ImpactPage,
    IncidentPage,
    LawShown,
    PersonShown,
    PlaybackRefusal,
    PlaybackRefused,
    ProposalPage,
    ProposalShown,
    ProposalWithdrawn,
    Provenance,
    QueuePage,
    Session,
    SignIn,
    StatisticsShown,
    ThumbnailGrant,
    ThumbnailsWanted,
    WatchGrant,
    WatchRequest,
)
from player.asking import ArchiveSaidNo
from player.asking_cases import AsksOfCases
from player.asking_coverage import AsksOfCoverage
from player.asking_links import AsksOfLinks
from player.asking_markers import AsksOfMarkers
from player.asking_reviews import AsksOfReviews

__all__ = ["ArchiveApi", "ArchiveSaidNo", "ClipQuery"]


WITHOUT = "without."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipQuery:
    """What the list of clips is narrowed by; empty fields do not narrow."""

    officer: str = ""
    incident: str = ""
    clip_class: str = ""
    shows: str = ""
    """Code of a marker that clips have; behind ``without.``: that they lack."""
    q: str = ""
    after: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> ClipQuery:
        """The query in an address; unknown names are ignored."""
        return cls(**{f.name: asked[f.name].strip() for f in fields(cls) if f.name in asked})

    def given(self) -> dict[str, str]:
        """The fields that narrow, as address parameters."""
        return {f.name: value for f in fields(self) if (value := str(getattr(self, f.name)))}

    @property
    def asked(self) -> dict[str, str]:
        """The same, as the archive is asked."""
        given = self.given()
        shows = given.pop("shows", "")
        lacks = shows.removeprefix(WITHOUT)
        if not shows:
            return given
        return given | ({"unmarked": lacks} if lacks != shows else {"marker": shows})

    @property
    def narrows(self) -> bool:
        """Whether anything but the place in the list was asked for."""
        return bool(self.given().keys() - {"after"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveApi(AsksOfReviews, AsksOfCases, AsksOfCoverage, AsksOfLinks, AsksOfMarkers):
    """Calls of the archive.

    Every one raises ArchiveSaidNo for a problem answer and ArchiveUnreachable when there is none.
    """

    async def sign_in(self, name: str, password: str) -> Session:
        """A session for a person who knows the password."""
        return await self.post("v1/sessions", SignIn(name=name, password=password), Session)

    async def sign_out(self, token: str) -> None:
        """End the session behind *token*."""
        await self.raw("DELETE", "v1/sessions", token=token)

    async def who(self, token: str) -> PersonShown:
        """The person *token* stands for."""
        return await self.get("v1/sessions", token, PersonShown)

    async def clips(self, token: str, query: ClipQuery, *, limit: int) -> ClipPage:
        """One page of the clips the person may see."""
        return await self.get("v1/clips", token, ClipPage, query.asked | {"limit": str(limit)})

    async def clip(self, token: str, clip: str) -> ClipDetail:
        """All that is known of one clip, with its custody entries."""
        return await self.get(f"v1/clips/{clip}", token, ClipDetail)

    async def incidents(self, token: str) -> IncidentPage:
        """The dispatch incidents, those without footage too."""
        return await self.get("v1/incidents", token, IncidentPage)

    async def feeds(self, token: str) -> FeedPage:
        """How feeds are, which rows could not be used, and which numbers are missing."""
        return await self.get("v1/feeds", token, FeedPage)

    async def feed_problems(self, token: str) -> bytes:
        """The rows that could not be used, as CSV."""
        return await self.raw("GET", "v1/feeds/problems.csv", token=token)

    async def fleet(self, token: str) -> FleetPage:
        """How stations and cameras are."""
        return await self.get("v1/fleet", token, FleetPage)

    async def statistics(self, token: str, asked: Mapping[str, str]) -> StatisticsShown:
        """The figures of some days; *asked* is what the route's query takes."""
        return await self.get("v1/statistics", token, StatisticsShown, asked)

    async def counted(
        self, token: str, asked: Mapping[str, str], after: str, limit: int
    ) -> CountedPage:
        """One page of what a figure counts."""
        query = {**asked, "limit": str(limit)} | ({"after": after} if after else {})
        return await self.get("v1/statistics/counted", token, CountedPage, query)

    async def watch(self, token: str, clip: str) -> WatchGrant:
        """Leave to watch *clip*; its ``view`` entry is committed when this returns."""
        return await self.post(f"v1/clips/{clip}/views", WatchRequest(), WatchGrant, token)

    async def law(self, token: str) -> LawShown:
        """By what rules footage is kept, and the words in which a clip can be classified."""
        return await self.get("v1/law", token, LawShown)

    async def classify(self, token: str, clip: str, categories: list[str]) -> ClassifiedShown:
        """Put on record what the person says that *clip* is."""
        told = Classify(categories=categories)
        return await self.post(f"v1/clips/{clip}/classification", told, ClassifiedShown, token)

    async def hold(self, token: str, clip: str, wanted: HoldWanted) -> HoldShown:
        """Put on record that *clip* is kept whatever the date."""
        return await self.post(f"v1/clips/{clip}/holds", wanted, HoldShown, token)

    async def lift(self, token: str, clip: str, hold: str, told: HoldLifted) -> HoldShown:
        """Put on record that *hold* ends."""
        return await self.post(f"v1/clips/{clip}/holds/{hold}/lift", told, HoldShown, token)

    async def queue(self, token: str, *, proposed: bool, after: str, limit: int) -> QueuePage:
        """Clips whose time ends, or those of which something is *proposed*."""
        asked = {"limit": str(limit)} | ({"of": "proposed"} if proposed else {})
        asked |= {"after": after} if after else {}
        return await self.get("v1/disposal/queue", token, QueuePage, asked)

    async def proposals(self, token: str, **asked: str) -> ProposalPage:
        """What was proposed; *asked* for are ``of``, ``clip``, ``after`` and ``limit``."""
        given = {name: value for name, value in asked.items() if value}
        return await self.get("v1/proposals", token, ProposalPage, given)

    async def impact(self, token: str, proposal: str, after: str) -> ImpactPage:
        """The clips that *proposal* is about, with both their dates."""
        asked = {"after": after} if after else {}
        return await self.get(f"v1/proposals/{proposal}/impact", token, ImpactPage, asked)

    async def propose(self, token: str, clip: str, wanted: DisposalWanted) -> ProposalShown:
        """Put on record that the person wants *clip* destroyed."""
        return await self.post(f"v1/clips/{clip}/disposal", wanted, ProposalShown, token)

    async def approve(self, token: str, proposal: str) -> ProposalShown:
        """Put on record that the person agrees to *proposal*."""
        path = f"v1/proposals/{proposal}/approve"
        return self.read(await self.raw("POST", path, token=token), ProposalShown)

    async def withdraw(self, token: str, proposal: str, told: ProposalWithdrawn) -> ProposalShown:
        """Put on record that *proposal* is not to be."""
        return await self.post(f"v1/proposals/{proposal}/withdraw", told, ProposalShown, token)

    async def provenance(self, token: str, clip: str) -> Provenance:
        """The entries that lead from the camera to the clip's rendition, with their proofs."""
        return await self.get(f"v1/clips/{clip}/provenance", token, Provenance)

    async def refused(self, token: str, clip: str, told: PlaybackRefusal) -> PlaybackRefused:
        """Put on record that the reader's player refused bytes of *clip*."""
        return await self.post(f"v1/clips/{clip}/refusals", told, PlaybackRefused, token)

    async def thumbnails(self, token: str, clips: list[str]) -> ThumbnailGrant:
        """Leave to show the thumbnails of *clips*, under one ``view.list`` entry."""
        return await self.post(
            "v1/thumbnails", ThumbnailsWanted(clips=clips), ThumbnailGrant, token
        )

    async def receipt(self, token: str, clip: str, entry: int | None = None) -> bytes:
        """The clip's receipt, or that of one *entry* about it, as a C2SP tlog-proof."""
        path = f"v1/clips/{clip}/receipt" + ("" if entry is None else f"s/{entry}")
        return await self.raw("GET", path, token=token)
