"""Power is cut before every operation of the Axis spool: what was acknowledged is there after it.

The door says 201 when :meth:`Spool.land` has returned, so that is the moment of the promise.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.digest import Sha256
from station.axis.note import Note
from station.axis.spool import Spool
from tests.conftest import Count
from tests.crash.cuts import Cut, distinct, torn
from tests.crash.disk import Model
from tests.crash.mounted import ForgetfulDisk, Points, forgetful_disk
from tests.station.axis.controller import RECORDING

PUSHED = [
    ("a.mkv", b"first footage"),
    ("b.mkv", random.Random(1).randbytes(300_000)),
    ("a.mkv", b"other footage under a taken name"),
    ("b.mkv", random.Random(1).randbytes(300_000)),
]


@dataclass(slots=True, kw_only=True)
class Pushed:
    """A recording that was pushed while every operation of the disk was written down."""

    disk: ForgetfulDisk
    points: dict[Model, Points]

    def promised(self, after: int) -> list[bytes]:
        """What had been acknowledged so early."""
        number = self.points[Model.STRICT].mark_at(after, "landed ")
        return [body for _, body in PUSHED[: int(number or 0)]]

    def lost(self, cut: Cut) -> list[str]:
        """What is not there, after a cut and the next start, of what was acknowledged."""
        self.disk.cut(cut.after, cut.model, cut.seed)
        spool = spool_on(self.disk)
        spool.prepare()
        held = {Sha256.of_file(path) for path in spool.cards.rglob("*") if path.is_file()}
        told = spool.note(RECORDING)
        known = set() if told is None else {each.sha256 for each in told.objects.values()}
        bodies = self.promised(cut.after)
        return [f"{cut}: {body[:20]!r}" for body in bodies if Sha256.of(body) not in held] + [
            f"{cut}: no note on {body[:20]!r}"
            for body in bodies
            if Sha256.of(body).hex not in known
        ]


def spool_on(disk: ForgetfulDisk) -> Spool:
    return Spool(folder=disk.folder / "axis", clock=SystemClock(), reserve=0)


def push(disk: ForgetfulDisk) -> None:
    """Take a recording in, and mark on the disk when each object is acknowledged."""
    spool = spool_on(disk)
    spool.prepare()
    note: Note = spool.make(RECORDING, {})
    spool.keep(note)
    for number, (name, body) in enumerate(PUSHED, start=1):
        with spool.part() as part:
            part.write(body)
            part.finish()
            note = spool.land(part, note, name, {"Name": name})
            disk.tell("mark", f"landed {number}")


@pytest.fixture
def pushed(tmp_path: Path) -> Iterator[Pushed]:
    with forgetful_disk(tmp_path / "disk") as disk:
        disk.tell("record")
        push(disk)
        points = {model: disk.points(model, tmp_path) for model in Model}
        yield Pushed(disk=disk, points=points)


def test_after_a_cut_at_any_operation_what_was_acknowledged_is_there(
    pushed: Pushed, count: Count
) -> None:
    cuts = [*distinct(pushed.points, Model.STRICT), *torn(pushed.points, 3, 20)]

    lost = [problem for cut in cuts for problem in pushed.lost(cut)]

    count(f"power cuts of the Axis spool: {len(cuts)} states looked at, {len(lost)} violations")
    assert lost == []
    assert len(cuts) > 40
    assert pushed.promised(pushed.points[Model.STRICT].operations) == [body for _, body in PUSHED]


@pytest.mark.parametrize("verb", ["sync_file", "sync_folder"])
def test_the_walk_finds_what_a_spool_that_does_not_sync_loses(
    pushed: Pushed, verb: str, tmp_path: Path
) -> None:
    pushed.disk.tell("forget", [verb])
    pushed.points = {Model.STRICT: pushed.disk.points(Model.STRICT, tmp_path)}

    assert pushed.lost(Cut(after=pushed.points[Model.STRICT].operations, model=Model.STRICT))
