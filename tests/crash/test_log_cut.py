"""Power is cut before every operation of a log that grows; it was never forked."""

from __future__ import annotations

from pathlib import Path

from archive.log.log import Log
from archive.log.store import TileStore
from evidence.note import open_checkpoint
from tests.archive.log.logs import SIGNER, entries, grown, root_at
from tests.conftest import Count
from tests.crash.cuts import Cut, distinct, torn
from tests.crash.disk import Model
from tests.crash.mounted import ForgetfulDisk, Points, forgetful_disk

OLD, NEW = 250, 520
"""Two bundles become full on the way, and partial ones go."""


def wrong_after(disk: ForgetfulDisk, points: Points, cut: Cut) -> list[str]:
    """Lose power, let the log grow on; what is wrong with it, and with what was shown before."""
    disk.cut(cut.after, cut.model, cut.seed)
    log = Log.open(TileStore(disk.folder / "log"), SIGNER)
    at_first = log.size
    log.integrate(entries(log.size, NEW))
    heads = [open_checkpoint(note, [SIGNER.key]) for note in points.heads(cut.after)]
    head = open_checkpoint(log.checkpoint(), [SIGNER.key])
    found = [] if at_first >= OLD else [f"{cut}: the log had only {at_first} entries left"]
    return found + [
        f"{cut}: the head at {each.size} is of another tree"
        for each in (*heads, head)
        if each.root != root_at(each.size)
    ]


def test_after_a_cut_at_any_operation_the_same_log_comes_of_it(
    tmp_path: Path, count: Count
) -> None:
    with forgetful_disk(tmp_path / "disk") as disk:
        grown(disk.folder / "log", [100, OLD])
        disk.tell("record")
        grown(disk.folder / "log", [253, 259, 300, NEW])
        points = {model: disk.points(model, tmp_path) for model in Model}
        cuts = distinct(points, Model.STRICT) + torn(points, 1, 40)

        problems = [each for cut in cuts for each in wrong_after(disk, points[cut.model], cut)]

    operations = points[Model.STRICT].operations
    count(
        f"power cuts of the log: {operations} operations, {len(cuts)} states, "
        f"{len(problems)} violations"
    )
    assert problems == []
    assert operations > 100
