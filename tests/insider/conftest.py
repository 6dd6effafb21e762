from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Vault
from tests.conftest import new_agency
from tests.insider.home import Home, live


def made(folder: Path, engine: Engine) -> Home:
    """A new home with buckets of its own, that has lived and is at rest."""
    settings = new_agency(engine)
    root = S3Vault(replace(engine.settings_for_root(), buckets=settings.buckets))
    return asyncio.run(live(folder, S3Vault(settings), root))


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Home:
    """The worker's one home; nobody changes it."""
    return made(tmp_path_factory.mktemp("lived"), engine)


@pytest.fixture
def home(lived: Home, tmp_path: Path) -> Home:
    """A copy of it, to be changed; its store is shared, and is not."""
    return lived.copied(tmp_path / "copy")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Home:
    """A home with a store that the tests of one file may change."""
    return made(tmp_path_factory.mktemp("own"), engine)


@pytest.fixture
def moving(tmp_path: Path, engine: Engine) -> Home:
    """A home that one test alone may run and change."""
    return made(tmp_path / "moving", engine)
