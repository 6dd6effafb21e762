"""Enrolment: a station makes its key once, and an archive gives it an id for a one-time code.

One rule: the private key never leaves the station and never exists with a wider mode than 0600.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import durable, key_file
from evidence.clock import Clock
from evidence.errors import SetupError, TemporaryError
from evidence.note import VerifierKey
from evidence.policy import Policy
from evidence.wire import EnrolStation, StationEnrolled
from ingest.archive_client import ArchiveClient, StationKey
from station.patience import Patience

CodeSource = Callable[[], Awaitable[str]]
"""Asks whoever runs the archive for a one-time enrolment code."""

_KEY, _TOLD, _PIN = "station.key", "enrolled.json", "log-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """How a station comes to its id."""

    folder: Path
    name: str
    archive: ArchiveClient
    clock: Clock
    code: CodeSource | None

    def check(self) -> None:
        """Return if enrolment can be tried; SetupError for a bad key, or no id and no code."""
        key_file.load_or_make(self.folder / _KEY)
        if self.code is None and not (self.folder / _TOLD).exists():
            raise SetupError(
                f"station {self.name!r} is not enrolled and was given no enrolment code",
                advice="Ask the archive's administrator for a code and start with it.",
            )

    async def key(self, waiting: Callable[[TemporaryError], None]) -> StationKey:
        """The station's id and key; enrols with the archive the first time.

        While the archive does not answer it is asked again; *waiting* hears why.  Raises Refused
        if the archive does not take the code.
        """
        known = stored_key(self.folder)
        if known is not None:
            return known
        private = key_file.load_or_make(self.folder / _KEY)
        enrolled = await self._enrol(private, waiting)
        durable.create_same(self.folder / _TOLD, msgspec.json.encode(enrolled))
        return StationKey(station=enrolled.station, private=private)

    async def _enrol(
        self, private: Ed25519PrivateKey, waiting: Callable[[TemporaryError], None]
    ) -> StationEnrolled:
        self.check()
        patience = Patience(self.clock)
        while True:
            message = EnrolStation(
                code="" if self.code is None else await self.code(),
                name=self.name,
                public_key=private.public_key().public_bytes_raw().hex(),
            )
            try:
                return await self.archive.post("/v1/stations", message, StationEnrolled)
            except TemporaryError as error:
                waiting(error)
                await patience.pause()


def stored_key(folder: Path) -> StationKey | None:
    """The id and key of the station that was enrolled in *folder*; None if none was."""
    told = folder / _TOLD
    if not told.exists():
        return None
    enrolled = msgspec.json.decode(told.read_bytes(), type=StationEnrolled)
    return StationKey(station=enrolled.station, private=key_file.load_or_make(folder / _KEY))


def pinned_log_key(folder: Path) -> VerifierKey:
    """The log's key as the archive gave it when the station in *folder* was enrolled.

    Or the one that this key led to since (:mod:`station.repinning`).  SetupError if it is not there
    or no key: without it no receipt can be checked.
    """
    return _trusted(folder)[0]


def pin_log_key(folder: Path, key: VerifierKey) -> None:
    """Trust *key* from now on: the caller has seen that the pinned one leads to it."""
    lines = [f"{each}\n" for each in (key, *_trusted(folder))]
    durable.replace(folder / _PIN, "".join(lines).encode())


def _trusted(folder: Path) -> list[VerifierKey]:
    """The pinned key, then those that led to it; SetupError as :func:`pinned_log_key`."""
    told = folder / _TOLD
    try:
        if (folder / _PIN).exists():
            lines = (folder / _PIN).read_text("utf-8").split() or [""]
        else:
            lines = [msgspec.json.decode(told.read_bytes(), type=StationEnrolled).log_key]
        return [VerifierKey.parse(line) for line in lines]
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise SetupError(f"{told} holds no key of the log: {error}") from error


def pinned_policy(folder: Path, policy: str) -> Policy:
    """The witnesses whose word this station counts, and how many of them it takes.

    From the file *policy* (C2SP tlog-policy) if it is named, else as the archive told when the
    station was enrolled.  SetupError if the file is none, or is about another log.
    """
    key = pinned_log_key(folder)
    try:
        if policy:
            data = Path(policy).read_bytes()
        else:
            enrolled = msgspec.json.decode((folder / _TOLD).read_bytes(), type=StationEnrolled)
            data = enrolled.policy.encode()
    except OSError as error:
        raise SetupError(f"[station] policy {policy}: {error.strerror}") from error
    if not data:
        return Policy(logs=(key,))
    read = Policy.parse(data)
    # The file may name a key that led to the pinned one, as the archive's own does.
    if policy and read.logs and not set(read.logs) & set(_trusted(folder)):
        raise SetupError(
            f"[station] policy {policy} is not about the log that this station knows",
            advice=f"It must have the line: log {key}",
        )
    return read
