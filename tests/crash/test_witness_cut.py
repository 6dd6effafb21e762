"""Power is cut before every operation of a witness; what it answered it remembers."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from evidence.cosignature import Kind
from evidence.errors import EvidenceError, SetupError
from evidock.witness.folder import WitnessFolder
from tests.archive.log.logs import ORIGIN, SIGNER
from tests.conftest import Count
from tests.court import NAME, asked, witness
from tests.crash.cuts import Cut, distinct, torn
from tests.crash.disk import Model
from tests.crash.mounted import ForgetfulDisk, Points, forgetful_disk

SIZES = [8, 20, 21, 40]


def forgotten(disk: ForgetfulDisk, points: Points, cut: Cut) -> list[str]:
    """Lose power and start again; what the witness does not know any more that it said."""
    disk.cut(cut.after, cut.model, cut.seed)
    said = int(points.mark_at(cut.after, "answered ") or SIZES[0])
    try:
        with witness(disk.folder / "court") as court:
            last = court.folder.memory.last(ORIGIN, court.signer.key)
            size = 0 if last is None else last.checkpoint.size
            again = court.answer(asked(size, SIZES[-1]).body).status
    except EvidenceError as error:
        return [f"{cut}: {error}"]
    goes_on = [] if again == 200 else [f"{cut}: it answers {again}"]
    return goes_on + ([] if size >= said else [f"{cut}: it said {said} and knows of {size}"])


def not_made(disk: ForgetfulDisk, points: Points, cut: Cut) -> list[str]:
    """Lose power and make it again; whether it is another witness than the one that was shown."""
    disk.cut(cut.after, cut.model, cut.seed)
    folder, shown = WitnessFolder(disk.folder / "court"), points.mark_at(cut.after, "key ")
    try:
        folder.make(NAME, Kind.ED25519)
    except SetupError as error:
        if "already" not in str(error):
            return [f"{cut}: {error}"]
    try:
        with folder.locked():
            folder.trust(SIGNER.key)
        with witness(folder.folder) as court:
            answered = court.answer(asked(0, 8).body).status
    except EvidenceError as error:
        return [f"{cut}: {error}"]
    problems = [] if answered == 200 else [f"{cut}: it answers {answered}"]
    return problems + ([] if shown in {None, str(folder.key())} else [f"{cut}: another key"])


def test_a_witness_never_forgets_what_it_answered(tmp_path: Path, count: Count) -> None:
    with forgetful_disk(tmp_path / "disk") as disk:
        with witness(disk.folder / "court") as court:
            court.answer(asked(0, SIZES[0]).body)
        disk.tell("record")
        with witness(disk.folder / "court") as court:
            for old, new in pairwise(SIZES):
                court.answer(asked(old, old, rewritten=True).body)
                assert court.answer(asked(old, new).body).status == 200
                disk.tell("mark", f"answered {new}")
        points = {model: disk.points(model, tmp_path) for model in Model}
        cuts = distinct(points, Model.STRICT) + torn(points, 1, 40)

        problems = [each for cut in cuts for each in forgotten(disk, points[cut.model], cut)]

    count(f"power cuts of a witness: {len(cuts)} states, {len(problems)} violations")
    assert problems == []
    assert len(cuts) > 20


def test_a_witness_that_was_half_made_is_made(tmp_path: Path) -> None:
    with forgetful_disk(tmp_path / "disk") as disk:
        disk.tell("record")
        folder = WitnessFolder(disk.folder / "court")
        disk.tell("mark", f"key {folder.make(NAME, Kind.ED25519)}")
        with folder.locked():
            folder.trust(SIGNER.key)
        points = {model: disk.points(model, tmp_path) for model in Model}
        cuts = distinct(points, Model.STRICT) + torn(points, 1, 20)

        problems = [each for cut in cuts for each in not_made(disk, points[cut.model], cut)]

    assert problems == []
    assert len(cuts) > 10
