"""A reviewer who signs in and asks for leave to watch: every leave is put on record."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from bench.home import BenchHome
from bench.rounds import WrongResult
from bench.viewers import Address
from evidence.rights import Role
from evidence.segments import SegmentList
from evidence.wire import ClipDetail, WatchGrant
from player.archive import ArchiveApi
from player.clip import Watching
from player.places import SESSION_COOKIE
from player.shields import FORM_HEADER

_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
_MANIFEST = "segments.json"
_LOOK_AGAIN = 0.2
_LONGEST = 1800.0

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A reviewer with an open session."""

    player: URL
    archive: URL
    token: str

    @classmethod
    def of(cls, home: BenchHome) -> Reader:
        """A new account of *home*, signed in."""
        account = home.add_person("bench", Role.REVIEWER)
        archive = URL(home.urls["archive"])

        async def sign_in() -> str:
            async with aiohttp.ClientSession() as client:
                api = ArchiveApi(client=client, url=archive)
                return (await api.sign_in(account["name"], account["password"])).token

        token = asyncio.run(sign_in())
        return cls(player=URL(home.urls["player"]), archive=archive, token=token)

    def await_looked_at(self, clip: str) -> ClipDetail:
        """*clip* once the archive has compared its rendition and looked at its quality.

        Nothing works in the background any more then, which would slow us down.
        """
        deadline = time.monotonic() + _LONGEST
        while True:
            told = self._asked(lambda api: api.clip(self.token, clip))
            made = told.summary.rendition
            if made and made.problem:
                raise WrongResult(f"{clip} has no rendition: {made.problem}")
            if made and made.check and told.quality:
                return told
            if time.monotonic() > deadline:
                raise WrongResult(f"{clip} is not looked at after {_LONGEST} s: {made}")
            time.sleep(_LOOK_AGAIN)

    def segments(self, clip: str) -> SegmentList:
        """The segments of *clip*'s media object; WrongResult unless the log names their root."""
        manifest = self.grant(clip).objects[_MANIFEST]

        async def read() -> bytes:
            async with (
                aiohttp.ClientSession() as client,
                client.get(URL(manifest.url, encoded=True), headers=manifest.headers) as answer,
            ):
                return await answer.read()

        found = SegmentList.parse(asyncio.run(read()))
        entries = self._asked(lambda api: api.provenance(self.token, clip)).entries
        if not any(found.root.hex() in entry.text for entry in entries):
            raise WrongResult(f"{clip}: the log names another root of segments")
        return found

    def grant(self, clip: str) -> WatchGrant:
        """Leave to watch *clip*, from the archive: signed requests to the store."""
        return self._asked(lambda api: api.watch(self.token, clip))

    def at_store(self, clip: str, media: str) -> Address:
        """Where the store itself has *clip*'s *media*."""
        signed = self.grant(clip).objects[media]
        return Address(url=signed.url, headers=signed.headers)

    def at_player(self, clip: str, media: str) -> Address:
        """Where a browser gets *clip*'s *media*: the player passes on what the store has."""
        folder = asyncio.run(self._watching(clip)).folder
        url = str(self.player.with_path(f"{folder}{media}"))
        return Address(url=url, headers={"Cookie": f"{SESSION_COOKIE}={self.token}"})

    async def _watching(self, clip: str) -> Watching:
        """What the page's script does when the player opens."""
        jar = aiohttp.CookieJar(unsafe=True)  # the player's address is a number
        jar.update_cookies({SESSION_COOKIE: self.token}, self.player)
        page = self.player / "clips" / clip
        async with aiohttp.ClientSession(cookie_jar=jar) as client:
            async with client.get(page) as answer:
                form = _TOKEN.search(await answer.text())
            if form is None:
                raise WrongResult(f"{page} answers {answer.status}, without a form")
            headers = {FORM_HEADER: form[1], "Origin": str(self.player.origin())}
            async with client.post(page / "views", headers=headers) as answer:
                return msgspec.json.decode(await answer.read(), type=Watching)

    def _asked(self, question: Callable[[ArchiveApi], Awaitable[Told]]) -> Told:
        async def ask() -> Told:
            async with aiohttp.ClientSession() as client:
                return await question(ArchiveApi(client=client, url=self.archive))

        return asyncio.run(ask())
