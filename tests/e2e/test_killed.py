"""Killed with -9 at any moment, the next run finds everything and stores nothing twice."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.command import demo, evidock, spawn_demo, up
from tests.e2e.hostile import hostile_cards, make_footage, originals

pytestmark = pytest.mark.slow

KILLS = 8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_eight_times_it_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    home, cards = tmp_path / "home", tmp_path / "cards"
    hostile_cards(cards, make_footage(tmp_path / "footage.mp4"))
    expected = originals(cards)

    for _ in range(KILLS):
        running = spawn_demo(home, cards)
        time.sleep(chance.uniform(0.2, 9.0))
        running.kill()
        running.wait()
    last = demo(home, cards)

    assert last.code == 4, last.stderr
    told = {c["source_path"]: c["sha256"] for c in last.json["clips"] if c["vault"]}
    assert told == {path: file.sha256 for path, file in expected.items()}
    assert _versions_in_vault(home) == len({file.sha256 for file in expected.values()})


def _versions_in_vault(home: Path) -> int:
    """How many versions of originals the store holds, by its own listing."""
    with up(home):
        told: dict[str, Any] = evidock("vault", "credentials", "--home", home, "--json").json
        client = boto3.client(
            "s3",
            endpoint_url=told["endpoint"],
            aws_access_key_id=told["access_key"],
            aws_secret_access_key=told["secret_key"],
            region_name=told["region"],
        )
        listed = client.list_object_versions(Bucket=told["buckets"]["originals"])
    return sum(not version["Key"].startswith(".") for version in listed["Versions"])
