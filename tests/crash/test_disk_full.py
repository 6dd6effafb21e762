"""The disk is full from some operation on: intake stops, nothing is lost, and it goes on by itself.

Staging, journal, catalogue, log and receipts all lie on that disk; vault and card do not.
"""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from station.enrol import pinned_log_key
from tests.conftest import Count
from tests.crash.invariants import Scene, unfinished, violations
from tests.crash.mounted import ForgetfulDisk, forgetful_disk
from tests.crash.served import ServedVault, served_vault
from tests.station.yard import Yard, settled

FILES = {b"DCIM/1.txt": b"first footage", b"DCIM/2.txt": b"second footage"}
FULL = 0.7
"""Seconds for which there is no room."""


async def wrong_after(disk: ForgetfulDisk, vault: ServedVault, operations: int) -> list[str]:
    """Fill the disk after so many more operations, then make room; what is wrong in the end."""
    (disk.folder / "docks").mkdir()
    disk.tell("eager", "docks")
    yard = Yard(home=disk.folder / "home", vault=vault, erase=True)
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        yard.card("cam-1", FILES)
        disk.tell("record")
        disk.tell("refuse", errno.ENOSPC, operations)
        await asyncio.sleep(FULL)
        disk.tell("allow")
        await settled(station)
    scene = Scene(
        home=yard.home,
        docks=yard.docks,
        put={f"cam-1/{path.decode()}": data for path, data in FILES.items()},
        vault=vault,
        log_key=pinned_log_key(yard.home / "station"),
    )
    return violations(scene) + unfinished(scene, erased=True)


async def full_at(points: list[int], folder: Path) -> list[str]:
    """What goes wrong where the disk is full after each of *points* operations."""
    problems = []
    for operations in points:
        disk_at = folder / f"disk-{operations}"
        with forgetful_disk(disk_at) as disk, served_vault(SystemClock()) as vault:
            try:
                found = await wrong_after(disk, vault, operations)
            except Exception as error:  # noqa: BLE001  whatever ended it is a finding
                found = [f"it ended with {error!r}"]
        problems += [f"full after {operations}: {problem}" for problem in found]
    return problems


async def test_a_full_disk_loses_nothing_and_goes_on(tmp_path: Path, count: Count) -> None:
    points = [0, 150, 700]

    problems = await full_at(points, tmp_path)

    count(f"disk full: {len(points)} points, {len(problems)} violations")
    assert problems == []


@pytest.mark.slow
async def test_a_disk_that_is_full_at_any_step_loses_nothing(tmp_path: Path, count: Count) -> None:
    points = list(range(3, 1200, 80))

    problems = await full_at(points, tmp_path)

    count(f"disk full: {len(points)} points, {len(problems)} violations")
    assert problems == []
