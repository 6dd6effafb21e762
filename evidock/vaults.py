"""Opening the vault a home is configured for, and proving it fit before anything relies on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from archive.copies import Send, Side
from evidence.clock import Clock
from evidence.errors import EvidenceError, SetupError
from evidence.secret import read_secret
from evidence.settings import Settings
from evidence.vault import Bucket, Vault
from evidence.vault.canary import Canary
from evidence.vault.disk import see_encrypted
from evidence.vault.embedded import Engine
from evidence.vault.encryption import Encryption, asked, decided
from evidence.vault.holder import send
from evidence.vault.probe import prove
from evidence.vault.s3 import S3Settings, S3Vault
from evidence.vault.settings import SecondVaultSettings, VaultSettings
from evidock.encrypting import wrapping_file
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
        canary = _canary(settings, vault, None, clock)
        yield OpenVault(vault=vault, engine=None, canary=canary)
        return
    engine = embedded(home, settings, clock)
    try:
        await to_its_end(asyncio.to_thread(engine.start))
        vault = S3Vault(engine.settings_for_archive())
        root = S3Vault(engine.settings_for_root())
        if proven:
            await to_its_end(asyncio.to_thread(prove, vault, root, clock))
        watch = asyncio.create_task(_kept_alive(engine, clock))
        try:
            canary = _canary(settings, vault, root, clock)
            yield OpenVault(vault=vault, engine=engine, canary=canary)
        finally:
            watch.cancel()
            await asyncio.wait({watch})
    finally:
        await asyncio.to_thread(engine.stop)


def embedded(home: Home, settings: Settings, clock: Clock) -> Engine:
    """The embedded store of *home*, not started; SetupError if it may not be, by its encryption."""
    chosen = settings.vault
    if decided(chosen) is Encryption.DISK:
        _log.info("the vault lies on %s", ", ".join(see_encrypted(home.vault)))
    return Engine(
        home.vault,
        agency=settings.agency.name,
        clock=clock,
        encryption=asked(chosen),
        wrapping=wrapping_file(home, settings),
    )


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


def open_second(settings: Settings, first: Vault, clock: Clock) -> Side | None:
    """The second vault as copies are made in it, not proven yet: it may be away; None without one.

    SetupError if a setting is missing, or it is the *first* vault itself.
    """
    if settings.second_vault.kind == "none":
        return None
    chosen = external_settings(settings.second_vault, "second_vault")
    if isinstance(first, S3Vault):
        must_be_another(chosen, first.settings)
    vault = S3Vault(chosen)
    return Side(vault=vault, send=sender(vault), prove=lambda: prove(vault, None, clock))


def sender(vault: Vault) -> Send:
    """How parts of large objects are sent to *vault*."""
    return partial(send, ca_file=vault.settings.ca_file if isinstance(vault, S3Vault) else None)


def must_be_another(second: S3Settings, first: S3Settings) -> None:
    """SetupError if *second* names a bucket of *first*: a copy beside the original is none."""
    if not same_store(second.endpoint, first.endpoint):
        return
    if shared := sorted(set(second.buckets.values()) & set(first.buckets.values())):
        raise SetupError(
            f"[second_vault] names the bucket {shared[0]} at {second.endpoint}, which is the first"
            " vault's own",
            advice="Name a store in another failure domain: other disks, building and keys.",
        )


def same_store(one: str, other: str) -> bool:
    """Whether two endpoints are one and the same, as far as their names tell."""
    return _place(one) == _place(other)


def _place(endpoint: str) -> tuple[str | None, int | None]:
    parts = urlsplit(endpoint)
    return parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def external_settings(
    settings: VaultSettings | SecondVaultSettings, section: str = "vault"
) -> S3Settings:
    """The store that ``kind = "s3"`` in *section* names; SetupError for what is missing."""
    needed = ("endpoint", "access_key", "secret_key_file", "originals", "records", "derived")
    for key in needed:
        if not getattr(settings, key):
            raise SetupError(f"[{section}] {key} is empty, and kind = 's3' needs it")
    durability: Path | Literal["declared"] = "declared"
    if settings.durability != "declared":
        durability = Path(settings.durability)
    return S3Settings(
        endpoint=settings.endpoint,
        region=settings.region,
        access_key=settings.access_key,
        secret_key=read_secret(Path(settings.secret_key_file), f"[{section}] secret_key_file"),
        buckets={
            Bucket.ORIGINALS: settings.originals,
            Bucket.RECORDS: settings.records,
            Bucket.DERIVED: settings.derived,
        },
        durability=durability,
        ca_file=Path(settings.ca_file) if settings.ca_file else None,
        encryption=asked(settings, section),
    )
