"""An archive on a vault in memory, and stations and people who knock at its door."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.service import Archive, ArchiveParts
from evidence.clip import new_id
from evidence.clock import SetClock
from evidence.commitment import Opening
from evidence.custody import EntryKind, station_act_message, write_entry
from evidence.digest import Sha256
from evidence.request_signature import RequestLine, sign_request
from evidence.rights import Role
from evidence.settings import AgencySettings, ArchiveSettings, Settings
from evidence.vault import SignedRequest, Vault
from evidence.vault.memory import MemoryVault
from evidence.wire import (
    Archived,
    ClipOffer,
    DerivedObject,
    EnrolStation,
    IntakeAnswer,
    JournalPush,
    Message,
    OpeningSent,
    RenditionAnswer,
    RenditionOffer,
    RenditionShown,
    Session,
    SignIn,
    StationAct,
    StationEnrolled,
    UploadDone,
    WireRequest,
)
from tests.archive.places import DATABASE

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
AnswerT = TypeVar("AnswerT", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def as_(self, kind: type[AnswerT]) -> AnswerT:
        assert self.status < 300, self.body
        return msgspec.json.decode(self.body, type=kind)

    @property
    def title(self) -> str:
        return str(msgspec.json.decode(self.body)["title"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An open house."""

    archive: Archive
    http: TestClient[web.Request, web.Application]
    vault: MemoryVault
    clock: SetClock

    async def station(self, key: Ed25519PrivateKey | None = None) -> Station:
        """A station that has just enrolled."""
        key = key or Ed25519PrivateKey.generate()
        wanted = EnrolStation(
            code=await self.archive.enrolment_code("Dock 1"),
            name="Dock 1",
            public_key=key.public_key().public_bytes_raw().hex(),
        )
        answer = await self.post("/v1/stations", wanted)
        return Station(door=self, id=answer.as_(StationEnrolled).station, key=key)

    async def person(self, role: Role, officer: str | None = None, name: str = "") -> Person:
        """A person who has just signed in."""
        name = name or f"{role.value} {officer}"
        await self.archive.create_person(name, PASSWORD, role, officer)
        answer = await self.post("/v1/sessions", SignIn(name=name, password=PASSWORD))
        return Person(door=self, token=answer.as_(Session).token)

    async def post(self, path: str, message: Message) -> Answer:
        return await self.send("POST", path, msgspec.json.encode(message), {})

    async def send(
        self, method: str, path: str, body: bytes | io.BytesIO, headers: dict[str, str]
    ) -> Answer:
        async with self.http.request(method, path, data=body or None, headers=headers) as answer:
            return Answer(status=answer.status, body=await answer.read())


