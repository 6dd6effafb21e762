"""A station that died at any point goes on when it is started again; nothing is stored twice."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from pathlib import Path

import pytest

from evidence.clip import ClipState
from evidence.clock import SystemClock
from evidence.digest import BLOCK, Sha256
from evidence.errors import CardGone
from evidence.settings import StationSettings
from evidence.vault import Bucket
from evidence.vault.s3 import S3Vault
from ingest.pull import Pulled, pull
from ingest.source import FileKey
from ingest.staging import Staging
from ingest.verify import verify
from ingest.watch import Watch
from station.card import FolderCard
from station.desk import Desk
from station.enrol import stored_key
from station.findings import Finder
from station.journal.journal import Journal
from station.profile import load_profiles
from tests.station.played_back import PlayedBackCard, card_of
from tests.station.yard import Yard, once, settled

FOOTAGE = random.Random(5).randbytes(2 * BLOCK + 99)
NAME = b"clip.mp4"


@pytest.fixture
async def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    """A yard whose station is enrolled, with a docked card that nobody has looked at."""
    yard = Yard(home=tmp_path / "home", vault=agency_vault)
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    yard.card("cam-1", {NAME: FOOTAGE})
    return yard


async def die_at(yard: Yard, point: str) -> None:
    """Do by hand what a station does, up to *point*, and leave it there."""
    key = stored_key(yard.home / "station")
    assert key is not None
    journal = Journal.open(yard.home / "station" / "journal.sqlite", key, SystemClock())
    async with Desk(journal) as desk:
        (clip, found), card = await _find(yard, desk), card_of({NAME: FOOTAGE})
        staging = Staging(folder=yard.staging, reserve=0)
        if point == "copying":
            card.gone_at[NAME] = BLOCK
            with pytest.raises(CardGone):
                _pull(card, staging, clip)
        elif point != "found":
            copy = _pull(card, staging, clip)
            if point != "landed":
                held = journal.clip(clip)
                journal.pulled(clip, found, copy, held.clip_class)
            if point == "verified":
                verify(staging.whole(clip), digests=copy.digests, size=copy.size)
                journal.verified(clip)


def _pull(card: PlayedBackCard, staging: Staging, clip: str) -> Pulled:
    return pull(card, card.listing()[0], staging, clip, Watch(lambda _: None, SystemClock()))


async def _find(yard: Yard, desk: Desk) -> tuple[str, FileKey]:
    card = FolderCard(yard.docks / "cam-1")
    finder = Finder(desk=desk, settings=StationSettings(), profiles=load_profiles(None))
    finder.study(card, card.listing(), b"cam-1")
    docking = await desk.tell(lambda journal: journal.dock(b"cam-1", card.identity))
    finding = finder.examine(card, card.listing()[0])
    assert finding is not None
    held = await finder.record(finding, docking.id)
    card.close()
    return held.id, finding.key


@pytest.mark.parametrize("point", ["found", "copying", "landed", "pulled", "verified"])
async def test_a_station_goes_on_from_wherever_it_died(yard: Yard, point: str) -> None:
    await die_at(yard, point)

    (item,) = await once(yard)

    assert (item.state, item.sha256) == (ClipState.ARCHIVED, Sha256.of(FOOTAGE))
    assert len(list(yard.vault.versions(Bucket.ORIGINALS))) == 1
    assert list(yard.staging.iterdir()) == []


async def test_a_card_that_was_taken_while_the_station_was_dead_is_partial(yard: Yard) -> None:
    await die_at(yard, "copying")
    (yard.docks / "cam-1").rename(yard.home / "pocket")

    (item,) = await once(yard)

    assert item.clip_class.value == "partial"
    assert "the card left" in str(item.problem)


STATION = """
import asyncio, sys
from pathlib import Path
from evidence.clock import SystemClock
from evidence.settings import Settings, StationSettings
from ingest.rendition.tools import Tools
from station.service import Station, StationParts

async def main(home, docks, url):
    parts = StationParts(
        settings=Settings(station=StationSettings(rescan_seconds=0.05, settle_seconds=0.05)),
        folder=home / "station", docks=docks, receipts=home / "receipts", archive_url=url,
        enrolment_code=None, clock=SystemClock(), tools=Tools.find(), reserve=0)
    async with Station.running(parts) as station:
        print("up", flush=True)
        await station.wait_ended()

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
"""


@pytest.mark.slow
async def test_three_kills_at_any_moment_lose_and_double_nothing(yard: Yard) -> None:
    files = {f"VID_{n:04}.mp4".encode(): FOOTAGE[n:] for n in range(12)}
    yard.card("cam-1", files)
    async with yard.archive():
        for seconds in (0.15, 0.3, 0.5):
            await _killed_after(yard, seconds)
        async with yard.station() as station:
            await settled(station)

    items = {item.path: item.sha256 for item in yard.journal()}
    assert items == {name: Sha256.of(data) for name, data in (files | {NAME: FOOTAGE}).items()}
    assert len(list(yard.vault.versions(Bucket.ORIGINALS))) == 12
    assert list(yard.staging.iterdir()) == []


async def _killed_after(yard: Yard, seconds: float) -> None:
    """Run a station in a process of its own and kill it *seconds* after it is up."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        STATION,
        str(yard.home),
        str(yard.docks),
        f"http://127.0.0.1:{yard.port}",
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    await child.stdout.readline()
    await asyncio.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    await child.wait()
