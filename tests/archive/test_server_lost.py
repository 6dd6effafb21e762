"""One PostgreSQL server, lost and found again, wanted by two: nothing acknowledged is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from archive.catalogue import entries
from evidence.custody import EntryKind
from evidence.errors import HomeBusy, TemporaryError
from tests.archive.house import House, Open
from tests.archive.places import DATABASE
from tests.conftest import Count
from tests.postgres import APP, Server

pytestmark = pytest.mark.slow

LOSSES = 6


@pytest.fixture
def server(postgres: Server) -> Iterator[Server]:
    """A server of one's own, to be killed."""
    del postgres  # it says whether one starts here at all
    with TemporaryDirectory(prefix="evidock-pg-") as folder:
        made = Server.made(Path(folder))
        made.start()
        made.prepare()
        yield made
        made.stop()


@pytest.fixture
async def door(server: Server, tmp_path: Path) -> AsyncIterator[Open]:
    with server.database() as name:
        chosen = DATABASE.set(server.url(name, APP).render_as_string())
        async with House.at(tmp_path).opened() as opened:
            yield opened
        DATABASE.reset(chosen)


async def record(door: Open, acknowledged: list[int]) -> None:
    """Record acts for ever, keeping the numbers of those that were acknowledged."""
    while True:
        try:
            acknowledged.append(await door.archive.record(EntryKind.CREDENTIALS_READ, "archive"))
        except TemporaryError:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "restarted"])
async def test_what_was_acknowledged_outlives_its_server(
    server: Server, door: Open, count: Count, *, kill: bool
) -> None:
    acknowledged: list[int] = []
    work = asyncio.create_task(record(door, acknowledged))
    for loss in range(LOSSES):
        seen = len(acknowledged)
        while len(acknowledged) < seen + 3 + loss:  # noqa: ASYNC110  it goes on by itself
            await asyncio.sleep(0.01)
        await asyncio.to_thread(server.stop, kill=kill)
        await asyncio.sleep(0.1)
        await asyncio.to_thread(server.start)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work

    catalogue = door.archive._books.catalogue
    kept = await catalogue.run(entries.since, 0, 10_000)
    assert acknowledged == sorted(set(acknowledged))
    assert acknowledged[-1] < len(kept)
    while not await door.archive.idle():  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    assert [door.archive._books.log.entry(n) for n in range(len(kept))] == kept
    count(f"PostgreSQL lost {LOSSES} times: {len(acknowledged)} acknowledged, 0 missing")


async def test_a_second_archive_does_not_sign_for_the_same_database(
    door: Open, tmp_path: Path
) -> None:
    await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")

    with pytest.raises(HomeBusy, match="another archive"):
        async with House.at(tmp_path / "second").opened():
            pass

    await door.archive.record(EntryKind.CREDENTIALS_READ, "archive")
