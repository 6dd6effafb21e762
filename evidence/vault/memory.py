"""A vault in memory that keeps every promise of the Protocol on a clock of your choice.

For tests and dry runs: it refuses what a good store refuses, and proves by the same conformance
suite that it does.  What it holds is gone with the process.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import RLock

from evidence.clock import Clock
from evidence.digest import BLOCK, Sha256
from evidence.errors import DigestMismatch, LockMissing
from evidence.vault import (
    AlreadyStored,
    Bucket,
    Lock,
    LockedError,
    PartReceipt,
    SignedRequest,
    StoredVersion,
)
from evidence.vault.holder import Answer
from evidence.vault.s3_wire import UNVERSIONED, headers_of, put_parameters

_ORIGIN = "memory://vault"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """One version and its bytes."""

    stored: StoredVersion
    data: bytes


@dataclass(slots=True, kw_only=True)
class _Upload:
    """A multipart upload under way."""

    bucket: Bucket
    key: str
    lock: Lock | None
    parts: dict[int, bytes] = field(default_factory=dict)
    finished: StoredVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    """What a signed request was signed for; the URL's token names it."""

    request: SignedRequest
    bucket: Bucket
    key: str
    version_id: str = ""
    sha256: Sha256 | None = None
    lock: Lock | None = None
    create_only: bool = False
    upload_id: str = ""
    number: int = 0


