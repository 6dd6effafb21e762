"""One key follows another under one log, from whatever moment a change was cut off."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.log import key
from archive.log.log import Log
from archive.log.mirror import Mirror
from archive.log.store import TileStore
from evidence import durable
from evidence.clock import SetClock
from evidence.errors import LogBroken, SetupError
from evidence.note import FileSigner, open_checkpoint
from evidence.succession import follow, write
from evidence.vault import Lock, LockMode
from evidence.vault.memory import MemoryVault
from tests.archive.log.logs import ORIGIN, entries, root_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOCK = Lock(mode=LockMode.COMPLIANCE, until=NOW + timedelta(days=90))


def opened(folder: Path) -> Log:
    log = Log.open(TileStore(folder / "log"), *key.signers(folder, ORIGIN))
    log.sign_head()
    return log


def changed(folder: Path) -> tuple[FileSigner, FileSigner]:
    """A log of 300 entries whose key changed; the old and the new one."""
    opened(folder).integrate(entries(0, 300))
    (old,) = key.signers(folder, ORIGIN)
    new = key.change(folder, ORIGIN).new
    key.switch(folder, ORIGIN)
    return old, new


def test_both_sign_for_a_time_and_whoever_trusts_one_believes(tmp_path: Path) -> None:
    old, new = changed(tmp_path)

    log = opened(tmp_path)

    for trusted in (old, new):
        assert open_checkpoint(log.checkpoint(), [trusted.key]).root == root_at(300)
    log.integrate(entries(300, 301))
    for trusted in (old, new):
        assert open_checkpoint(log.checkpoint(), [trusted.key]).root == root_at(301)
    assert follow(key.statements(tmp_path), old.key) == new.key
    for name in (key.KEY, key.BEFORE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_retired_the_old_key_signs_no_more_and_the_next_may_follow(tmp_path: Path) -> None:
    old, new = changed(tmp_path)
    opened(tmp_path).integrate(entries(300, 301))
    with pytest.raises(SetupError, match="still signs"):
        key.change(tmp_path, ORIGIN)

    key.retire(tmp_path)
    log = opened(tmp_path)
    log.integrate(entries(301, 302))

    assert open_checkpoint(log.checkpoint(), [new.key]).size == 302
    with pytest.raises(LogBroken):
        open_checkpoint(log.checkpoint(), [old.key])
    third = key.change(tmp_path, ORIGIN).new
    key.switch(tmp_path, ORIGIN)
    assert follow(key.statements(tmp_path), old.key) == third.key


def keep_statement(folder: Path, old: FileSigner, new: FileSigner) -> None:
    durable.make_folder(folder / key.SUCCESSIONS)
    durable.create(folder / key.SUCCESSIONS / "000001", write(old, new))


def keep_before(folder: Path, old: FileSigner, new: FileSigner) -> None:
    keep_statement(folder, old, new)
    durable.replace(folder / key.BEFORE, (folder / key.KEY).read_bytes(), mode=durable.PRIVATE)


def take_new(folder: Path, old: FileSigner, new: FileSigner) -> None:
    keep_before(folder, old, new)
    durable.replace(folder / key.KEY, (folder / "log-next.key").read_bytes(), mode=durable.PRIVATE)


@pytest.mark.parametrize("reached", [keep_statement, keep_before, take_new])
def test_a_change_that_was_cut_off_is_done_again(
    tmp_path: Path, reached: Callable[[Path, FileSigner, FileSigner], None]
) -> None:
    opened(tmp_path).integrate(entries(0, 3))
    (old,) = key.signers(tmp_path, ORIGIN)
    new = key.change(tmp_path, ORIGIN).new
    reached(tmp_path, old, new)
    assert opened(tmp_path).size == 3
    change = key.change(tmp_path, ORIGIN)
    assert (change.old.key, change.new.key) == (old.key, new.key)
    assert change.is_begun is (reached is not keep_statement)
    if change.is_begun:
        with pytest.raises(SetupError, match="cut off"):
            key.retire(tmp_path)

    key.switch(tmp_path, ORIGIN)

    assert [each.key for each in key.signers(tmp_path, ORIGIN)] == [new.key, old.key]
    assert len(key.statements(tmp_path)) == 1
    assert not (tmp_path / "log-next.key").exists()
    assert opened(tmp_path).size == 3


def test_the_copy_in_the_vault_gets_both_signatures_at_once(tmp_path: Path) -> None:
    vault = MemoryVault(SetClock(NOW))
    opened(tmp_path).integrate(entries(0, 3))
    (old,) = key.signers(tmp_path, ORIGIN)
    Mirror(opened(tmp_path), vault, old.key).run(LOCK)
    new = key.change(tmp_path, ORIGIN).new
    key.switch(tmp_path, ORIGIN)

    log = opened(tmp_path)
    mirror = Mirror(log, vault, new.key)
    mirror.run(LOCK)
    key.retire(tmp_path)
    log = opened(tmp_path)
    log.integrate(entries(3, 4))

    assert Mirror(log, vault, new.key).run(LOCK).size == 4


def test_no_key_follows_itself(tmp_path: Path) -> None:
    opened(tmp_path)
    durable.replace(tmp_path / "log-next.key", (tmp_path / key.KEY).read_bytes(), mode=0o600)

    with pytest.raises(SetupError, match="follow itself"):
        key.change(tmp_path, ORIGIN)


def test_opening_signs_nothing(tmp_path: Path) -> None:
    """Whether a present key may sign the head is for others to say first."""
    changed(tmp_path)
    before = (tmp_path / "log" / "checkpoint").read_bytes()

    log = Log.open(TileStore(tmp_path / "log"), *key.signers(tmp_path, ORIGIN))

    assert (tmp_path / "log" / "checkpoint").read_bytes() == before
    assert not log.is_signed
    log.sign_head()
    assert log.is_signed
    assert (tmp_path / "log" / "checkpoint").read_bytes() == log.checkpoint() != before
