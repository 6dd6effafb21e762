"""Lines that fail, by seed: from the archive to a real store, and from a station to its archive.

Whatever strikes, the invariants hold, and in the end all footage is archived and erased on proof.
What only delays needs nobody; what says something false may stop a clip for a person, and then a
new start of the station is enough.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from evidence.vault import SINGLE_PUT_MAX
from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Settings, S3Vault
from station.enrol import pinned_log_key
from tests.conftest import Count, new_agency
from tests.crash.invariants import Scene, unfinished, violations
from tests.faults.proxy import Fault, Kind, fault_proxy
from tests.station.yard import Yard

PARTS_ABOVE = 1_000_000
"""Every other schedule sends the larger file in parts."""
PATIENCE = 120
"""Seconds within which everything must be settled, whatever struck."""
UPLOAD_LOST = 142
"""The schedule in which the archive keeps the id of an upload that the store does not know."""
AT_ONCE = 5
"""Schedules that run side by side: most of each is waiting."""
FILES = {b"DCIM/1.bin": b"first footage" * 500, b"DCIM/2.bin": b"second footage" * 90_000}

TO_STORE = ("PUT", "GET", "HEAD", "POST")
TO_ARCHIVE = ("POST", "GET")
HONEST = [kind for kind in Kind if kind is not Kind.SKEWED]
"""What a line and a store in trouble do.  A store whose clock is wrong is no matter of patience."""
FALSE = {
    Kind.ERROR_IN_200,
    Kind.CUT_ANSWER,
    Kind.FLIPPED_ANSWER,
    Kind.WRONG_ETAG,
    Kind.WRONG_CHECKSUM,
}
"""What says something that is not so, where all others only delay."""
CARRIED = [
    Kind.BUSY,
    Kind.INTERNAL,
    Kind.LOST_BEFORE,
    Kind.LOST_AFTER,
    Kind.RESET_IN_BODY,
    Kind.RESET_IN_ANSWER,
    Kind.SLOW,
]
"""What befalls the line between a station and its archive; TLS makes a reset of anything else."""


def schedule(seed: int) -> tuple[list[Fault], list[Fault]]:
    """The faults on the line to the store, and on that to the archive."""
    chance = random.Random(seed)
    to_store = [
        Fault(
            kind=chance.choice(HONEST),
            method=chance.choice(TO_STORE),
            bit=chance.randrange(1 << 20),
        )
        for _ in range(chance.randint(2, 6))
    ]
    to_archive = [
        Fault(kind=chance.choice(CARRIED), method=chance.choice(TO_ARCHIVE))
        for _ in range(chance.randint(1, 3))
    ]
    return to_store, to_archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one schedule."""

    struck: list[Fault]
    stopped: list[str]
    """What was left for a person before the station was started anew."""
    wrong: list[str]

    @property
    def problems(self) -> list[str]:
        """Everything that must not be."""
        if self.stopped and not FALSE & {fault.kind for fault in self.struck}:
            return [*self.wrong, *(f"only delayed, and stopped: {each}" for each in self.stopped)]
        return self.wrong


async def run(seed: int, folder: Path, store: S3Settings) -> Outcome:
    """Two cards' worth of footage under the schedule *seed*, then once more on good lines."""
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(fault_proxy(store.endpoint))
        yard = Yard(
            home=folder / f"{seed}" / "home",
            vault=S3Vault(replace(store, endpoint=line.address)),
            erase=True,
            single_put_max=SINGLE_PUT_MAX if seed % 2 else PARTS_ABOVE,
        )
        yard.card("cam-1", FILES)
        archive = await stack.enter_async_context(yard.archive())
        door = await stack.enter_async_context(fault_proxy(f"http://127.0.0.1:{yard.port}"))
        yard.archive_url = door.address
        line.faults, door.faults = schedule(seed)
        wrong, stopped = list[str](), list[str]()
        for start in ("first", "second"):
            async with yard.station(archive) as station, asyncio.timeout(PATIENCE):
                await station.wait_settled()
            wrong += [f"{start} start: {each}" for each in violations(_scene(yard, store))]
            stopped = stopped or _left(_scene(yard, store))
    wrong += unfinished(_scene(yard, store), erased=True)
    struck = line.struck + door.struck
    return Outcome(struck=struck, stopped=stopped, wrong=list(_owed(wrong, struck)))


def _scene(yard: Yard, store: S3Settings) -> Scene:
    return Scene(
        home=yard.home,
        docks=yard.docks,
        put={f"cam-1/{path.decode()}": data for path, data in FILES.items()},
        vault=S3Vault(store),
        log_key=pinned_log_key(yard.home / "station"),
    )


def _left(scene: Scene) -> list[str]:
    """The footage that is not archived yet."""
    return [each for each in unfinished(scene, erased=True) if each.endswith("not archived")]


def _owed(wrong: Iterable[str], struck: list[Fault]) -> Iterable[str]:
    """Without what is owed: where a copy was seen to be false, another one is stored."""
    seen_false = any(fault.kind in FALSE for fault in struck)
    return (each for each in wrong if not (seen_false and each.startswith("stored more than once")))


async def walked(seeds: Sequence[int], folder: Path, engine: Engine) -> str:
    """All schedules, and a line about what they covered; AssertionError names what is wrong."""
    outcomes = dict[int, Outcome]()
    for first in range(0, len(seeds), AT_ONCE):
        several = seeds[first : first + AT_ONCE]
        stores = [await asyncio.to_thread(new_agency, engine) for _ in several]
        runs = (run(seed, folder, store) for seed, store in zip(several, stores, strict=True))
        outcomes |= zip(several, await asyncio.gather(*runs), strict=True)
    wrong = {seed: end.problems for seed, end in outcomes.items() if end.problems}
    assert not wrong, {seed: (told, outcomes[seed].struck) for seed, told in wrong.items()}
    faults = sum(len(end.struck) for end in outcomes.values())
    asked = sum(bool(end.stopped) for end in outcomes.values())
    return (
        f"lines that fail: {len(outcomes)} schedules, {faults} faults struck, 0 violations;"
        f" {asked} asked for a person"
    )


async def test_whatever_lines_do_all_is_archived_and_proven(
    tmp_path: Path, engine: Engine, count: Count
) -> None:
    count(await walked([0, 1, UPLOAD_LOST], tmp_path, engine))


@pytest.mark.slow
async def test_50_schedules_of_lines_that_fail(
    tmp_path: Path, engine: Engine, count: Count
) -> None:
    count(await walked(range(100, 150), tmp_path, engine))
