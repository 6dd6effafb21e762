"""Sending bytes to the vault with a request the archive signed: exactly as written, no credential.

One rule: the store's answer is read, never assumed.  412 says that the object is there already;
what it holds is for the archive to find out by reading it back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from evidence.errors import DigestMismatch, VaultUnreachable
from evidence.wire import WireRequest
from ingest.pace import Pace
from ingest.stretch import Stretch

_CODE = re.compile(rb"<Code>(\w{1,64})</Code>")
_OTHER_BYTES = {b"BadDigest", b"InvalidDigest", b"XAmzContentChecksumMismatch", b"IncompleteBody"}
_NO_UPLOAD = b"NoSuchUpload"
_PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=600)
"""Counted from the last byte sent: a store may have to sync a large object before it answers."""

_MULTIPLE, _PRECONDITION_FAILED = 300, 412


def nobody(_sent: int) -> None:
    """Nobody wants to hear how many bytes were sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutDone:
    """The store took the bytes, had the object already, or does not know the upload."""

    etag: str
    stored_before: bool = False
    upload_unknown: bool = False
    """A part's upload is not under way there: it was finished, given up, or tidied away."""


async def put(
    session: aiohttp.ClientSession,
    request: WireRequest,
    stretch: Stretch,
    sent: Callable[[int], None] = nobody,
    pace: Pace | None = None,
) -> PutDone:
    """Make the signed *request* with the bytes of *stretch* as its body, at *pace* if given.

    Raises VaultUnreachable (try again with a fresh request), or DigestMismatch if the file is not
    whole, or the store says that the bytes are not the ones that were promised.
    """
    stretch.check()
    headers = dict(request.headers) | {"Content-Length": str(stretch.size)}
    try:
        async with session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=headers,
            data=stretch.body(sent, pace) if stretch.size else b"",
            skip_auto_headers=("Content-Type", "User-Agent"),
            allow_redirects=False,
            timeout=_PATIENCE,
        ) as response:
            content = await response.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise VaultUnreachable(f"sending {stretch.path.name}: {error!r}") from error
    if response.status == _PRECONDITION_FAILED:
        return PutDone(etag="", stored_before=True)
    if response.status >= _MULTIPLE:
        if _code(content) == _NO_UPLOAD:
            return PutDone(etag="", upload_unknown=True)
        raise _refusal(response.status, content, stretch.path)
    return PutDone(etag=response.headers.get("ETag", ""))


def _code(content: bytes) -> bytes:
    """The S3 error code in an answer; empty if it has none."""
    found = _CODE.search(content)
    return found[1] if found else b""


def _refusal(status: int, content: bytes, path: Path) -> DigestMismatch | VaultUnreachable:
    named = _code(content)
    text = f"the store refused {path.name}: HTTP {status} {named.decode('ascii')}"
    if named in _OTHER_BYTES:
        return DigestMismatch(text)
    return VaultUnreachable(text)
