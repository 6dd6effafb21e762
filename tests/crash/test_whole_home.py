"""The real command over a home on a disk that forgets, its embedded engine included.

``evidock demo --once --erase`` runs once and is recorded.  Then power is cut, here and there over
the whole run; what is left is looked at, and the same command goes on from it on the same disk.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.note import VerifierKey
from evidence.vault import Vault
from evidence.vault.embedded import Engine
from evidence.vault.memory import MemoryVault
from evidence.vault.s3 import S3Vault
from station.enrol import pinned_log_key
from tests.conftest import Count
from tests.crash.cuts import Cut, Found, distinct, torn
from tests.crash.disk import Model
from tests.crash.invariants import Scene, unfinished, violations
from tests.crash.launch import Orders
from tests.crash.mounted import ForgetfulDisk, Points, forgetful_disk
from tests.crash.written import Written
from tests.e2e.hostile import make_footage

ROOT = Path(__file__).parents[2]
DEMO = ("demo", "--once", "--json", "--erase")
LONGEST = 180
"""Seconds a run may take: it takes 10 to 20, and 15 more if a killed run's lease must end first."""


@dataclass(slots=True, kw_only=True)
class WholeHome:
    """A recorded run."""

    disk: ForgetfulDisk
    put: Mapping[str, bytes]
    points: Mapping[Model, Points]
    log_key: VerifierKey

    @property
    def home(self) -> Path:
        return self.disk.folder / "home"

    def look(self, cut: Cut) -> list[str]:
        """Lose power; what is wrong with what is left."""
        self.disk.cut(cut.after, cut.model, cut.seed)
        with self._vault() as vault:
            return violations(self._scene(vault, self.points[cut.model].heads(cut.after)))

    def go_on(self, cut: Cut) -> list[str]:
        """Lose power and run the command again; what is wrong then."""
        self.disk.cut(cut.after, cut.model, cut.seed)
        ended = run(self.disk)
        if ended.returncode:
            return [f"it does not go on: exit code {ended.returncode}, {ended.stderr[-1500:]}"]
        self.log_key = pinned_log_key(self.home / "station")
        with self._vault() as vault:
            scene = self._scene(vault, self.points[cut.model].heads(cut.after))
            return violations(scene) + unfinished(scene, erased=True)

    def _scene(self, vault: Vault, heads: Iterable[bytes]) -> Scene:
        return Scene(
            home=self.home,
            docks=self.disk.folder / "docks",
            put=self.put,
            vault=vault,
            log_key=self.log_key,
            heads=tuple(heads),
        )

    @contextmanager
    def _vault(self) -> Iterator[Vault]:
        """The home's own vault, its engine started; an empty one if nothing was archived yet."""
        if not Written.of(self.home / "archive" / "catalogue.sqlite")["clip"]:
            yield MemoryVault(SystemClock())
            return
        engine = Engine(self.home / "vault", agency="demo", clock=SystemClock())
        engine.start()
        try:
            yield S3Vault(engine.settings_for_archive())
        finally:
            os.kill(engine.pid, signal.SIGKILL)  # in good order it takes its time
            engine.stop()


def run(disk: ForgetfulDisk) -> subprocess.CompletedProcess[str]:
    """``evidock demo --once --erase`` over home and cards on *disk*."""
    orders = Orders(disk=str(disk.folder)).text
    where = ("--home", str(disk.folder / "home"), "--cards", str(disk.folder / "docks"))
    try:
        return subprocess.run(
            [sys.executable, "-m", "tests.crash.launch", orders, *DEMO, *where],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired as hung:
        said = bytes(hung.stderr or b"").decode("utf-8", "replace")
        raise AssertionError(f"not ended after {LONGEST} s: {said[-3000:]}") from None


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeHome]:
    scratch = tmp_path_factory.mktemp("whole")
    footage = make_footage(scratch / "footage.mp4", seconds=1)
    put = {"cam-1/DCIM/a.mp4": footage, "cam-1/DCIM/b.mp4": footage + b"other"}
    put |= {f"cam-2/{n}.txt": b"note %d" % n for n in range(4)}
    with forgetful_disk(scratch / "disk") as disk:
        (disk.folder / "docks").mkdir()
        disk.tell("eager", "docks")
        for path, data in put.items():
            (disk.folder / "docks" / path).parent.mkdir(parents=True, exist_ok=True)
            (disk.folder / "docks" / path).write_bytes(data)
        disk.tell("record")
        ended = run(disk)
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)["counts"]["state"] == {"RELEASED": len(put)}
        key = pinned_log_key(disk.folder / "home" / "station")
        points = {model: disk.points(model, scratch) for model in Model}
        yield WholeHome(disk=disk, put=put, points=points, log_key=key)


def after_each_erase(whole: WholeHome) -> list[Cut]:
    """The moments in which the vault's copy has just become the only one."""
    return [
        Cut(after=after, model=model) for model in Model for after in whole.points[model].erased
    ]


@pytest.mark.slow
def test_a_cut_of_the_whole_home_loses_nothing(whole: WholeHome, count: Count) -> None:
    found, went_on = Found(), Found()
    states = [*distinct(whole.points, Model.STRICT), *distinct(whole.points, Model.NAMED)]

    for cut in states[::40] + after_each_erase(whole)[::4] + torn(whole.points, 1, 10):
        found.add(cut, whole.look(cut))
    for cut in states[7::110] + torn(whole.points, 2, 3):
        went_on.add(cut, whole.go_on(cut))

    count(
        f"power cuts of the whole home: {whole.points[Model.STRICT].operations:,} operations, "
        f"{found.cuts} states looked at, {went_on.cuts} gone on from, "
        f"{len(found.problems + went_on.problems)} violations"
    )
    assert found.problems + went_on.problems == []


@pytest.mark.slow
def test_without_the_barrier_the_engine_loses_what_it_acknowledged(
    whole: WholeHome, tmp_path: Path, count: Count
) -> None:
    """The walk would see it: so what it finds is the barrier's doing.  Runs last: it forgets."""
    whole.disk.tell("forget", ["sync_begins", "sync_ended"])
    points = {Model.STRICT: whole.disk.points(Model.STRICT, tmp_path)}
    last = Cut(after=points[Model.STRICT].erased[-1], model=Model.STRICT)
    whole.points = points

    problems = whole.look(last)

    lost = sum("I6" in problem for problem in problems)
    count(f"without the barrier a power cut takes {lost} of {len(whole.put)} originals")
    assert lost == len(whole.put)
