from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.clock import SetClock, SystemClock
from evidence.digest import BLOCK, Sha256
from evidence.digests import digests_of, sm3_maker
from evidence.errors import CardGone, CardReadFailed, DiskFull, FileStillChanging
from ingest.pull import OTHER_BYTES, Pulled, pull
from ingest.staging import Staging
from ingest.watch import PullCancelled, Watch
from tests.station.played_back import PlayedBackCard, card_of

NAME = b"clip.mp4"
FOOTAGE = random.Random(7).randbytes(3 * BLOCK + 12345)


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(folder=tmp_path, reserve=0)


def watch() -> Watch:
    return Watch(lambda _total: None, SystemClock())


def copy(card: PlayedBackCard, staging: Staging) -> Pulled:
    return pull(card, card.listing()[0], staging, "c-1", watch())


def test_a_pulled_copy_is_the_file_and_its_digest(staging: Staging) -> None:
    pulled = copy(card_of({NAME: FOOTAGE}), staging)

    assert pulled == Pulled(sha256=Sha256.of(FOOTAGE), size=len(FOOTAGE))
    assert staging.whole("c-1").read_bytes() == FOOTAGE
    assert [path.name for path in staging.folder.iterdir()] == ["c-1"]


def test_a_staged_copy_is_read_only(staging: Staging) -> None:
    copy(card_of({NAME: FOOTAGE}), staging)

    assert staging.whole("c-1").stat().st_mode & 0o777 == 0o444


def test_an_empty_file_is_pulled_as_one(staging: Staging) -> None:
    pulled = copy(card_of({NAME: b""}), staging)

    assert pulled == Pulled(sha256=Sha256.of(b""), size=0)
    assert staging.whole("c-1").exists()


def test_zeros_are_kept_as_zeros_and_cost_no_room(staging: Staging) -> None:
    footage = FOOTAGE + bytes(4 * BLOCK)

    copy(card_of({NAME: footage}), staging)

    assert staging.whole("c-1").read_bytes() == footage


