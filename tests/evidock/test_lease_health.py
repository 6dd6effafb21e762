"""``doctor`` reads from the log alone whether anybody renews the locks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import leases
from archive.catalogue.leases import Walk
from archive.leases import LATE_AFTER
from archive.rebuild.catching_up import Others
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.custody import EntryKind
from evidence.vault.memory import MemoryVault
from evidock.commands.doctor import examine
from evidock.home import Home
from evidock.lease_health import lease_health

HOUR = timedelta(hours=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def recorded(home: Home, *, walks: int, failed: int = 0, more: int = 0) -> None:
    """A log with so many walks in it, and so many other entries after them."""

    async def run() -> None:
        clock = SystemClock()
        asked = Others.around(MemoryVault(clock), home.settings().agency.name)
        async with Archive.at_rest(home.settings(), home.archive, clock, asked) as books:
            await books.record(EntryKind.CREDENTIALS_READ, "owner")
            for _ in range(walks):
                walk = Walk(renewed=0, failed=failed, records=0)
                await books.catalogue.run(leases.walked, walk)
            for _ in range(more):
                await books.record(EntryKind.CREDENTIALS_READ, "owner")
            home.public.mkdir(exist_ok=True)
            (home.public / "log.vkey").write_text(books.verifier_key)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("walks", "failed", "said"),
    [(1, 0, "0 clips are needed"), (1, 2, "2 could not be renewed"), (0, 0, "nobody has looked")],
)
def test_a_dead_renewer_is_seen_in_the_log(home: Home, walks: int, failed: int, said: str) -> None:
    recorded(home, walks=walks, failed=failed, more=3)
    now = SystemClock().now()

    soon, late = (lease_health(home, now + passed) for passed in (HOUR, LATE_AFTER + HOUR))

    assert (soon.ok, late.ok) == (failed == 0, False)
    assert said in soon.detail
    assert ("nothing is renewed since" in late.detail) is (walks > 0)


def test_doctor_says_it_with_the_law(home: Home) -> None:
    recorded(home, walks=1)
    home.settings_file.write_text('[archive]\nlaw_pack = "us-il"\n')

    found = {each.name: each for each in examine(home.folder)}

    assert found["law"].detail.startswith("us-il/1")
    assert found["leases"].ok
    home.settings_file.write_text('[archive]\nlaw_pack = "nowhere"\n')
    assert not next(each for each in examine(home.folder) if each.name == "law").ok
