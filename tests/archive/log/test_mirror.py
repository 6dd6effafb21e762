from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.log.log import Log
from archive.log.mirror import PREFIX, Mirror, Mirrored
from evidence.clock import SetClock, SystemClock
from evidence.errors import LockMissing, LogBroken
from evidence.tiles import check_growth
from evidence.vault import Bucket, Lock, LockedError, LockMode, StoredVersion, Vault
from evidence.vault.memory import MemoryVault
from evidence.vault.s3 import S3Vault
from tests.archive.log.logs import SIGNER, PowerCut, entries, flip_bit, grown, root_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOCK = Lock(mode=LockMode.COMPLIANCE, until=NOW + timedelta(days=90))
STEPS = 9
"""Changes in the vault when the log grows from 100 to 300: 5 tiles and the checkpoint put, 3 old
versions deleted."""


class UnlockingVault(MemoryVault):
    """A store that ignores lock headers without a word, as some do."""

    def put(
        self,
        bucket: Bucket,
        key: str,
        data: bytes,
        *,
        lock: Lock | None = None,
        create_only: bool = False,
        content_type: str = "application/octet-stream",
    ) -> StoredVersion:
        del lock
        return super().put(bucket, key, data, create_only=create_only, content_type=content_type)


class FailingVault(MemoryVault):
    """A vault whose client loses power before call number *cut_at* that changes something."""

    cut_at = -1

    def put(
        self,
        bucket: Bucket,
        key: str,
        data: bytes,
        *,
        lock: Lock | None = None,
        create_only: bool = False,
        content_type: str = "application/octet-stream",
    ) -> StoredVersion:
        self._step()
        return super().put(
            bucket, key, data, lock=lock, create_only=create_only, content_type=content_type
        )

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        self._step()
        super().delete_version(bucket, key, version_id)

    def _step(self) -> None:
        self.cut_at -= 1
        if self.cut_at == -1:
            raise PowerCut


class GrowingVault(MemoryVault):
    """A vault so slow that the log goes on growing while it is copied."""

    log: Log | None = None

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> StoredVersion | None:
        if self.log is not None:
            self.log.integrate(entries(self.log.size, 600))
        return super().find(bucket, key, version_id)


def kept(vault: Vault) -> Sequence[str]:
    """The path of every version in the vault's records."""
    return [version.key for version in vault.versions(Bucket.RECORDS)]


def newest(vault: Vault, path: str) -> bytes | None:
    found = vault.find(Bucket.RECORDS, PREFIX + path)
    if found is None:
        return None
    return b"".join(vault.read(Bucket.RECORDS, found.key, found.version_id))


def mirrored(log: Log, vault: Vault, lock: Lock = LOCK) -> Mirrored:
    return Mirror(log, vault, SIGNER.key).run(lock)


def test_the_copy_is_a_whole_log_of_its_own(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [600]), MemoryVault(SetClock(NOW))

    done = mirrored(log, vault)

    assert done == Mirrored(size=600, stored=7, removed=0)
    assert newest(vault, "checkpoint") == log.checkpoint()
    check_growth(0, 600, root_at(600), lambda path: newest(vault, path))


def test_full_tiles_are_locked_and_the_rest_is_not(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [300]), MemoryVault(SetClock(NOW))

    mirrored(log, vault)

    found = [vault.find(Bucket.RECORDS, key) for key in kept(vault)]
    assert {version.key: version.lock for version in found if version} == {
        "log/checkpoint": None,
        "log/tile/0/000": LOCK,
        "log/tile/0/001.p/44": None,
        "log/tile/1/000.p/1": None,
        "log/tile/entries/000": LOCK,
        "log/tile/entries/001.p/44": None,
    }


def test_only_what_changed_is_copied(tmp_path: Path) -> None:
    vault = MemoryVault(SetClock(NOW))
    mirrored(grown(tmp_path, [600]), vault)

    assert mirrored(grown(tmp_path, [600]), vault) == Mirrored(size=600, stored=0, removed=0)
    assert mirrored(grown(tmp_path, [601]), vault) == Mirrored(size=601, stored=2, removed=3)


def test_superseded_versions_do_not_pile_up(tmp_path: Path) -> None:
    log, vault = grown(tmp_path / "log", []), MemoryVault(SetClock(NOW))
    fresh = MemoryVault(SetClock(NOW))

    for size in (1, 7, 255, 256, 300, 301, 600):
        log.integrate(entries(log.size, size))
        mirrored(log, vault)
    mirrored(log, fresh)

    assert kept(vault) == kept(fresh)


