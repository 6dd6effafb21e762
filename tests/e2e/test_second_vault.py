"""A home with a second vault in another store: copied, read back, told of, and gone again."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evidence.vault import Bucket
from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Settings, S3Vault
from evidock.home import Home
from tests.conftest import Count, new_agency
from tests.e2e.command import EVIDOCK, ROOT, evidock, up

pytestmark = pytest.mark.slow

PATIENCE = 60.0
KILLS = 8


def second(agency: S3Settings, secret: Path) -> str:
    secret.write_text(agency.secret_key)
    secret.chmod(0o600)
    named: Mapping[str, object] = {
        "kind": "s3",
        "endpoint": agency.endpoint,
        "access_key": agency.access_key,
        "secret_key_file": secret,
        **{bucket.value: agency.buckets[bucket] for bucket in Bucket},
    }
    return "\n".join(["[second_vault]", *(f'{key} = "{value}"' for key, value in named.items())])


def told(home: Path, clips: int) -> Any:
    """What ``evidock fixity`` says once so many clips are copied."""
    deadline, found = time.monotonic() + PATIENCE, None
    while time.monotonic() < deadline:
        outcome = evidock("fixity", "--home", home, "--json")
        if outcome.stdout:
            found = outcome.json
            if [each["clips"] for each in found["rounds"]] == [clips, clips]:
                return found
        time.sleep(1)
    raise AssertionError(found)


def test_what_is_docked_lies_in_both_stores(tmp_path: Path, engine: Engine) -> None:
    home, cards, agency = tmp_path / "home", tmp_path / "cards", new_agency(engine)
    Home(home).prepare()
    Home(home).settings_file.write_text(second(agency, tmp_path / "secret"))
    for name in ("1.MP4", "2.MP4", "3.MP4"):
        file = cards / "cam-1" / "DCIM" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode() * 1000)
    assert evidock("demo", "--once", "--home", home, "--cards", cards).code == 0
    with up(home):
        found = told(home, 3)
        doctor = evidock("doctor", "--home", home, "--json").json
        checked = evidock("fsck", "--home", home, "--json")
    keys = {each.key for each in S3Vault(agency).versions(Bucket.ORIGINALS, "demo/")}
    listed = evidock("clips", "--home", home, "--json").json["clips"]

    assert (found["copies"], found["problems"]) == ({"lacking": 0, "since": None}, [])
    (said,) = [each for each in doctor if each["name"] == "second vault"]
    assert said["ok"]
    assert checked.json == {"findings": []}
    assert keys == {f"demo/{clip['sha256']}" for clip in listed}


def die(home: Path, after: float) -> None:
    """``evidock up``, killed with -9 so many seconds after it said that it runs."""
    with subprocess.Popen(
        [*EVIDOCK, "up", "--home", str(home)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        time.sleep(after)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def test_killed_while_it_copies_a_home_loses_and_doubles_nothing(
    tmp_path: Path, engine: Engine, count: Count
) -> None:
    home, cards, agency = tmp_path / "home", tmp_path / "cards", new_agency(engine)
    chance, copies, clips = random.Random(1), S3Vault(agency), 60
    put = {f"{n}.txt": chance.randbytes(200_000) for n in range(clips)}
    (cards / "cam-1" / "DCIM").mkdir(parents=True)
    for name, data in put.items():
        (cards / "cam-1" / "DCIM" / name).write_bytes(data)
    assert evidock("demo", "--once", "--home", home, "--cards", cards).code == 0
    Home(home).settings_file.write_text(second(agency, tmp_path / "secret"))
    found = [0]

    while found[-1] < clips and len(found) <= KILLS:
        die(home, chance.uniform(0.1, 4))
        found.append(len(list(copies.versions(Bucket.ORIGINALS, "demo/"))))
    with up(home):
        assert told(home, clips)["copies"] == {"lacking": 0, "since": None}
        checked = evidock("fsck", "--home", home, "--json")

    versions = list(copies.versions(Bucket.ORIGINALS, "demo/"))
    read = [b"".join(copies.read(each.bucket, each.key, each.version_id)) for each in versions]
    assert sorted(read) == sorted(put.values())
    assert checked.json == {"findings": []}
    count(f"kill -9 of a home that copies: {len(found) - 1} kills, copied then: {found[1:]}")


def test_a_home_starts_and_takes_in_though_the_second_store_is_away(tmp_path: Path) -> None:
    home, cards = tmp_path / "home", tmp_path / "cards"
    buckets = {bucket: f"away-{bucket.value}" for bucket in Bucket}
    away = S3Settings(
        endpoint="http://127.0.0.1:9",
        access_key="A",
        secret_key="B",
        buckets=buckets,
        durability="declared",
    )
    Home(home).prepare()
    Home(home).settings_file.write_text(second(away, tmp_path / "secret"))
    (cards / "cam-1" / "DCIM").mkdir(parents=True)
    (cards / "cam-1" / "DCIM" / "1.MP4").write_bytes(b"footage" * 100)
    ended = evidock("demo", "--once", "--json", "--home", home, "--cards", cards)
    at_rest = evidock("fixity", "--home", home, "--json").json

    assert [clip["state"] for clip in ended.json["clips"]] == ["ARCHIVED"]
    assert at_rest["copies"]["lacking"] == 1
