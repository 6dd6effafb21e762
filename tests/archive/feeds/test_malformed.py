"""Malformed feed files: every bad row is reported, every good one is in, nothing is in twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from archive.catalogue import feeds
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.incidents import Told
from archive.feeds.folder import Folder
from archive.feeds.push import drained
from archive.feeds.taking import Taking
from evidence.clock import SetClock
from tests.archive.feeds.malformed import TIMES, Malformed, made
from tests.archive.feeds.sheets import mapping, read
from tests.archive.feeds.ways import World
from tests.archive.house import START
from tests.archive.ledger import BUFFER

QUICK, ALL = range(30), range(300)
HOW = mapping(times=TIMES)


def wrong(file: Malformed) -> str | None:
    """What is wrong with how *file* is read, or None."""
    reading = read(file.data, HOW, file.name)
    numbers = Counter(each.number for _, each in reading.facts if isinstance(each, Told))
    if set(numbers) != file.good:
        return f"{file.what}: {sorted(set(numbers) ^ file.good)[:5]} are in or are not"
    if max(numbers.values(), default=1) > 1:
        return f"{file.what}: one is in twice"
    if len(reading.problems) < file.problems or (file.problems == 0) != (not reading.problems):
        return f"{file.what}: {len(reading.problems)} problems of {file.problems}"
    if not all(each.reason for each in reading.problems):
        return f"{file.what}: a problem without a reason"
    return None


def test_thirty_malformed_files_are_read_as_they_should_be() -> None:
    assert [(seed, said) for seed in QUICK if (said := wrong(made(seed)))] == []


@pytest.mark.slow
def test_three_hundred_malformed_files_are_read_as_they_should_be() -> None:
    assert [(seed, said) for seed in ALL if (said := wrong(made(seed)))] == []


@pytest.mark.slow
async def test_on_record_every_good_row_is_once_and_every_bad_one_is_told(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    catalogue = await Catalogue.opened(tmp_path / "catalogue.sqlite", SetClock(START))
    world = World(catalogue=catalogue, way=None, how=HOW)  # type: ignore[arg-type]
    files = [made(seed) for seed in ALL]
    for nth, file in enumerate(files):
        (inbox / f"{nth:03}{file.name[1:]}").write_bytes(file.data)
    try:
        await world.drain(Folder("x", inbox, catalogue, HOW))
        entries = len(await world.entries())
        told = {each.source for each in await catalogue.run(feeds.problems, 100_000)}
        assert len(told) == sum(file.problems > 0 for file in files)
        assert entries > 0

        again = Folder("x", inbox, catalogue, HOW)
        taking = Taking(catalogue=catalogue, buffer=BUFFER)
        assert await drained(again.batches(), lambda batch: taking.take("x", batch, HOW)) == []
        assert len(await world.entries()) == entries
    finally:
        await catalogue.close()
