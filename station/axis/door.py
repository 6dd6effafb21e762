"""What a System Controller says, and what it is answered (README.md, "API endpoints").

One rule: 201 is said of an object only when it is whole, synced and was read back; 400 is said only
of what can never be kept, since the controller then gives up; whatever may pass is 503 or 507, and
it comes again.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import msgspec
from aiohttp import ClientPayloadError, web

from evidence.digest import BLOCK
from evidence.errors import DigestMismatch, DiskFull, TemporaryError
from evidence.names import shown
from station.axis.connection import AUTH, CAPABILITIES, CAPABILITY_NAMES
from station.axis.credentials import Credentials, Tokens
from station.axis.note import MOST, Note, ObjectNote, merged, told_in
from station.axis.spool import Part, Spool
from station.axis.target import ACCOUNT, BadName, Target, file_name, target_of

_log = logging.getLogger(__name__)
_REGISTER_MAX = 64 * 1024
"""Bytes of what tells of a controller, a person or a camera; such objects are empty."""
_MANIFESTS = ("X-Object-Manifest", "X-Copy-From")
_SOON = "10"


@dataclass(slots=True, kw_only=True)
class Door:
    """The content destination."""

    spool: Spool
    credentials: Credentials
    tokens: Tokens
    url: str = ""
    """Where controllers reach us; empty: wherever they came to."""
    parallel: int = 4
    patience: float = 60.0
    """Seconds that a controller may send nothing in the middle of an object."""
    _notes: asyncio.Lock = field(default_factory=asyncio.Lock)
    _coming: dict[object, int] = field(default_factory=dict)
    """Bytes that each object on its way may still need."""

    def app(self) -> web.Application:
        """The door as a web application."""
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.rel_url.raw_path == AUTH:
                return self._authenticate(request)
            return await self._store(request)
        except BadName as error:
            return _refusal(400, str(error))
        except DiskFull as error:
            _log.error("the Axis door is closed to footage: %s", error)
            return _refusal(507, "no room is left here")
        except TemporaryError as error:
            _log.error("the Axis door: %s", error)
            return _refusal(503, "cannot be written now")
        except DigestMismatch as error:
            _log.error("alarm: %s", error)
            return _refusal(500, "the disk here does not give back what it was given")

    def _authenticate(self, request: web.Request) -> web.Response:
        if request.method != "GET":
            return _refusal(400, "a token is asked for with GET")
        headers = request.headers
        user = headers.get("X-Auth-User", "")
        key = headers.get("X-Auth-Key") or headers.get("Auth-Key") or ""
        if not self.credentials.are(user, key):
            _log.warning("the Axis door turned away a wrong user or key from %s", request.remote)
            return _refusal(401, "wrong user or key")
        storage = (self.url or f"{request.scheme}://{request.host}") + ACCOUNT
        token = self.tokens.new()
        return web.Response(headers={"X-Auth-Token": token, "X-Storage-Url": storage})

    async def _store(self, request: web.Request) -> web.StreamResponse:
        if not self.tokens.is_good(request.headers.get("X-Auth-Token", "")):
            return _refusal(401, "no token, or one that has run out")
        if sum(len(key) + len(value) for key, value in request.headers.items()) > MOST:
            return _refusal(400, f"more than {MOST:,} bytes of headers")
        target = target_of(request.rel_url.raw_path)
        answers: dict[tuple[str, bool], Callable[[web.Request, Target], Awaitable[web.Response]]]
        answers = {
            ("PUT", True): self._put_object,
            ("POST", True): self._post_object,
            ("PUT", False): self._put_container,
            ("POST", False): self._post_container,
            ("HEAD", True): self._head,
            ("HEAD", False): self._head,
            ("GET", True): self._get,
        }
        answer = answers.get((request.method, target.object is not None))
        if answer is None:
            return _refusal(400, f"{request.method} is no part of the published interface")
        return await answer(request, target)

    # --- containers

    async def _put_container(self, request: web.Request, target: Target) -> web.Response:
        told = told_in(request.headers)
        async with self._notes:
            note = await self._note(target)
            new = self.spool.make(target.container, merged({}, told)) if note is None else note
            if note is not None:
                new = msgspec.structs.replace(note, told=merged(note.told, told))
            await asyncio.to_thread(self.spool.keep, new)
        return web.Response(status=201 if note is None else 202)

    async def _post_container(self, request: web.Request, target: Target) -> web.Response:
        async with self._notes:
            note = await self._note(target)
            if note is None:
                return _refusal(404, "no such container")
            told = merged(note.told, told_in(request.headers))
            await asyncio.to_thread(self.spool.keep, msgspec.structs.replace(note, told=told))
        return web.Response(status=204)

    # --- objects

    async def _put_object(self, request: web.Request, target: Target) -> web.Response:
        if any(name in request.headers for name in _MANIFESTS) or request.query_string:
            # A manifest is no footage; to take it for some would lose what it stands for.
            return _refusal(400, "segments, copies and manifests are no part of the interface")
        if await self._note(target) is None:
            return _refusal(404, "no such container")
        if len(self._coming) >= self.parallel:
            return _refusal(503, "busy; try again soon", {"Retry-After": _SOON})
        mine = object()
        self._coming[mine] = request.content_length or 0
        try:
            with self.spool.part() as part:
                return await self._take(request, target, part)
        except (TimeoutError, ConnectionError, ClientPayloadError, web.RequestPayloadError) as why:
            _log.warning("%s did not come whole: %r", shown(str(target).encode()), why)
            return _refusal(408, "it did not come whole; send it again")
        finally:
            del self._coming[mine]

    async def _take(self, request: web.Request, target: Target, part: Part) -> web.Response:
        await self._receive(request, target, part)
        declared, etag = request.content_length, request.headers.get("Etag", "").strip('"').lower()
        if declared is not None and declared != part.size:
            return _refusal(408, f"{part.size} of {declared} bytes came; send it again")
        if etag and etag != part.md5.hexdigest():
            return _refusal(422, "the bytes that came are not those of the Etag; send them again")
        await asyncio.to_thread(part.finish)
        async with self._notes:
            note = await self._note(target)
            if note is None or target.object is None:
                return _refusal(404, "no such container")
            told = told_in(request.headers)
            await asyncio.to_thread(self.spool.land, part, note, target.object, told)
        return web.Response(status=201, headers={"Etag": part.md5.hexdigest()})

    async def _receive(self, request: web.Request, target: Target, part: Part) -> None:
        """Write the body to *part*.  Raises TimeoutError if the controller falls silent."""
        spoken = request.content_length is not None
        await asyncio.to_thread(self.spool.check_room, sum(self._coming.values()))
        while True:
            async with asyncio.timeout(self.patience):
                block = await request.content.read(BLOCK)
            if not block:
                return
            if target.is_register and part.size + len(block) > _REGISTER_MAX:
                raise BadName(f"more than {_REGISTER_MAX:,} bytes in {target.container}")
            if not spoken:
                await asyncio.to_thread(self.spool.check_room, part.size + len(block))
            await asyncio.to_thread(part.write, block)

    async def _post_object(self, request: web.Request, target: Target) -> web.Response:
        async with self._notes:
            note = await self._note(target)
            held = _held(note, target)
            if note is None or held is None or target.object is None:
                return _refusal(404, "no such object")
            told = merged({}, told_in(request.headers))
            new = {
                **note.objects,
                file_name(target.object): msgspec.structs.replace(held, told=told),
            }
            await asyncio.to_thread(self.spool.keep, msgspec.structs.replace(note, objects=new))
        return web.Response(status=202)

    # --- reading

    async def _head(self, _request: web.Request, target: Target) -> web.Response:
        note = await self._note(target)
        if target.object is None:
            if note is None:
                return _refusal(404, "no such container")
            return web.Response(headers=_headers("X-Container-Meta-", note.told))
        if target.container == "System" and target.object in CAPABILITY_NAMES:
            return _capabilities()
        held = _held(note, target)
        if held is None:
            return _refusal(404, "no such object")
        told = _headers("X-Object-Meta-", held.told)
        return web.Response(headers={**told, "Etag": held.md5, "Content-Length": str(held.size)})

    async def _get(self, _request: web.Request, target: Target) -> web.Response:
        """What stands in System, and nothing else: footage is never given out here."""
        if target.container != "System" or target.object is None:
            return _refusal(403, "nothing is read here but what stands in System")
        if target.object in CAPABILITY_NAMES:
            return _capabilities()
        note = await self._note(target)
        held = _held(note, target)
        if note is None or held is None:
            return _refusal(404, "no such object")
        file = self.spool.home(note) / file_name(target.object)
        body = await asyncio.to_thread(file.read_bytes)
        told = _headers("X-Object-Meta-", held.told)
        return web.Response(body=body, headers={**told, "Etag": held.md5})

    async def _note(self, target: Target) -> Note | None:
        return await asyncio.to_thread(self.spool.note, target.container)


def _held(note: Note | None, target: Target) -> ObjectNote | None:
    if note is None or target.object is None:
        return None
    return note.objects.get(file_name(target.object))


def _headers(prefix: str, told: dict[str, str]) -> dict[str, str]:
    return {prefix + key: quote(value) for key, value in told.items()}


def _capabilities() -> web.Response:
    etag = hashlib.md5(CAPABILITIES, usedforsecurity=False).hexdigest()
    headers = {"Etag": etag, "Accept-Ranges": "bytes"}
    return web.Response(body=CAPABILITIES, content_type="application/json", headers=headers)


def _refusal(status: int, why: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=why + "\n", headers=headers)
