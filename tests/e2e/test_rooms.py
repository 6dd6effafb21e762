"""Recorders of rooms as an agency runs them: files imported by a profile, stays by a feed."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.command import demo, evidock, up
from tests.e2e.hostile import make_footage

pytestmark = pytest.mark.slow
SAID = ("--by", "Clerk Li", "--reason", "monthly export")
LONGEST = 60
STAYS = "session,room,enters,leaves,number,person\n"
SETTINGS = """
[coverage]
rooms = ["NVR01/D03=R3"]
[[feeds]]
name = "area"
kind = "stays"
how = "folder"
path = "{path}"
"""


@pytest.fixture
def begin() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture
def home(tmp_path: Path, begin: datetime) -> Path:
    """A home with a feed of two stays, of which the files of one recorder show one."""
    (tmp_path / "none").mkdir()
    assert demo(tmp_path / "home", tmp_path / "none").code == 0
    feed, minute = tmp_path / "stays.csv", timedelta(minutes=1)
    rows = [
        f"S-1,R3,{begin.isoformat()},{(begin + timedelta(seconds=3)).isoformat()},C-9,P-7\n",
        f"S-2,R3,{begin.isoformat()},{(begin + minute).isoformat()},C-9,P-8\n",
        f"S-3,R3,{begin.isoformat()},{(begin - minute).isoformat()},C-9,P-9\n",
    ]
    feed.write_text(STAYS + "".join(rows))
    with (tmp_path / "home" / "evidock.toml").open("a") as settings:
        settings.write(SETTINGS.format(path=feed))
    return tmp_path / "home"


def exported(folder: Path, begin: datetime) -> Path:
    """What a person exported from the recorder: two files on end."""
    folder.mkdir()
    for number in range(2):
        since = begin + timedelta(seconds=2 * number)
        name = f"NVR01_D03_{since:%Y%m%d%H%M%S}_{since + timedelta(seconds=2):%Y%m%d%H%M%S}.mp4"
        make_footage(folder / name, seconds=2)
    return folder


def told(home: Path, outcome: str) -> dict[str, str]:
    """Stay -> what became of it, once the first is that: renditions take their time."""
    deadline = time.monotonic() + LONGEST
    while True:
        found = evidock("coverage", "rooms", "--home", home, "--json")
        stays = {each["session"]: each["outcome"] for each in found.json["stays"]}
        if stays.get("S-1") == outcome or time.monotonic() > deadline:
            return stays
        time.sleep(0.5)


def test_stays_are_held_against_what_was_imported(
    home: Path, tmp_path: Path, begin: datetime
) -> None:
    films = exported(tmp_path / "export", begin)
    with up(home):
        assert told(home, "missing") == {"S-1": "missing", "S-2": "missing"}
        way = ("--profile", "fixed-recorder", "--home", home, *SAID, "--json")
        done = evidock("import", films, *way)
        assert (done.code, {each["camera"] for each in done.json["files"]}) == (
            0,
            {"import/NVR01/D03"},
        )
        assert told(home, "recorded") == {"S-1": "recorded", "S-2": "partly"}
        table = evidock("coverage", "rooms", "--home", home, "--room", "r3")
        wrong = evidock("coverage", "rooms", "--home", home, "--officer", "4711")
        problems = evidock("feeds", "--home", home)
    fsck = evidock("fsck", "--home", home)

    assert ("S-2" in table.stdout, "P-8" in table.stdout) == (True, False)
    assert (wrong.code != 0, "--officer" in wrong.stderr) == (True, True)
    assert "leaves is before the entry" in problems.stdout
    assert fsck.code == 0, fsck.stdout
    assert json.loads(done.stdout)["missing"] == []