@settings(max_examples=20, deadline=None)
@given(at=st.integers(0, len(FOOTAGE)))
def test_copying_goes_on_at_the_byte_where_the_card_left(
    at: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    staging = Staging(folder=tmp_path_factory.mktemp("staging"), reserve=0)
    card = card_of({NAME: FOOTAGE})
    card.gone_at[NAME] = at
    with pytest.raises(CardGone):
        copy(card, staging)
    card.gone_at.clear()

    pulled = copy(card, staging)

    assert pulled.sha256 == Sha256.of(FOOTAGE)
    assert pulled.resumed_at == (at if at == len(FOOTAGE) else at // BLOCK * BLOCK)
    assert staging.whole("c-1").read_bytes() == FOOTAGE


def test_a_short_card_never_looks_like_a_shorter_file(staging: Staging) -> None:
    card = card_of({NAME: FOOTAGE})
    card.short_at[NAME] = 2 * BLOCK + 5

    with pytest.raises(CardGone, match="of the 3,158,073 bytes"):
        copy(card, staging)

    assert not staging.whole("c-1").exists()
    card.short_at.clear()
    assert copy(card, staging).resumed_at == 2 * BLOCK + 5


def test_a_read_error_keeps_what_was_read(staging: Staging) -> None:
    card = card_of({NAME: FOOTAGE})
    card.broken_at[NAME] = 2 * BLOCK

    with pytest.raises(CardReadFailed):
        copy(card, staging)

    assert staging.part("c-1").read_bytes() == FOOTAGE[: 2 * BLOCK]


def test_a_file_that_grows_while_it_is_copied_is_not_kept(staging: Staging) -> None:
    card = card_of({NAME: FOOTAGE})
    card.growing[NAME] = b"more"

    with pytest.raises(FileStillChanging):
        copy(card, staging)

    assert list(staging.folder.iterdir()) == []
    assert copy(card, staging).sha256 == Sha256.of(FOOTAGE + b"more")


def test_other_bytes_on_the_card_start_anew_and_what_was_kept_is_set_aside(
    staging: Staging,
) -> None:
    card = card_of({NAME: FOOTAGE})
    card.gone_at[NAME] = 2 * BLOCK
    with pytest.raises(CardGone):
        copy(card, staging)
    other = random.Random(8).randbytes(len(FOOTAGE))

    pulled = copy(card_of({NAME: other}), staging)

    assert (pulled.sha256, pulled.restarted) == (Sha256.of(other), OTHER_BYTES)
    assert (staging.folder / "c-1.aside-1").read_bytes() == FOOTAGE[: 2 * BLOCK]


def test_a_beginning_that_only_ends_alike_is_not_continued(staging: Staging) -> None:
    like = FOOTAGE[:BLOCK] + bytes(BLOCK) + FOOTAGE[2 * BLOCK :]
    other = FOOTAGE[BLOCK : 2 * BLOCK] + like[BLOCK:]
    card = card_of({NAME: like})
    card.gone_at[NAME] = 2 * BLOCK
    with pytest.raises(CardGone):
        copy(card, staging)

    assert copy(card_of({NAME: other}), staging).sha256 == Sha256.of(other)


def test_a_landed_copy_stands_for_no_file_that_differs_anywhere(staging: Staging) -> None:
    other = FOOTAGE[:BLOCK] + bytes(BLOCK) + FOOTAGE[2 * BLOCK :]
    copy(card_of({NAME: FOOTAGE}), staging)

    pulled = copy(card_of({NAME: other}), staging)

    assert (pulled.sha256, pulled.restarted) == (Sha256.of(other), OTHER_BYTES)
    assert (staging.folder / "c-1.aside-1").read_bytes() == FOOTAGE


def test_a_rotten_beginning_is_not_continued(staging: Staging) -> None:
    card = card_of({NAME: FOOTAGE})
    card.gone_at[NAME] = 2 * BLOCK
    with pytest.raises(CardGone):
        copy(card, staging)
    with staging.part("c-1").open("r+b") as part:
        part.write(b"\0")
    card.gone_at.clear()

    pulled = copy(card, staging)

    assert (pulled.resumed_at, pulled.sha256) == (0, Sha256.of(FOOTAGE))
    assert pulled.restarted is not None


def test_a_beginning_without_a_mark_is_not_trusted(staging: Staging) -> None:
    staging.part("c-1").write_bytes(FOOTAGE[:BLOCK])

    assert copy(card_of({NAME: FOOTAGE}), staging).resumed_at == 0


def test_a_copy_that_landed_before_a_crash_is_found_again(staging: Staging) -> None:
    card = card_of({NAME: FOOTAGE})
    copy(card, staging)

    pulled = copy(card, staging)

    assert (pulled.resumed_at, pulled.sha256) == (len(FOOTAGE), Sha256.of(FOOTAGE))


def test_a_full_disk_is_noticed_before_a_byte_is_written(staging: Staging) -> None:
    full = Staging(folder=staging.folder, reserve=1 << 60)

    with pytest.raises(DiskFull):
        copy(card_of({NAME: FOOTAGE}), full)

    assert list(staging.folder.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1.5 MiB; only root can mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this test mounts a small disk, which needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_meanwhile_is_a_full_disk(small_disk: Path) -> None:
    (small_disk / "other").write_bytes(FOOTAGE[:BLOCK])
    card = card_of({NAME: FOOTAGE[: BLOCK + BLOCK // 2]})
    unaware = _NoCheck(folder=small_disk, reserve=0)

    with pytest.raises(DiskFull, match="no room left"):
        pull(card, card.listing()[0], unaware, "c-1", watch())

    (small_disk / "other").unlink()
    assert copy(card, unaware).sha256 == Sha256.of(FOOTAGE[: BLOCK + BLOCK // 2])


class _NoCheck(Staging):
    """Staging whose room is taken by somebody else right after it was looked for."""

    def check_room(self, wanted: int) -> None:  # noqa: ARG002  the verb has it
        return


def test_a_stopped_pull_ends_at_the_next_block_and_is_continued(staging: Staging) -> None:
    card, stopped = card_of({NAME: FOOTAGE}), watch()
    stopped.stop()

    with pytest.raises(PullCancelled):
        pull(card, card.listing()[0], staging, "c-1", stopped)

    assert copy(card, staging).resumed_at == BLOCK


def test_progress_is_told_now_and_then_and_at_the_end(staging: Staging) -> None:
    told: list[int] = []
    card = card_of({NAME: FOOTAGE})

    pull(card, card.listing()[0], staging, "c-1", Watch(told.append, SetClock(_NOW)))

    assert told == [BLOCK, len(FOOTAGE)]


_NOW = SystemClock().now()


def test_nothing_is_left_open(staging: Staging) -> None:
    before = len(os.listdir("/proc/self/fd"))

    copy(card_of({NAME: FOOTAGE}), staging)

    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("gone_at", [None, 0, BLOCK + 5, len(FOOTAGE)])
def test_sm3_is_taken_of_all_bytes_in_the_same_pass(staging: Staging, gone_at: int | None) -> None:
    card = card_of({NAME: FOOTAGE})
    if gone_at is not None:
        card.gone_at[NAME] = gone_at
        with pytest.raises(CardGone):
            pull(card, card.listing()[0], staging, "c-1", watch(), sm3=sm3_maker())
        card.gone_at.clear()

    pulled = pull(card, card.listing()[0], staging, "c-1", watch(), sm3=sm3_maker())

    assert pulled.digests == digests_of(FOOTAGE, sm3_maker())
