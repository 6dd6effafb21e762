"""A feed that is asked for: a URL that answers JSON, again and again, and says where to go on.

One rule: nothing is asked but over TLS or on this very machine, and nowhere but at the address in
the settings: a redirect is an answer like any other that is not yes.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import msgspec

from archive.catalogue import feeds
from archive.catalogue.catalogue import Catalogue
from archive.feeds import json_rows
from archive.feeds.contract import Batch, Taken
from archive.feeds.mapping import FeedMapping
from archive.feeds.taking import SOURCES
from evidence.errors import SetupError, TemporaryError
from evidence.feed_settings import FeedSettings
from evidence.secret import read_secret

LARGEST = 16 * 1024**2
"""Bytes of the largest answer."""
PAGES = 100
"""Pages that are asked for in a row; the rest is asked for at the next turn."""
LONGEST_WAIT = 3600.0
"""Seconds between two tries at most, however often it failed."""
_LONGEST_CURSOR = 2000
_OK, _UNCHANGED = 200, 304


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    rows: list[object]
    cursor: str
    """Where to go on; empty: this was the last."""
    etag: str


class Pull:
    """Asks the URL in *settings*.  SetupError unless it may be asked as they say."""

    def __init__(self, settings: FeedSettings, catalogue: Catalogue, mapping: FeedMapping) -> None:
        self._name = settings.name
        self._url = settings.url
        self._where = _checked(settings)
        self._every = settings.every_seconds
        self._patience = settings.patience_seconds
        self._tls = _context(settings)
        self._token_file = settings.token_file
        self._catalogue = catalogue
        self._mapping = mapping
        self._goes_on: tuple[str, str] = ("", "")
        self._failed = 0
        self._token()

    async def start(self) -> None:
        """Nothing is watched."""

    async def stop(self) -> None:
        """Nothing was."""

    async def wait(self) -> None:
        """Return when it should be asked again: later and later while it does not answer."""
        await asyncio.sleep(self.pause)

    @property
    def pause(self) -> float:
        """Seconds until it is asked again."""
        longer = self._every * float(2 ** min(self._failed, 16))
        return max(self._every, min(longer, LONGEST_WAIT))

    async def batches(self) -> AsyncIterator[Batch]:
        """What it tells since the last that was taken, page by page; TemporaryError if nothing."""
        held = await self._catalogue.run(feeds.state, self._name)
        cursor, etag = held.cursor, held.etag
        for _ in range(PAGES):
            page = await self._asked(cursor, etag)
            if page is None:
                return
            self._goes_on = (page.cursor or cursor, "" if page.cursor else page.etag)
            yield Batch(source=self._source(cursor), sheet=json_rows.sheet_of(page.rows))
            if not page.cursor or page.cursor == cursor:
                return
            cursor, etag = page.cursor, ""

    async def taken(self, batch: Batch, what: Taken) -> None:  # noqa: ARG002  all that was told
        """The next question begins behind what was taken."""
        await self._catalogue.run(feeds.goes_on, self._name, *self._goes_on)
        await self._catalogue.run(feeds.keep_newest, self._name, self._where, SOURCES)

    async def trouble(self) -> str:
        """It says so itself, when it is asked."""
        return ""

    def _source(self, cursor: str) -> str:
        return f"{self._where} since {cursor[:80]}" if cursor else self._where

    async def _asked(self, cursor: str, etag: str) -> _Page | None:
        """The page behind *cursor*; None if it is what it was."""
        try:
            status, body, found = await self._get(cursor, etag)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            said = str(error).replace(self._url, self._where) or type(error).__name__
            raise self._trouble(f"does not answer: {said[:300]}") from error
        if status == _UNCHANGED and etag:
            self._failed = 0
            return None
        if status != _OK:
            raise self._trouble(f"answered {status}")
        page = self._page(body, found)
        self._failed = 0
        return page

    async def _get(self, cursor: str, etag: str) -> tuple[int, bytes, str]:
        headers = {"Accept": "application/json"}
        if token := self._token():
            headers["Authorization"] = f"Bearer {token}"
        if etag:
            headers["If-None-Match"] = etag
        params = {self._mapping.cursor: cursor} if cursor else {}
        wait = aiohttp.ClientTimeout(total=self._patience)
        async with (
            aiohttp.ClientSession(timeout=wait) as session,
            session.get(
                self._url, params=params, headers=headers, ssl=self._tls, allow_redirects=False
            ) as answer,
        ):
            read = bytearray()
            async for chunk in answer.content.iter_any():
                read += chunk
                if len(read) > LARGEST:
                    raise ValueError(f"its answer is longer than {LARGEST} bytes")
            return answer.status, bytes(read), answer.headers.get("ETag", "")

    def _page(self, body: bytes, etag: str) -> _Page:
        try:
            told = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._trouble(f"answered what is no JSON: {error}") from error
        rows = told.get(self._mapping.rows) if isinstance(told, dict) else None
        cursor = told.get(self._mapping.next) if isinstance(told, dict) else None
        if not isinstance(rows, list):
            raise self._trouble(f"answered no JSON object with a list {self._mapping.rows!r}")
        cursor = "" if cursor is None else str(cursor)
        if len(cursor) > _LONGEST_CURSOR or "\0" in cursor:
            raise self._trouble(f"answered a {self._mapping.next!r} that nobody can go on from")
        return _Page(rows=rows, cursor=cursor, etag=etag[:_LONGEST_CURSOR])

    def _token(self) -> str:
        if not self._token_file:
            return ""
        return read_secret(Path(self._token_file), f"[[feeds]] {self._name}: token_file")

    def _trouble(self, why: str) -> TemporaryError:
        self._failed += 1
        return TemporaryError(
            f"feed {self._name}: {self._where} {why}",
            advice="It is asked again by itself, later and later; see [[feeds]] in the settings.",
        )


def _checked(settings: FeedSettings) -> str:
    """Scheme, host, port and path of the address, for people; SetupError if it may not be asked."""
    what = f"[[feeds]] {settings.name}: url"
    try:
        parts = urlsplit(settings.url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise SetupError(f"{what} is no address: {error}", advice=_LIKE_THIS) from error
    if parts.scheme not in {"https", "http"} or not host or parts.fragment:
        raise SetupError(f"{what} is no address", advice=_LIKE_THIS)
    if parts.username is not None or parts.password is not None:
        raise SetupError(f"{what} holds a name or password", advice="Put it in token_file.")
    if parts.scheme == "http" and not _is_here(host):
        raise SetupError(
            f"{what} would be asked in the clear at {host}",
            advice="Give its https address; only this machine (127.0.0.1) may be asked without.",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


_LIKE_THIS = "Write it like https://cad.agency.example/v1/incidents"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _context(settings: FeedSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:
        what = f"[[feeds]] {settings.name}: ca_file {settings.ca_file}"
        raise SetupError(f"{what} cannot be used: {error}") from error
