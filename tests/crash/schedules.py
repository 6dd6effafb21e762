"""Races over one clip, each run under a schedule that a seed decides."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from evidence.custody import EntryKind
from evidence.vault import Bucket
from station.enrol import pinned_log_key
from tests.crash.invariants import Scene, unfinished, violations
from tests.crash.seeded import LoopClock, SeededLoop
from tests.crash.served import ServedVault
from tests.station.yard import Yard

CAMERA = "[ZFY]\r\nDevNo=B9\r\n".encode("gb18030")
FOOTAGE = b"the same footage"
LONGEST = 120
"""Virtual seconds until everything must be settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one schedule showed."""

    seed: int
    choices: int
    problems: tuple[str, ...]


@asynccontextmanager
async def _vault(clock: LoopClock) -> AsyncIterator[ServedVault]:
    """A vault whose door is opened by this very loop."""
    vault = ServedVault(clock)

    async def put(request: web.Request) -> web.Response:
        url = vault.address + request.path_qs
        return web.Response(status=vault.serve(url, await request.read()))

    app = web.Application()
    app.router.add_put("/{key:.*}", put)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    vault.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield vault
    finally:
        await runner.cleanup()


def _dock(yard: Yard, cards: Mapping[str, Mapping[bytes, bytes]]) -> dict[str, bytes]:
    """Dock *cards*, every file with the same time; what was put where."""
    put = {}
    for name, files in cards.items():
        folder = yard.card(name, files)
        for path, data in files.items():
            os.utime(folder / os.fsdecode(path), ns=(7, 7))
            put[f"{name}/{os.fsdecode(path)}"] = data
    return put


def _problems(yard: Yard, vault: ServedVault, put: Mapping[str, bytes]) -> list[str]:
    """Invariants, one copy of each content, every docking on record, each file erased once."""
    scene = Scene(
        home=yard.home,
        docks=yard.docks,
        put=put,
        vault=vault,
        log_key=pinned_log_key(yard.home / "station"),
    )
    found = violations(scene) + unfinished(scene, erased=True)
    stored = Counter(each.key for each in vault.versions(Bucket.ORIGINALS))
    if set(stored.values()) != {1} or len(stored) != len(set(put.values())):
        found.append(f"stored {stored}")
    erased = len(scene.journal.entries(EntryKind.ERASE_DONE))
    if erased != len(put):
        found.append(f"{erased} erases for {len(put)} files")
    dockings = {row["id"]: row["folder"] for row in scene.journal["docking"]}
    seen = {dockings[row["docking"]].decode() for row in scene.journal["seen"]}
    if seen != {path.partition("/")[0] for path in put}:
        found.append(f"clips were seen only at {seen}")
    return found


async def _settle(*yards: Yard) -> None:
    """Run the archive of the first yard with the stations of all, until all are settled."""
    first = yards[0]
    async with first.archive() as archive:
        for yard in yards:
            yard.port = first.port

        async def work(yard: Yard) -> None:
            async with yard.station(archive) as station, asyncio.timeout(LONGEST):
                await station.wait_settled()

        async with asyncio.TaskGroup() as group:
            for yard in yards:
                group.create_task(work(yard))


async def one_card_in_two_docks(folder: Path) -> list[str]:
    """The same camera's files stand in two docks at the same time."""
    clock = LoopClock()
    async with _vault(clock) as vault:
        yard = Yard(home=folder / "home", vault=vault, erase=True, clock=clock)
        files = {b"PARAM.INI": CAMERA, b"DCIM/1.txt": FOOTAGE}
        put = _dock(yard, {"bay-1": files, "bay-2": files})
        await _settle(yard)
        return _problems(yard, vault, put)


async def two_cards_with_one_clip(folder: Path) -> list[str]:
    """Two cameras hold the same bytes, and two uploads run at the same time."""
    clock = LoopClock()
    async with _vault(clock) as vault:
        yard = Yard(home=folder / "home", vault=vault, erase=True, clock=clock)
        put = _dock(yard, {"cam-1": {b"1.txt": FOOTAGE}, "cam-2": {b"2.txt": FOOTAGE}})
        await _settle(yard)
        return _problems(yard, vault, put)


async def two_stations_with_one_clip(folder: Path) -> list[str]:
    """Two stations bring the same bytes to one archive."""
    clock = LoopClock()
    async with _vault(clock) as vault:
        here, there = (
            Yard(home=folder / name / "home", vault=vault, erase=True, clock=clock)
            for name in ("here", "there")
        )
        put = _dock(here, {"cam-1": {b"1.txt": FOOTAGE}})
        other = _dock(there, {"cam-1": {b"1.txt": FOOTAGE}})
        await _settle(here, there)
        left = [path for path in other if (there.docks / path).exists()]
        states = {item.state.value for item in there.journal()}
        found = [f"{left} left at the other station, {states}"] if left else []
        return found + _problems(here, vault, put)


RACES: Mapping[str, Callable[[Path], Coroutine[None, None, list[str]]]] = {
    race.__name__: race
    for race in (one_card_in_two_docks, two_cards_with_one_clip, two_stations_with_one_clip)
}


def run(race: str, seed: int, folder: Path) -> Ran:
    """Run *race* under the schedule of *seed*, in an empty *folder*."""
    loop = SeededLoop(seed)
    try:
        problems = loop.run_until_complete(RACES[race](folder))
    except Exception as error:  # noqa: BLE001  whatever it was is a finding
        problems = [f"it ended with {error!r}"]
    finally:
        loop.close()
    return Ran(seed=seed, choices=loop.choices, problems=tuple(problems))