@pytest.mark.parametrize("step", range(STEPS))
def test_a_run_cut_off_anywhere_is_made_good_by_the_next(tmp_path: Path, step: int) -> None:
    log, vault = grown(tmp_path, [100]), FailingVault(SetClock(NOW))
    mirrored(log, vault)
    log.integrate(entries(100, 300))
    vault.cut_at = step
    with pytest.raises(PowerCut):
        mirrored(log, vault)

    for size in (300, 310):
        log.integrate(entries(log.size, size))
        mirrored(log, vault)

    check_growth(0, 310, root_at(310), lambda path: newest(vault, path))
    assert [key for key in kept(vault) if ".p/" in key or "checkpoint" in key] == [
        "log/checkpoint",
        "log/tile/0/001.p/54",
        "log/tile/1/000.p/1",
        "log/tile/entries/001.p/54",
    ]


def test_the_cuts_above_cover_every_change(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [100]), FailingVault(SetClock(NOW))
    mirrored(log, vault)
    log.integrate(entries(100, 300))
    vault.cut_at = STEPS

    assert mirrored(log, vault).size == 300
    assert vault.cut_at == 0


def test_other_bytes_in_the_vault_are_reported(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [300]), MemoryVault(SetClock(NOW))
    vault.put(Bucket.RECORDS, "log/tile/0/000", b"planted")

    with pytest.raises(LogBroken, match="other bytes than ours as log/tile/0/000"):
        mirrored(log, vault)


def test_the_right_bytes_without_a_lock_are_locked(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [300]), MemoryVault(SetClock(NOW))
    planted = vault.put(Bucket.RECORDS, "log/tile/0/000", log.read("tile/0/000") or b"")

    mirrored(log, vault)

    found = vault.find(Bucket.RECORDS, planted.key, planted.version_id)
    assert found is not None
    assert found.lock == LOCK


def test_a_store_that_does_not_lock_is_found_out(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [300]), UnlockingVault(SetClock(NOW))

    with pytest.raises(LockMissing, match="log/tile/entries/000 was stored under"):
        mirrored(log, vault)


def test_a_false_tile_is_not_locked_for_years(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [600]), MemoryVault(SetClock(NOW))
    flip_bit(tmp_path / "tile/entries/000")

    with pytest.raises(LogBroken, match="tile/entries/000: entry 0 is not"):
        mirrored(log, vault)

    assert kept(vault) == []


def test_a_log_restored_from_a_backup_is_found_out(tmp_path: Path) -> None:
    vault = MemoryVault(SetClock(NOW))
    mirrored(grown(tmp_path / "new", [300]), vault)

    with pytest.raises(LogBroken, match="has 300 entries, the log only 200"):
        mirrored(grown(tmp_path / "old", [200]), vault)


def test_another_history_is_found_out(tmp_path: Path) -> None:
    vault = MemoryVault(SetClock(NOW))
    mirrored(grown(tmp_path / "one", [10]), vault)
    other = grown(tmp_path / "two", [])
    other.integrate([b"another past"] * 20)

    with pytest.raises(LogBroken, match="of another log: its root at 10 differs"):
        mirrored(other, vault)


def test_a_weaker_lock_is_refused(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [1]), MemoryVault(SetClock(NOW))
    governance = Lock(mode=LockMode.GOVERNANCE, until=NOW)

    with pytest.raises(ValueError, match="COMPLIANCE"):
        Mirror(log, vault, SIGNER.key).run(governance)


def test_an_old_version_that_somebody_locked_does_not_stop_the_copy(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [5]), MemoryVault(SetClock(NOW))
    mirrored(log, vault)
    old = vault.find(Bucket.RECORDS, "log/checkpoint")
    assert old is not None
    vault.extend_lock(Bucket.RECORDS, old.key, old.version_id, LOCK)

    log.integrate(entries(5, 6))

    assert mirrored(log, vault) == Mirrored(size=6, stored=2, removed=2)
    assert newest(vault, "checkpoint") == log.checkpoint()


def test_a_log_that_grows_meanwhile_is_copied_as_it_was(tmp_path: Path) -> None:
    log, vault = grown(tmp_path, [300]), GrowingVault(SetClock(NOW))
    vault.log = log

    assert mirrored(log, vault).size == 300
    assert log.size == 600
    check_growth(0, 300, root_at(300), lambda path: newest(vault, path))


def test_the_embedded_engine_holds_a_true_copy(tmp_path: Path, agency_vault: S3Vault) -> None:
    lock = Lock(mode=LockMode.COMPLIANCE, until=SystemClock().now() + timedelta(days=1))

    for size in (100, 300, 310):
        mirrored(grown(tmp_path, [size]), agency_vault, lock)

    check_growth(0, 310, root_at(310), lambda path: newest(agency_vault, path))
    fresh = MemoryVault(SetClock(NOW))
    mirrored(grown(tmp_path, []), fresh)
    assert sorted(kept(agency_vault)) == sorted(kept(fresh))
    full = agency_vault.find(Bucket.RECORDS, "log/tile/entries/000")
    assert full is not None
    with pytest.raises(LockedError):
        agency_vault.delete_version(Bucket.RECORDS, full.key, full.version_id)
