from pathlib import Path

import pytest

from archive.log.log import Log
from archive.log.store import TileStore
from evidence.errors import DigestMismatch
from evidence.note import open_checkpoint
from evidence.tiles import check_growth
from tests.archive.log.logs import (
    SIGNER,
    FailingStore,
    PowerCut,
    RememberingSigner,
    entries,
    grown,
    root_at,
)

OLD, NEW = 250, 260
STEPS = 8
"""2 bundles, 3 tiles, 2 folders of partial ones dropped, 1 checkpoint."""

NEVER = -1


def cut(folder: Path, step: int, *, done: bool, signer: RememberingSigner) -> None:
    """Let a log grow from OLD to NEW entries and lose power at *step*."""
    grown(folder, [100, OLD])
    log = Log.open(FailingStore(folder, cut_at=step, done=done), signer)
    with pytest.raises(PowerCut):
        log.integrate(entries(OLD, NEW))


def test_the_cuts_below_cover_every_durable_step(tmp_path: Path) -> None:
    grown(tmp_path, [100, OLD])
    store = FailingStore(tmp_path, cut_at=NEVER, done=False)

    Log.open(store, SIGNER).integrate(entries(OLD, NEW))

    assert store.steps == STEPS


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("step", range(STEPS))
def test_after_a_power_cut_the_same_log_comes_of_it(
    tmp_path: Path, step: int, *, done: bool
) -> None:
    signer = RememberingSigner()
    cut(tmp_path, step, done=done, signer=signer)

    log = Log.open(TileStore(tmp_path), signer)
    log.integrate(entries(log.size, NEW))

    head = open_checkpoint(log.checkpoint(), [SIGNER.key])
    assert (head.size, head.root) == (NEW, root_at(NEW))
    check_growth(0, NEW, head.root, log.read)
    assert {(signed.size, signed.root) for signed in signer.signed} == {(NEW, root_at(NEW))}
    assert not (tmp_path / "tile/0/000.p").exists()


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("step", range(STEPS - 1))
def test_after_a_power_cut_the_published_log_is_the_old_one(
    tmp_path: Path, step: int, *, done: bool
) -> None:
    cut(tmp_path, step, done=done, signer=RememberingSigner())

    log = Log.open(TileStore(tmp_path), SIGNER)

    assert log.size == OLD
    check_growth(0, OLD, root_at(OLD), log.read)


def test_a_power_cut_while_the_log_is_made_leaves_no_half_log(tmp_path: Path) -> None:
    with pytest.raises(PowerCut):
        Log.open(FailingStore(tmp_path, cut_at=0, done=False), SIGNER).sign_head()

    assert grown(tmp_path, [3]).size == 3


def test_fewer_entries_may_be_offered_after_a_power_cut(tmp_path: Path) -> None:
    cut(tmp_path, 6, done=True, signer=RememberingSigner())

    log = grown(tmp_path, [253, 259, 600])

    check_growth(0, 600, root_at(600), log.read)
    assert not (tmp_path / "tile/entries/001.p").exists()


def test_other_entries_after_a_power_cut_are_not_signed(tmp_path: Path) -> None:
    signer = RememberingSigner()
    cut(tmp_path, 6, done=True, signer=signer)
    log = Log.open(TileStore(tmp_path), signer)

    with pytest.raises(DigestMismatch):
        log.integrate([b"another past"] * (NEW - OLD))

    assert signer.signed == []
