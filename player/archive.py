"""The archive as the player asks it: its HTTP API, always with the reader's own token.

One rule: the player never answers for the archive.  What the archive refuses is refused, and when
it does not answer the reader is told so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from evidence.errors import ArchiveUnreachable
from evidence.wire import (
    CaseClosed,
    CaseShown,
    ClassifiedShown,
    Classify,
    ClipDetail,
    ClipPage,
    CoveragePage,
    DisposalWanted,
    DrawAbandoned,
    DrawPage,
    DrawShown,
    EventCoverage,
    ExcuseEnded,
    ExcuseShown,
    ExcuseWanted,
    FindingPage,
    FindingReopened,
    FindingSaid,
    FindingShown,
    FleetPage,
    HoldLifted,
    HoldShown,
    HoldWanted,
    ImpactPage,
    IncidentPage,
    LawShown,
    Message,
    PersonShown,
    PlaybackRefusal,
    PlaybackRefused,
    Problem,
    ProposalPage,
    ProposalShown,
    ProposalWithdrawn,
    Provenance,
    QueuePage,
    ReviewPage,
    ReviewShown,
    SeedValue,
    Session,
    SheetFilled,
    SignIn,
    ThumbnailGrant,
    ThumbnailsWanted,
    WatchGrant,
    WatchRequest,
    WithheldPage,
)

Answer = TypeVar("Answer", bound=Message)


class ArchiveSaidNo(Exception):
    """The archive answered with a problem (RFC 9457): not signed in, not found, not allowed."""

    def __init__(self, problem: Problem, *, retry_after: str | None = None) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipQuery:
    """What the list of clips is narrowed by; empty fields do not narrow."""

    officer: str = ""
    incident: str = ""
    clip_class: str = ""
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
    def narrows(self) -> bool:
        """Whether anything but the place in the list was asked for."""
        return bool(self.given().keys() - {"after"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveApi:
    """Calls of the archive.

    Every one raises ArchiveSaidNo for a problem answer and ArchiveUnreachable when there is none.
    """

    client: aiohttp.ClientSession
    url: URL

    async def sign_in(self, name: str, password: str) -> Session:
        """A session for a person who knows the password."""
        return await self._post("v1/sessions", SignIn(name=name, password=password), Session)

    async def sign_out(self, token: str) -> None:
        """End the session behind *token*."""
        await self._bytes("DELETE", "v1/sessions", token=token)

    async def who(self, token: str) -> PersonShown:
        """The person *token* stands for."""
        return await self._get("v1/sessions", token, PersonShown)

    async def clips(self, token: str, query: ClipQuery, *, limit: int) -> ClipPage:
        """One page of the clips the person may see."""
        return await self._get("v1/clips", token, ClipPage, query.given() | {"limit": str(limit)})

    async def clip(self, token: str, clip: str) -> ClipDetail:
        """All that is known of one clip, with its custody entries."""
        return await self._get(f"v1/clips/{clip}", token, ClipDetail)

    async def incidents(self, token: str) -> IncidentPage:
        """The dispatch incidents, those without footage too."""
        return await self._get("v1/incidents", token, IncidentPage)

    async def fleet(self, token: str) -> FleetPage:
        """How stations and cameras are."""
        return await self._get("v1/fleet", token, FleetPage)

    async def watch(self, token: str, clip: str) -> WatchGrant:
        """Leave to watch *clip*; its ``view`` entry is committed when this returns."""
        return await self._post(f"v1/clips/{clip}/views", WatchRequest(), WatchGrant, token)

    async def law(self, token: str) -> LawShown:
        """By what rules footage is kept, and the words in which a clip can be classified."""
        return await self._get("v1/law", token, LawShown)

    async def classify(self, token: str, clip: str, categories: list[str]) -> ClassifiedShown:
        """Put on record what the person says that *clip* is."""
        told = Classify(categories=categories)
        return await self._post(f"v1/clips/{clip}/classification", told, ClassifiedShown, token)

    async def hold(self, token: str, clip: str, wanted: HoldWanted) -> HoldShown:
        """Put on record that *clip* is kept whatever the date."""
        return await self._post(f"v1/clips/{clip}/holds", wanted, HoldShown, token)

    async def lift(self, token: str, clip: str, hold: str, told: HoldLifted) -> HoldShown:
        """Put on record that *hold* ends."""
        return await self._post(f"v1/clips/{clip}/holds/{hold}/lift", told, HoldShown, token)

    async def close_case(self, token: str, told: CaseClosed) -> CaseShown:
        """Put on record that a case is closed."""
        return await self._post("v1/cases/close", told, CaseShown, token)

    async def reopen_case(self, token: str, told: CaseClosed) -> CaseShown:
        """Put on record that a case is open again."""
        return await self._post("v1/cases/reopen", told, CaseShown, token)

    async def queue(self, token: str, *, proposed: bool, after: str, limit: int) -> QueuePage:
        """Clips whose time ends, or those of which something is *proposed*."""
        asked = {"limit": str(limit)} | ({"of": "proposed"} if proposed else {})
        asked |= {"after": after} if after else {}
        return await self._get("v1/disposal/queue", token, QueuePage, asked)

    async def proposals(self, token: str, **asked: str) -> ProposalPage:
        """What was proposed; *asked* for are ``of``, ``clip``, ``after`` and ``limit``."""
        given = {name: value for name, value in asked.items() if value}
        return await self._get("v1/proposals", token, ProposalPage, given)

    async def impact(self, token: str, proposal: str, after: str) -> ImpactPage:
        """The clips that *proposal* is about, with both their dates."""
        asked = {"after": after} if after else {}
        return await self._get(f"v1/proposals/{proposal}/impact", token, ImpactPage, asked)

    async def propose(self, token: str, clip: str, wanted: DisposalWanted) -> ProposalShown:
        """Put on record that the person wants *clip* destroyed."""
        return await self._post(f"v1/clips/{clip}/disposal", wanted, ProposalShown, token)

    async def approve(self, token: str, proposal: str) -> ProposalShown:
        """Put on record that the person agrees to *proposal*."""
        path = f"v1/proposals/{proposal}/approve"
        return self._read(await self._bytes("POST", path, token=token), ProposalShown)

    async def withdraw(self, token: str, proposal: str, told: ProposalWithdrawn) -> ProposalShown:
        """Put on record that *proposal* is not to be."""
        return await self._post(f"v1/proposals/{proposal}/withdraw", told, ProposalShown, token)

    async def provenance(self, token: str, clip: str) -> Provenance:
        """The entries that lead from the camera to the clip's rendition, with their proofs."""
        return await self._get(f"v1/clips/{clip}/provenance", token, Provenance)

    async def refused(self, token: str, clip: str, told: PlaybackRefusal) -> PlaybackRefused:
        """Put on record that the reader's player refused bytes of *clip*."""
        return await self._post(f"v1/clips/{clip}/refusals", told, PlaybackRefused, token)

    async def thumbnails(self, token: str, clips: list[str]) -> ThumbnailGrant:
        """Leave to show the thumbnails of *clips*, under one ``view.list`` entry."""
        return await self._post(
            "v1/thumbnails", ThumbnailsWanted(clips=clips), ThumbnailGrant, token
        )

    async def draws(self, token: str, after: str, limit: int) -> DrawPage:
        """The draws, the newest first."""
        query = {"limit": str(limit)} | ({"after": after} if after else {})
        return await self._get("v1/draws", token, DrawPage, query)

    async def draw(self, token: str, draw: str) -> DrawShown:
        """One draw, and what came of it."""
        return await self._get(f"v1/draws/{draw}", token, DrawShown)

    async def draw_file(self, token: str, draw: str) -> bytes:
        """The file with which a stranger recomputes it."""
        return await self._bytes("GET", f"v1/draws/{draw}/file", token=token)

    async def enter_seed(self, token: str, draw: str, step: str, told: SeedValue) -> DrawShown:
        """Put on record which value the seed had: *step* is ``seed`` or ``confirm``."""
        return await self._post(f"v1/draws/{draw}/{step}", told, DrawShown, token)

    async def abandon_draw(self, token: str, draw: str, told: DrawAbandoned) -> DrawShown:
        """Put on record that nothing is drawn by it."""
        return await self._post(f"v1/draws/{draw}/abandon", told, DrawShown, token)

    async def reviews(self, token: str, draw: str | None = None) -> ReviewPage:
        """What *draw* drew, or else what the person was drawn to look at."""
        return await self._get("v1/reviews", token, ReviewPage, {"draw": draw} if draw else None)

    async def review(self, token: str, review: str) -> ReviewShown:
        """One review, with its questions."""
        return await self._get(f"v1/reviews/{review}", token, ReviewShown)

    async def fill_sheet(self, token: str, review: str, told: SheetFilled) -> ReviewShown:
        """Put on record what the person found."""
        return await self._post(f"v1/reviews/{review}/sheet", told, ReviewShown, token)

    async def findings(self, token: str, of: str, after: str, limit: int) -> FindingPage:
        """Findings: ``open`` ones, ``mine`` or ``closed`` ones."""
        query = {"of": of, "limit": str(limit)} | ({"after": after} if after else {})
        return await self._get("v1/findings", token, FindingPage, query)

    async def coverage(self, token: str, asked: Mapping[str, str]) -> CoveragePage:
        """Who was sent in a span of time, and what became of the recordings."""
        query = {name: value for name, value in asked.items() if value}
        return await self._get("v1/coverage", token, CoveragePage, query)

    async def event_coverage(self, token: str, number: str) -> EventCoverage:
        """Everybody who was sent to one event."""
        return await self._get("v1/coverage/event", token, EventCoverage, {"number": number})

    async def withheld(self, token: str) -> WithheldPage:
        """Numbers, cameras and clips that lack."""
        return await self._get("v1/coverage/withheld", token, WithheldPage)

    async def ask_excuse(self, token: str, wanted: ExcuseWanted) -> ExcuseShown:
        """Put on record why there is no recording."""
        return await self._post("v1/coverage/excuses", wanted, ExcuseShown, token)

    async def approve_excuse(self, token: str, excuse: str) -> ExcuseShown:
        """Put on record that the person agrees."""
        path = f"v1/coverage/excuses/{excuse}/approve"
        return self._read(await self._bytes("POST", path, token=token), ExcuseShown)

    async def end_excuse(self, token: str, excuse: str, told: ExcuseEnded) -> ExcuseShown:
        """Put on record that it does not count."""
        return await self._post(f"v1/coverage/excuses/{excuse}/end", told, ExcuseShown, token)

    async def finding(self, token: str, finding: str) -> FindingShown:
        """One finding, and its course."""
        return await self._get(f"v1/findings/{finding}", token, FindingShown)

    async def say_of_finding(
        self, token: str, finding: str, step: str, told: FindingSaid
    ) -> FindingShown:
        """Put on record what its owner (``answer``) or another person (``close``) says."""
        return await self._post(f"v1/findings/{finding}/{step}", told, FindingShown, token)

    async def reopen_finding(self, token: str, finding: str, told: FindingReopened) -> FindingShown:
        """Put on record that it is not settled."""
        return await self._post(f"v1/findings/{finding}/reopen", told, FindingShown, token)

    async def receipt(self, token: str, clip: str, entry: int | None = None) -> bytes:
        """The clip's receipt, or that of one *entry* about it, as a C2SP tlog-proof."""
        path = f"v1/clips/{clip}/receipt" + ("" if entry is None else f"s/{entry}")
        return await self._bytes("GET", path, token=token)

    async def _get(
        self, path: str, token: str, kind: type[Answer], query: Mapping[str, str] | None = None
    ) -> Answer:
        return self._read(await self._bytes("GET", path, token=token, query=query), kind)

    async def _post(
        self, path: str, message: Message, kind: type[Answer], token: str | None = None
    ) -> Answer:
        body = msgspec.json.encode(message)
        return self._read(await self._bytes("POST", path, token=token, body=body), kind)

    async def _bytes(
        self,
        method: str,
        path: str,
        *,
        token: str | None,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> bytes:
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self.client.request(
                method, self.url / path, params=query, data=body, headers=headers
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ArchiveUnreachable(f"archive {self.url}: {error!r}") from error
        if response.ok:
            return content
        raise ArchiveSaidNo(
            _problem(content, response.status), retry_after=response.headers.get("Retry-After")
        )

    def _read(self, content: bytes, kind: type[Answer]) -> Answer:
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.DecodeError as error:
            raise ArchiveUnreachable(
                f"archive {self.url} answered something else than {kind.__name__}: {error}",
                advice="Run player and archive of the same version.",
            ) from error


def _problem(content: bytes, status: int) -> Problem:
    """The problem in *content*, or one made of the bare *status* (a proxy may have answered)."""
    try:
        return msgspec.json.decode(content, type=Problem)
    except msgspec.DecodeError:
        return Problem(title=f"HTTP {status}", status=status, detail="")
