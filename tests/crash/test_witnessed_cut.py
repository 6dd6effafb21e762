"""Power is cut before every operation while what witnesses said is kept and published."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from archive.log.cosigned import Cosigned
from archive.log.log import Log
from archive.log.store import TileStore
from evidence.cosignature import cosign
from evidence.note import add_signatures, open_checkpoint
from evidence.tiles import WITNESSED
from tests.archive.log.logs import SIGNER, entries, root_at
from tests.archive.log.test_cosigned import START, WITNESSES, policy
from tests.conftest import Count
from tests.crash.cuts import Cut, distinct, torn
from tests.crash.disk import Model
from tests.crash.mounted import ForgetfulDisk, Points, forgetful_disk

OLD, SIZES = 250, (253, 259, 300)


def heard(log: Log, cosigned: Cosigned, witnesses: int) -> None:
    """Keep and publish what so many witnesses say of the log's head, as the archive does."""
    note = log.checkpoint()
    head = open_checkpoint(note, [SIGNER.key])
    for nth, each in enumerate(WITNESSES[:witnesses]):
        at = START + timedelta(minutes=head.size + nth)
        cosigned.keep(add_signatures(note, cosign(head.text, each, at)))
        newest = cosigned.newest()
        assert newest is not None
        log.publish_witnessed(newest.note)


def opened(folder: Path) -> tuple[Log, Cosigned]:
    log = Log.open(TileStore(folder / "log"), SIGNER)
    return log, Cosigned.open(folder / "witnessed", log.keys, policy(2))


def wrong_after(disk: ForgetfulDisk, points: Points, cut: Cut) -> list[str]:
    """Lose power, start again; what the log and what was said of it do not agree about."""
    disk.cut(cut.after, cut.model, cut.seed)
    said = int(points.mark_at(cut.after, "kept ") or OLD)
    log, cosigned = opened(disk.folder)
    newest, published = cosigned.newest(), log.read(WITNESSED)
    kept = 0 if newest is None else newest.checkpoint.size
    shown = 0 if published is None else open_checkpoint(published, [SIGNER.key]).size
    found = [f"{cut}: {each}" for each in cosigned.problems]
    if not said <= kept <= log.size or shown > kept:
        found.append(f"{cut}: said {said}, kept {kept}, shown {shown}, log {log.size}")
    found += [
        f"{cut}: a witness saw another tree at {each.checkpoint.size}"
        for each in cosigned.all()
        if each.checkpoint.root != root_at(each.checkpoint.size)
    ]
    log.integrate(entries(log.size, SIZES[-1]))
    heard(log, cosigned, 3)
    return found


def test_no_word_of_a_witness_is_lost_or_ahead_of_the_log(tmp_path: Path, count: Count) -> None:
    with forgetful_disk(tmp_path / "disk") as disk:
        log, cosigned = opened(disk.folder)
        log.integrate(entries(0, OLD))
        heard(log, cosigned, 2)
        disk.tell("record")
        for size in SIZES:
            log.integrate(entries(log.size, size))
            heard(log, cosigned, 2)
            disk.tell("mark", f"kept {size}")
        points = {model: disk.points(model, tmp_path) for model in Model}
        cuts = distinct(points, Model.STRICT) + torn(points, 1, 40)

        problems = [each for cut in cuts for each in wrong_after(disk, points[cut.model], cut)]

    operations = points[Model.STRICT].operations
    count(f"power cuts of cosigned heads: {operations} operations, {len(cuts)} states")
    assert problems == []
    assert operations > 50
