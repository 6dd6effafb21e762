from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace

import aiohttp
import pytest
from yarl import URL

from evidence.vault.embedded import Engine, buckets
from evidence.vault.s3 import S3Vault
from tests.player import window as windows
from tests.player.reader import Reader
from tests.player.samples import make_samples
from tests.player.window import Window


@pytest.fixture(scope="session")
def window(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """An archive with one clip of each kind, and the player before it; shared, so only added to."""
    folder = tmp_path_factory.mktemp("window")
    (cards := folder / "cards").mkdir()
    agency = f"w{secrets.token_hex(6)}"
    names = buckets.names(agency)
    buckets.prepare(S3Vault(replace(engine.settings_for_root(), buckets=names)))
    vault = S3Vault(replace(engine.settings_for_archive(), buckets=names))
    with windows.opened(folder, vault, agency, make_samples(cards)) as opened:
        yield opened


@pytest.fixture
async def new_reader(window: Window) -> AsyncIterator[Callable[[], Reader]]:
    """Makes readers who share nothing."""
    async with AsyncExitStack() as stack:
        clients = []

        def make() -> Reader:
            jar = aiohttp.CookieJar(unsafe=True)
            clients.append(aiohttp.ClientSession(URL(window.url + "/"), cookie_jar=jar))
            stack.push_async_callback(clients[-1].close)
            return Reader(http=clients[-1])

        yield make


@pytest.fixture
async def stranger(new_reader: Callable[[], Reader]) -> Reader:
    """Somebody who is not signed in."""
    return new_reader()


@pytest.fixture
async def rita(new_reader: Callable[[], Reader]) -> Reader:
    """A reviewer, signed in."""
    reader = new_reader()
    assert (await reader.sign_in("rita")).status == 200
    return reader
