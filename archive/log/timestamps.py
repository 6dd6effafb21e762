"""Time stamps of an authority (RFC 3161): the log's head was there then, says its clock.

One rule: nothing is kept that does not verify with the certificate that the agency chose, for the
very bytes that were sent, under the number that was sent along.  Each token lies beside the
checkpoint it is about, byte for byte, so that `openssl ts -verify` needs nothing else of us.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from archive.log.log import Log
from evidence import durable
from evidence.clock import Clock, stamp
from evidence.errors import LogBroken, SetupError, TemporaryError
from evidence.note import Checkpoint
from evidence.settings import TimestampsSettings
from evidence.tiles import WITNESSED

FOLDER = "timestamps"
TOKEN, ABOUT = ".tsr", ".checkpoint"
"""The authority's whole response (DER), and what it is about."""
LOOK_AGAIN = 60.0
"""Seconds between two looks whether a time stamp is due, and after one that failed."""
_MOST = 1 << 18
_TIME = "%Y%m%dT%H%M%SZ"
_OK = 200

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """One time stamp that is kept."""

    token: Path
    about: Path
    size: int
    """Entries of the log under the checkpoint that was stamped."""
    at: datetime
    """When, by the authority's clock; to the second."""


@dataclass(slots=True, kw_only=True)
class Timestamps:
    """The time stamps of *log*.  Make them with :meth:`open`."""

    log: Log
    folder: Path
    settings: TimestampsSettings
    clock: Clock
    roots: tuple[x509.Certificate, ...]
    trouble: str | None = field(default=None)
    """Why the last one did not come; None if it did."""

    @classmethod
    def open(cls, log: Log, folder: Path, settings: TimestampsSettings, clock: Clock) -> Timestamps:
        """The time stamps in *folder*; SetupError if *settings* cannot be used.  Blocks."""
        roots = roots_of(settings)
        return cls(log=log, folder=folder / FOLDER, settings=settings, clock=clock, roots=roots)

    @property
    def wanted(self) -> bool:
        """Whether an authority is asked at all."""
        return bool(self.settings.url)

    def all(self) -> list[Stamped]:
        """Every time stamp that is kept, the oldest first."""
        return sorted(self._kept(), key=lambda each: each.at)

    async def step(self) -> None:
        """Ask for a time stamp if one is due; then wait a while."""
        newest = await asyncio.to_thread(self._newest)
        due = newest is None or self.clock.now() - newest >= timedelta(
            hours=self.settings.every_hours
        )
        if due and self.log.size:
            try:
                await self.stamp(self.log.read(WITNESSED) or self.log.checkpoint())
                self.trouble = None
            except (TemporaryError, LogBroken) as error:
                self.trouble = f"no time stamp of {self.settings.url}: {error}"
                _log.warning("%s", self.trouble)
        await asyncio.sleep(LOOK_AGAIN)

    async def stamp(self, note: bytes) -> Stamped:
        """Have the checkpoint *note* stamped now, and keep that; durable when this returns.

        TemporaryError if the authority gives no answer, LogBroken for one that does not verify.
        """
        # It is asked for its certificate, or nobody could verify the token later.
        builder = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256)
        asked = builder.nonce(nonce=True).cert_request(cert_request=True).build()
        answer = await self._post(asked.as_bytes())
        at = await asyncio.to_thread(verify_token, answer, note, self.roots, asked.nonce)
        return await asyncio.to_thread(self._keep, note, answer, at)

    def _keep(self, note: bytes, answer: bytes, at: datetime) -> Stamped:
        size = Checkpoint.parse(note.decode().partition("\n\n")[0] + "\n").size
        name = self.folder / f"{size}-{at.astimezone(UTC):{_TIME}}-{mark_of(answer)}"
        durable.make_folder(self.folder)
        about, token = name.with_suffix(ABOUT), name.with_suffix(TOKEN)
        durable.replace(about, note)
        durable.replace(token, answer)
        _log.info("stamped at %s: %d entries", stamp(at), size)
        return Stamped(token=token, about=about, size=size, at=at)

    def _kept(self) -> Iterator[Stamped]:
        for token in self.folder.glob(f"*{TOKEN}"):
            size, at, _ = read_name(token.stem)
            yield Stamped(token=token, about=token.with_suffix(ABOUT), size=size, at=at)

    def _newest(self) -> datetime | None:
        return max((each.at for each in self._kept()), default=None)

    async def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        timeout = aiohttp.ClientTimeout(total=self.settings.patience_seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(
                    self.settings.url, data=body, headers=headers, allow_redirects=False
                ) as answer,
            ):
                if answer.status != _OK:
                    raise TemporaryError(f"it answers {answer.status}")
                read = bytearray()
                async for chunk in answer.content.iter_any():
                    read += chunk
                    if len(read) > _MOST:
                        raise TemporaryError("its answer is too long")
                return bytes(read)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise TemporaryError(f"{type(error).__name__} {error}") from error


def roots_of(settings: TimestampsSettings) -> tuple[x509.Certificate, ...]:
    """The certificates that *settings* trust; none if no authority is asked.  Blocks.

    SetupError if they cannot be read.
    """
    if not settings.url:
        return ()
    try:
        return tuple(x509.load_pem_x509_certificates(Path(settings.ca_file).read_bytes()))
    except (OSError, ValueError) as error:
        raise SetupError(
            f"[timestamps] ca_file {settings.ca_file!r}: {error}",
            advice="Name the PEM file of the certificate that the authority answers under.",
        ) from error


def mark_of(answer: bytes) -> str:
    """The part of a token's name that tells its bytes from others."""
    return hashlib.sha256(answer).hexdigest()[:8]


def read_name(stem: str) -> tuple[int, datetime, str]:
    """Size of the log, time and mark in the name of a token; ValueError for any other name."""
    size, at, mark = stem.split("-")
    return int(size), datetime.strptime(at, _TIME).replace(tzinfo=UTC), mark


def must_be_about(token: bytes, about: bytes) -> None:
    """LogBroken unless *token* names the SHA-256 of *about*; whose it is, is not looked at."""
    try:
        imprint = decode_timestamp_response(token).tst_info.message_imprint
    except ValueError as error:
        raise LogBroken(f"the time stamp cannot be read: {error}") from error
    if imprint.message != hashlib.sha256(about).digest():
        raise LogBroken("the time stamp is not of the checkpoint beside it")


def verify_token(
    token: bytes, about: bytes, roots: tuple[x509.Certificate, ...], nonce: int | None = None
) -> datetime:
    """When the authority saw the bytes *about*, says *token*; LogBroken if it does not verify.

    Its certificates count as they were at that time.
    """
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    if nonce is not None:
        builder = builder.nonce(nonce)
    try:
        response = decode_timestamp_response(token)
        builder.build().verify_message(response, about)
        at = response.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        raise LogBroken(f"the time stamp does not verify: {error}") from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
