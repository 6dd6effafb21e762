"""Opening the vault a home is configured for, and proving it fit before anything relies on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from evidence.clock import Clock
from evidence.errors import EvidenceError, SetupError
from evidence.secret import read_secret
from evidence.settings import Settings, VaultSettings
from evidence.vault import Bucket, Vault
from evidence.vault.canary import Canary
from evidence.vault.embedded import Engine
from evidence.vault.probe import prove
from evidence.vault.s3 import S3Settings, S3Vault
from evidock.home import Home
from station.card_thread import to_its_end

_LOOK_AFTER_ENGINE = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVault:
    """A vault that passed its probe if it was to, and how to reach its store."""

    vault: Vault
    engine: Engine | None
    """The embedded store; None for a store that is somebody else's."""
    canary: Canary
    """Proves it again, day by day."""


@asynccontextmanager
async def open_vault(
    home: Home, settings: Settings, clock: Clock, *, proven: bool = True
) -> AsyncIterator[OpenVault]:
    """The vault of *home*, probed.  VaultUnfit if the store failed a check: it is not used.

    A probe leaves objects behind.  Who only reads may do without: *proven* False.
    """
    if settings.vault.kind == "s3":
        vault = S3Vault(external_settings(settings.vault))
        if proven:
            await to_its_end(asyncio.to_thread(prove, vault, None, clock))
        yield OpenVault(vault=vault, engine=None, canary=_canary(settings, vault, None, clock))
        return
    engine = Engine(home.vault, agency=settings.agency.name, clock=clock)
    try:
        await to_its_end(asyncio.to_thread(engine.start))
        vault = S3Vault(engine.settings_for_archive())
        root = S3Vault(engine.settings_for_root())
        if proven:
            await to_its_end(asyncio.to_thread(prove, vault, root, clock))
        watch = asyncio.create_task(_kept_alive(engine, clock))
        try:
            yield OpenVault(
                vault=vault, engine=engine, canary=_canary(settings, vault, root, clock)
            )
        finally:
            watch.cancel()
            await asyncio.wait({watch})
    finally:
        await asyncio.to_thread(engine.stop)


def _canary(settings: Settings, vault: S3Vault, root: S3Vault | None, clock: Clock) -> Canary:
    every = timedelta(hours=settings.archive.canary_hours)
    return Canary(vault, clock, every, lambda: prove(vault, root, clock))


async def _kept_alive(engine: Engine, clock: Clock) -> None:
    """Start the engine again when it ended by itself; its clients wait and try again meanwhile."""
    while True:
        await clock.sleep(_LOOK_AFTER_ENGINE)
        if engine.alive:
            continue
        _log.error("the embedded vault ended; it is started again")
        try:
            # To its end: whoever stops the engine then finds it started, not starting.
            await to_its_end(asyncio.to_thread(engine.start))
        except EvidenceError as error:
            _log.error("%s %s", error, error.advice)


def external_settings(settings: VaultSettings) -> S3Settings:
    """The store that ``[vault] kind = "s3"`` names; SetupError for what is missing."""
    needed = ("endpoint", "access_key", "secret_key_file", "originals", "records", "derived")
    for key in needed:
        if not getattr(settings, key):
            raise SetupError(f"[vault] {key} is empty, and kind = 's3' needs it")
    durability: Path | Literal["declared"] = "declared"
    if settings.durability != "declared":
        durability = Path(settings.durability)
    return S3Settings(
        endpoint=settings.endpoint,
        region=settings.region,
        access_key=settings.access_key,
        secret_key=read_secret(Path(settings.secret_key_file), "[vault] secret_key_file"),
        buckets={
            Bucket.ORIGINALS: settings.originals,
            Bucket.RECORDS: settings.records,
            Bucket.DERIVED: settings.derived,
        },
        durability=durability,
        ca_file=Path(settings.ca_file) if settings.ca_file else None,
    )