class MemoryVault:
    """A :class:`~evidence.vault.Vault` whose locks end by *clock*."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mutex = RLock()
        self._held: dict[tuple[Bucket, str], dict[str, _Held]] = {}
        self._uploads: dict[str, _Upload] = {}
        self._grants: dict[str, _Grant] = {}

    def bucket_name(self, bucket: Bucket) -> str:
        return f"memory-{bucket.value}"

    def put(
        self,
        bucket: Bucket,
        key: str,
        data: bytes,
        *,
        lock: Lock | None = None,
        create_only: bool = False,
        content_type: str = "application/octet-stream",  # noqa: ARG002  kept by real stores
    ) -> StoredVersion:
        return self._store(bucket, key, data, Sha256.of(data), lock, create_only=create_only)

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> StoredVersion | None:
        with self._mutex:
            versions = self._held.get((bucket, key), {})
            wanted = version_id or next(reversed(versions), "")
            return versions[wanted].stored if wanted in versions else None

    def versions(self, bucket: Bucket, prefix: str = "") -> Iterator[StoredVersion]:
        with self._mutex:
            found = [
                replace(held.stored, sha256=None, lock=None, legal_hold=False)
                for (where, key), versions in sorted(self._held.items())
                if where is bucket and key.startswith(prefix)
                for held in reversed(versions.values())
            ]
        yield from found

    def read(self, bucket: Bucket, key: str, version_id: str) -> Iterator[bytes]:
        held = self._get(bucket, key, version_id)
        for start in range(0, len(held.data), BLOCK):
            yield held.data[start : start + BLOCK]
        if len(held.data) != held.stored.size:
            size = held.stored.size
            raise DigestMismatch(
                f"{key} ends after {len(held.data)} bytes where {size} were stored"
            )

    def sign_put(
        self,
        bucket: Bucket,
        key: str,
        *,
        size: int,
        sha256: Sha256,
        lock: Lock | None,
        create_only: bool,
        content_type: str,
        seconds: int,
    ) -> SignedRequest:
        bound = put_parameters(size, sha256, lock, content_type, create_only=create_only)
        request = self._request("PUT", bucket, key, headers_of(bound), seconds)
        return self._grant(
            _Grant(
                request=request,
                bucket=bucket,
                key=key,
                sha256=sha256,
                lock=lock,
                create_only=create_only,
            )
        )

    def sign_get(self, bucket: Bucket, key: str, version_id: str, *, seconds: int) -> SignedRequest:
        request = self._request("GET", bucket, key, {}, seconds)
        return self._grant(_Grant(request=request, bucket=bucket, key=key, version_id=version_id))

    def start_parts(self, bucket: Bucket, key: str, *, lock: Lock | None) -> str:
        upload_id = secrets.token_hex(16)
        with self._mutex:
            self._uploads[upload_id] = _Upload(bucket=bucket, key=key, lock=lock)
        return upload_id

    def sign_part(
        self,
        bucket: Bucket,
        key: str,
        upload_id: str,
        *,
        number: int,
        size: int,
        sha256: Sha256,
        seconds: int,
    ) -> SignedRequest:
        bound = {"ContentLength": size, "ChecksumSHA256": sha256.base64}
        request = self._request("PUT", bucket, key, headers_of(bound), seconds)
        return self._grant(
            _Grant(
                request=request,
                bucket=bucket,
                key=key,
                sha256=sha256,
                upload_id=upload_id,
                number=number,
            )
        )

    def finish_parts(
        self,
        bucket: Bucket,
        key: str,
        upload_id: str,
        parts: Sequence[PartReceipt],
        *,
        lock: Lock | None,
    ) -> StoredVersion:
        with self._mutex:
            upload = self._uploads.get(upload_id)
            if upload is None:
                raise DigestMismatch(f"{key}: the store lost this upload in parts")
            for part in parts:
                if Sha256.of(upload.parts.get(part.number, b"")) != part.sha256:
                    raise DigestMismatch(f"{key}: part {part.number} is not the one received")
            if upload.finished is None:
                ordered = sorted(part.number for part in parts)
                whole = b"".join(upload.parts[number] for number in ordered)
                upload.finished = self._store(bucket, key, whole, None, lock or upload.lock)
            return upload.finished

    def abandon_parts(self, bucket: Bucket, key: str, upload_id: str) -> None:  # noqa: ARG002
        with self._mutex:
            self._uploads.pop(upload_id, None)

    def extend_lock(self, bucket: Bucket, key: str, version_id: str, lock: Lock) -> None:
        with self._mutex:
            held = self._held.get((bucket, key), {}).get(version_id)
            if held is None:
                raise LockMissing(f"{key} has no version {version_id} to be locked")
            old = held.stored.lock
            if old is not None and self._locked(held) and not lock.covers(old):
                raise LockedError(f"{key} is locked by {old}, which {lock} would weaken")
            stored = replace(held.stored, lock=lock.whole())
            self._held[bucket, key][version_id] = replace(held, stored=stored)

    def set_legal_hold(self, bucket: Bucket, key: str, version_id: str, *, on: bool) -> None:
        with self._mutex:
            held = self._held.get((bucket, key), {}).get(version_id)
            if held is None:
                raise LockMissing(f"{key} has no version {version_id} to be held")
            stored = replace(held.stored, legal_hold=on)
            self._held[bucket, key][version_id] = replace(held, stored=stored)

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        with self._mutex:
            versions = self._held.get((bucket, key), {})
            held = versions.get(version_id)
            if held is not None and self._locked(held):
                raise LockedError(f"{key} version {version_id} is locked: {held.stored.lock}")
            if held is not None and held.stored.legal_hold:
                raise LockedError(f"{key} version {version_id} has a legal hold")
            versions.pop(version_id, None)

    def barrier(self) -> str:
        return "memory"

    def accept(self, request: SignedRequest, body: bytes) -> Answer:
        """What a store answers to a signed PUT of *body*: everything the signature binds counts."""
        with self._mutex:
            grant = self._granted(request)
            if grant is None or grant.request.method != "PUT":
                return _answer(403)
            if str(len(body)) != request.headers["Content-Length"]:
                return _answer(400)
            if Sha256.of(body) != grant.sha256:
                return _answer(400)
            return self._accept_part(grant, body) if grant.upload_id else self._accept(grant, body)

    def answer(self, request: SignedRequest, headers: Mapping[str, str] | None = None) -> Answer:
        """What a store answers to a signed GET; *headers* may hold one ``Range: bytes=a-b``."""
        with self._mutex:
            grant = self._granted(request)
            if grant is None or grant.request.method != "GET":
                return _answer(403)
            held = self._held.get((grant.bucket, grant.key), {}).get(grant.version_id)
        if held is None:
            return _answer(404)
        wanted = (headers or {}).get("Range")
        return _answer(200, body=held.data) if wanted is None else _part_of(held.data, wanted)

    def _store(
        self,
        bucket: Bucket,
        key: str,
        data: bytes,
        sha256: Sha256 | None,
        lock: Lock | None,
        *,
        create_only: bool = False,
    ) -> StoredVersion:
        stored = StoredVersion(
            bucket=bucket,
            key=key,
            version_id=UNVERSIONED if bucket is Bucket.DERIVED else secrets.token_hex(16),
            size=len(data),
            sha256=sha256,
            lock=lock.whole() if lock else None,
        )
        with self._mutex:
            versions = self._held.setdefault((bucket, key), {})
            if create_only and versions:
                raise AlreadyStored(f"{key} is stored already")
            versions[stored.version_id] = _Held(stored=stored, data=data)
        return stored

    def _get(self, bucket: Bucket, key: str, version_id: str) -> _Held:
        with self._mutex:
            held = self._held.get((bucket, key), {}).get(version_id)
        if held is None:
            raise DigestMismatch(f"{bucket.value}/{key} has no version {version_id}")
        return held

    def _locked(self, held: _Held) -> bool:
        return held.stored.lock is not None and held.stored.lock.until > self._clock.now()

    def _request(
        self, method: str, bucket: Bucket, key: str, headers: Mapping[str, str], seconds: int
    ) -> SignedRequest:
        return SignedRequest(
            method=method,
            url=f"{_ORIGIN}/{bucket.value}/{key}?grant={secrets.token_urlsafe(16)}",
            headers=headers,
            expires=self._clock.now() + timedelta(seconds=seconds),
        )

    def _grant(self, grant: _Grant) -> SignedRequest:
        with self._mutex:
            self._grants[grant.request.url] = grant
        return grant.request

    def _granted(self, request: SignedRequest) -> _Grant | None:
        """The grant behind *request*; None if it is forged, altered or too old."""
        grant = self._grants.get(request.url)
        if grant is None or grant.request.expires < self._clock.now():
            return None
        same = (request.method, dict(request.headers)) == (
            grant.request.method,
            dict(grant.request.headers),
        )
        return grant if same else None

    def _accept(self, grant: _Grant, body: bytes) -> Answer:
        try:
            stored = self._store(
                grant.bucket,
                grant.key,
                body,
                grant.sha256,
                grant.lock,
                create_only=grant.create_only,
            )
        except AlreadyStored:
            return _answer(412)
        return _answer(200, {"x-amz-version-id": stored.version_id})

    def _accept_part(self, grant: _Grant, body: bytes) -> Answer:
        upload = self._uploads.get(grant.upload_id)
        if upload is None or (upload.bucket, upload.key) != (grant.bucket, grant.key):
            return _answer(404)
        upload.parts[grant.number] = body
        return _answer(200, {"etag": f'"{Sha256.of(body).hex[:32]}"'})


def _answer(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
    return Answer(status=status, headers=headers or {}, body=body)


def _part_of(data: bytes, wanted: str) -> Answer:
    """RFC 9110 14.2, the one form we send: ``bytes=first-last`` with an optional last."""
    first_text, _, last_text = wanted.removeprefix("bytes=").partition("-")
    first = int(first_text)
    last = min(int(last_text) if last_text else len(data) - 1, len(data) - 1)
    if first > last:
        return _answer(416)
    headers = {"content-range": f"bytes {first}-{last}/{len(data)}"}
    return _answer(206, headers, data[first : last + 1])
