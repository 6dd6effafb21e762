"""However and whenever it ends: in order when it is told to, with its error when a part is dead."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from evidence.errors import IntegrityError, OfficeLost
from tests.e2e.command import EVIDOCK, ROOT, evidock, up


@pytest.mark.parametrize(("command", "begun", "code"), [("up", "vault", 0), ("demo", "samples", 5)])
def test_told_to_stop_while_it_starts_it_stops(
    tmp_path: Path, command: str, begun: str, code: int
) -> None:
    home = tmp_path / "home"
    with subprocess.Popen(
        [*EVIDOCK, command, "--home", str(home)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        while process.poll() is None and not (home / begun).exists():
            time.sleep(0.01)

        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)

    assert (process.returncode, said) == (code, b"")


def test_a_station_that_dies_ends_the_whole_with_its_error(tmp_path: Path) -> None:
    with up(tmp_path / "home"):
        pass
    (tmp_path / "home" / "station" / "journal.sqlite").write_bytes(b"no database\n" * 400)

    ended = evidock("up", "--home", tmp_path / "home")

    assert ended.code == IntegrityError.exit_code
    assert "the journal is damaged" in ended.stderr


def test_an_archive_that_lost_its_office_ends_the_whole_with_its_error(tmp_path: Path) -> None:
    catalogue = tmp_path / "home" / "archive" / "catalogue.sqlite"
    with subprocess.Popen(
        [*EVIDOCK, "up", "--home", str(tmp_path / "home")],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with closing(sqlite3.connect(catalogue)) as db, db:
            db.execute("UPDATE office SET epoch = epoch + 1")
        _, said = process.communicate(timeout=60)

    assert process.returncode == OfficeLost.exit_code
    assert "the office of epoch 1 has ended" in said.splitlines()[-2]
    assert "start this one again as a standby" in said.splitlines()[-1]
