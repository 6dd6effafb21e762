"""Files of a package brought into a vault, however large they are.

One rule: what lies there is looked at by whoever called; the store's answer proves nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import aiohttp

from archive.originals import Bytes
from evidence import durable
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, EvidenceError, VaultUnreachable
from evidence.vault import (
    AlreadyStored,
    Bucket,
    Lock,
    PartReceipt,
    StoredVersion,
    Vault,
)
from evidence.verification.files import Files, reading
from evidence.wire import WireRequest
from ingest.stretch import Stretch
from ingest.vault_put import put

PART = 64 << 20
"""Bytes that are held in memory, and sent, at a time."""
_SECONDS = 3600
_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".json": "application/json",
}
_OTHER = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storing:
    """Brings *files* into *vault*; blocks.  Not to be called where an event loop runs."""

    files: Files
    vault: Vault
    scratch: Path
    """Where parts of large files lie while they are sent."""
    ca_file: str = ""
    part: int = PART

    def store(
        self, name: str, bucket: Bucket, key: str, what: Bytes, lock: Lock | None
    ) -> StoredVersion:
        """The file *name* as an object under *key* and *lock*; the one there if there is one."""
        with self.files.open(name) as stream:
            if what.size > self.part:
                parts = _cut(name, stream, what.size, self.part)
                return asyncio.run(self._in_parts(bucket, key, parts, what, lock))
            with reading(name):
                data = stream.read(what.size + 1)
        if (Sha256.of(data), len(data)) != (what.sha256, what.size):
            raise DigestMismatch(f"{name} is not the {what.size} bytes {what.sha256} of the log")
        is_derived = bucket is Bucket.DERIVED
        kind = _TYPES.get(PurePosixPath(key).suffix, _OTHER) if is_derived else _OTHER
        try:
            return self.vault.put(bucket, key, data, lock=lock, create_only=True, content_type=kind)
        except AlreadyStored:
            found = self.vault.find(bucket, key)
            if found is None:
                raise VaultUnreachable(f"{key} is there, and cannot be found") from None
            return found

    async def _in_parts(
        self, bucket: Bucket, key: str, data: Iterator[bytes], what: Bytes, lock: Lock | None
    ) -> StoredVersion:
        """The parts *data* as one object; nothing of them stays if they are not *what*."""
        upload = self.vault.start_parts(bucket, key, lock=lock)
        try:
            parts = await self._sent(bucket, key, upload, data, what)
        except BaseException:
            with suppress(EvidenceError):  # what went wrong first is what is told
                self.vault.abandon_parts(bucket, key, upload)
            raise
        return self.vault.finish_parts(bucket, key, upload, parts, lock=lock)

    async def _sent(
        self, bucket: Bucket, key: str, upload: str, stream: Iterator[bytes], what: Bytes
    ) -> list[PartReceipt]:
        """Every part sent; DigestMismatch unless together they are *what*."""
        parts: list[PartReceipt] = []
        whole_file = hashlib.sha256()
        place = self.scratch / "part"
        durable.make_folder(self.scratch)
        context = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else True
        connector = aiohttp.TCPConnector(ssl=context)
        try:
            async with aiohttp.ClientSession(connector=connector) as session:
                for number, data in enumerate(stream, start=1):
                    sha256 = Sha256.of(data)
                    whole_file.update(data)
                    durable.replace(place, data)
                    request = self.vault.sign_part(
                        bucket,
                        key,
                        upload,
                        number=number,
                        size=len(data),
                        sha256=sha256,
                        seconds=_SECONDS,
                    )
                    whole = Stretch(path=place, size=len(data))
                    done = await put(session, WireRequest.of(request), whole)
                    parts.append(PartReceipt(number=number, etag=done.etag, sha256=sha256))
        finally:
            with suppress(OSError):
                durable.discard(place)
        if whole_file.hexdigest() != what.sha256.hex:
            raise DigestMismatch(
                f"a file of the package is not the {what.size} bytes {what.sha256} of the log",
                advice="It was changed after it was verified. Nothing was stored under its name.",
            )
        return parts


def _cut(name: str, stream: BinaryIO, size: int, part: int) -> Iterator[bytes]:
    while size > 0:
        with reading(name):
            data = stream.read(min(part, size))
        if not data:
            raise DigestMismatch(f"{name} ends {size} bytes too early")
        size -= len(data)
        yield data
