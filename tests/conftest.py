"""What every test may ask for: one real embedded engine a run, and a part of it of one's own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.vault.embedded import Engine, buckets
from evidence.vault.s3 import S3Settings, S3Vault

VOLUMES = 3000
"""Each bucket takes a file of the engine; tests make more buckets than the disk could fill."""


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The run's one engine; its own agency is ``lab``.  Never stop it: it is shared."""
    folder: Path = tmp_path_factory.mktemp("engine")
    running = Engine(folder, agency="lab", clock=SystemClock(), volumes=VOLUMES)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def key_prefix() -> str:
    """A key prefix nobody else uses: enough for most tests, and free."""
    return f"{secrets.token_hex(8)}/"


@pytest.fixture
def agency_settings(engine: Engine) -> S3Settings:
    """The archive's settings for a fresh agency, with empty buckets of its own (half a second)."""
    names = buckets.names(f"t{secrets.token_hex(8)}")
    buckets.prepare(S3Vault(replace(engine.settings_for_root(), buckets=names)))
    return replace(engine.settings_for_archive(), buckets=names)


@pytest.fixture
def agency_vault(agency_settings: S3Settings) -> S3Vault:
    """The archive's vault of a fresh agency."""
    return S3Vault(agency_settings)