@dataclass(slots=True, kw_only=True)
class Station:
    """A station with a journal of its own."""

    door: Open
    id: str
    key: Ed25519PrivateKey
    acts: list[StationAct] = field(default_factory=list)

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        path, _, query = path.partition("?")
        line = RequestLine(method=method, path=path, query=query)
        created = int(self.door.clock.now().timestamp())
        return sign_request(line, body, key=self.key, keyid=self.id, created=created)

    async def post(self, path: str, message: Message) -> Answer:
        body = msgspec.json.encode(message)
        return await self.door.send("POST", path, body, self.headers("POST", path, body))

    async def get(self, path: str) -> Answer:
        return await self.door.send("GET", path, b"", self.headers("GET", path, b""))

    def act(self, kind: EntryKind, clip: str | None = None, **fields: object) -> StationAct:
        """The next entry of the journal, signed."""
        entry = write_entry(kind, at=self.door.clock.now(), by=self.id, clip=clip, **fields)
        number = len(self.acts) + 1
        signature = self.key.sign(station_act_message(self.id, number, entry.raw)).hex()
        self.acts.append(StationAct(number=number, raw=entry.raw.decode(), signature=signature))
        return self.acts[-1]

    async def pull(self, footage: Footage) -> None:
        """Journal that the clip was found and pulled, and push it."""
        openings = footage.openings.items()
        commitments = {name: opening.commitment.hex for name, opening in openings}
        act = self.act(
            EntryKind.CLIP_FOUND,
            footage.clip,
            commitments=commitments,
            profile=footage.offer.profile,
            clock_offset_ms=footage.offset_ms,
            acquisition=footage.acquisition,
        )
        pulled = self.act(EntryKind.CLIP_PULLED, footage.clip)
        assert (await self.post("/v1/journal", JournalPush(acts=[act, pulled]))).status == 200

    async def offer(self, footage: Footage) -> Answer:
        return await self.post("/v1/intake", footage.offer)

    async def complete(self, clip: str, done: UploadDone | None = None) -> Answer:
        return await self.post(f"/v1/intake/{clip}/complete", done or UploadDone())

    async def archive(self, footage: Footage) -> Archived:
        """The whole way in."""
        answer = (await self.offer(footage)).as_(IntakeAnswer)
        if answer.archived is not None:
            return answer.archived
        assert answer.put is not None
        assert self.put(answer.put, footage.data) == 200
        return (await self.complete(answer.clip)).as_(Archived)

    def put(self, request: WireRequest, data: bytes) -> int:
        """Send *data* to the vault; the status."""
        return self.door.vault.accept(signed(request), data).status

    async def derive(
        self, clip: str, claimed_start: str | None = None, kind: str = "copy"
    ) -> RenditionShown:
        """Make, send and complete a small rendition."""
        objects = derived_objects()
        return await self.bring(clip, rendition(objects, claimed_start, kind), objects)

    async def bring(
        self, clip: str, told: RenditionOffer, objects: Mapping[str, bytes]
    ) -> RenditionShown:
        """Send what *told* names, and complete it."""
        wanted = await self.post(f"/v1/clips/{clip}/rendition", told)
        for name, put in wanted.as_(RenditionAnswer).uploads.items():
            assert self.put(put, objects[name]) == 200
        done = await self.post(f"/v1/clips/{clip}/rendition/complete", told)
        return done.as_(RenditionShown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody signed in."""

    door: Open
    token: str

    async def get(self, path: str) -> Answer:
        return await self.door.send("GET", path, b"", {"Authorization": f"Bearer {self.token}"})

    async def post(self, path: str, message: Message) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.door.send("POST", path, msgspec.json.encode(message), headers)

    async def delete(self, path: str) -> Answer:
        return await self.door.send("DELETE", path, b"", {"Authorization": f"Bearer {self.token}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """A file on a card, and what a station says of it."""

    data: bytes
    clip: str = field(default_factory=lambda: new_id("c"))
    camera: str = "BWC-0042"
    path: bytes = b"DCIM/100/A.MP4"
    officer: str | None = "4711"
    started: str | None = "2026-11-23T07:30:00.000Z"
    offset_ms: int | None = None
    clip_class: str = "video"
    acquisition: str = "docked"
    imported_by: str | None = None
    import_reason: str | None = None
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def sha256(self) -> Sha256:
        return Sha256.of(self.data)

    @property
    def openings(self) -> dict[str, Opening]:
        values = {
            "path": self.path,
            "camera": self.camera.encode(),
            "officer": self.officer and self.officer.encode(),
            "started": self.started and self.started.encode(),
            "imported_by": self.imported_by and self.imported_by.encode(),
            "import_reason": self.import_reason and self.import_reason.encode(),
        }
        return {name: Opening(value=v, salt=self.salt) for name, v in values.items() if v}

    @property
    def offer(self) -> ClipOffer:
        sent = {name: OpeningSent(**o.to_wire()) for name, o in self.openings.items()}
        return ClipOffer(
            clip=self.clip,
            camera=self.camera,
            path_hex=self.path.hex(),
            sha256=self.sha256.hex,
            size=len(self.data),
            clip_class=self.clip_class,
            profile="generic-dcim",
            openings=sent,
            officer=self.officer,
            started=self.started,
            clock_offset_ms=self.offset_ms,
            acquisition=self.acquisition,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An archive's folder, its vault and its clock; it may be opened again and again."""

    parts: ArchiveParts
    vault: MemoryVault
    clock: SetClock

    @classmethod
    def at(cls, folder: Path, **archive: object) -> House:
        clock = SetClock(START)
        vault = MemoryVault(clock)
        return cls(parts=parts(folder, vault, clock, **archive), vault=vault, clock=clock)

    def with_(self, **changes: object) -> House:
        return replace(self, parts=replace(self.parts, **changes))  # type: ignore[arg-type]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Open]:
        async with (
            Archive.running(self.parts) as archive,
            TestClient(TestServer(archive.app)) as http,
        ):
            yield Open(archive=archive, http=http, vault=self.vault, clock=self.clock)


def parts(folder: Path, vault: Vault, clock: SetClock, **archive: object) -> ArchiveParts:
    """An archive's parts, with passwords that cost little."""
    archive = {"database": DATABASE.get(), **archive}
    settings = Settings(
        agency=AgencySettings(name="lab", origin="evidock.example/lab"),
        archive=ArchiveSettings(**archive),  # type: ignore[arg-type]
    )
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return ArchiveParts(
        settings=settings, folder=folder / "archive", vault=vault, clock=clock, hasher=cheap
    )


def signed(request: WireRequest) -> SignedRequest:
    """The request as the vault knows it."""
    return SignedRequest(
        method=request.method,
        url=request.url,
        headers=request.headers,
        expires=datetime.fromisoformat(request.expires),
    )


def derived_objects(media: bytes = b"moving pictures") -> dict[str, bytes]:
    """A small rendition: *media* is an init part of six bytes and one segment."""
    return {
        "rendition.json": b'{"kind":"copy"}',
        "media.mp4": media,
        "index.m3u8": b"#EXTM3U",
        "segments.json": segments_of(media, 6),
        "thumbnail.jpg": b"small picture",
    }


def segments_of(media: bytes, *cuts: int) -> bytes:
    """The manifest of *media*, cut at these places."""
    ends = [*cuts, len(media)]
    ranges = [
        {"offset": low, "length": high - low, "sha256": Sha256.of(media[low:high]).hex}
        for low, high in pairwise([0, *ends])
    ]
    told = {"media": "media.mp4", "init": ranges[0], "segments": ranges[1:], "size": len(media)}
    return json.dumps(told).encode()


def rendition(
    objects: dict[str, bytes], claimed_start: str | None = None, kind: str = "copy"
) -> RenditionOffer:
    return RenditionOffer(
        kind=kind,
        segments=1,
        claimed_start=claimed_start,
        objects=[
            DerivedObject(
                name=name, size=len(data), sha256=Sha256.of(data).hex, content_type="video/mp4"
            )
            for name, data in objects.items()
        ],
    )
