"""What the player asks the archive about cases, their documents, and work lists."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import aiohttp

from evidence.wire import (
    CaseClosed,
    CaseNamed,
    CasePage,
    CaseShown,
    ClipPlaced,
    ClipPlacedShown,
    DocumentShown,
    DossierShown,
    Replay,
    WorkCounts,
    WorkPage,
)
from player.asking import Asking


@dataclass(frozen=True, slots=True, kw_only=True)
class AsksOfCases(Asking):
    """Cases: what is in them, what is put on record about them, and what is left to do."""

    async def close_case(self, token: str, told: CaseClosed) -> CaseShown:
        """Put on record that a case is closed."""
        return await self.post("v1/cases/close", told, CaseShown, token)

    async def reopen_case(self, token: str, told: CaseClosed) -> CaseShown:
        """Put on record that a case is open again."""
        return await self.post("v1/cases/reopen", told, CaseShown, token)

    async def cases(self, token: str, after: str) -> CasePage:
        """The cases that anything names, by their numbers, behind *after*."""
        return await self.get("v1/cases", token, CasePage, {"after": after} if after else {})

    async def replay(self, token: str, of: str, number: str, **asked: str) -> Replay:
        """The course of one of the ``cases`` or ``incidents``; which part is *asked* for."""
        given = {name: value for name, value in asked.items() if value} | {"number": number}
        return await self.get(f"v1/{of}/replay", token, Replay, given)

    async def place_clip(self, token: str, told: ClipPlaced) -> ClipPlacedShown:
        """Put on record that a clip is in a case."""
        return await self.post("v1/cases/clips", told, ClipPlacedShown, token)

    async def take_out_clip(self, token: str, told: ClipPlaced) -> ClipPlacedShown:
        """Put on record that it is no more, as far as a person placed it there."""
        return await self.post("v1/cases/clips/take-out", told, ClipPlacedShown, token)

    async def make_dossier(self, token: str, told: CaseNamed) -> DossierShown:
        """Have the next version of a case's dossier made."""
        return await self.post("v1/cases/dossier", told, DossierShown, token)

    async def add_document(
        self, token: str, told: Mapping[str, str], blocks: AsyncIterable[bytes]
    ) -> DocumentShown:
        """Hand in a document; its case and names are *told* in headers, percent-encoded."""
        content = await self.send("POST", "v1/cases/documents", token, blocks, told)
        return self.read(content, DocumentShown)

    def document(
        self, token: str, document: str
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """A document; that it is given is on record when its first byte comes."""
        return self.receiving("POST", f"v1/documents/{document}/views", token)

    async def work_counts(self, token: str) -> WorkCounts:
        """How long each work list is."""
        return await self.get("v1/worklists", token, WorkCounts)

    async def work(self, token: str, name: str, after: str, *, limit: int) -> WorkPage:
        """One part of a work list."""
        asked = {"limit": str(limit)} | ({"after": after} if after else {})
        return await self.get(f"v1/worklists/{name}", token, WorkPage, asked)
