"""A card that is read by a process of its own, and what becomes of that process."""

from __future__ import annotations

import os
import random
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import pytest

from evidence.clock import SystemClock
from evidence.digest import BLOCK, Sha256
from evidence.erase_proof import Fact
from evidence.errors import (
    CardGone,
    CardReadFailed,
    CardWriteFailed,
    EraseForbidden,
    FileRefused,
)
from ingest.pull import pull
from ingest.release import on_card, read_again, release
from ingest.source import Listed, Sort
from ingest.staging import Staging
from ingest.watch import Watch
from station.disk.opening import Opener
from station.disk.raw_card import RawCard
from station.port.process import WITHIN, PortCard, PortProcess
from station.port.talk import FEW, MOST
from tests.evidence.erase_proofs import proof_for
from tests.station.disk.images import fat_image, put
from tests.station.port.hung_disk import hung_disk
from tests.station.port.sick import Sick, garbage

CLOCK = SystemClock()
FILE = b"DCIM/100MEDIA/LONG.MP4"
LONG = random.Random(4).randbytes(5 * BLOCK + 4321)
AT_ONCE: Mapping[str, float] = {**WITHIN, "listing": 1.0, "read": 1.0}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[bytes, bytes]]:
    """A card, and what is on it; nobody writes to it."""
    image = tmp_path_factory.mktemp("card") / "card.img"
    files = fat_image(image, "FAT16", seed=41)
    put(image, FILE.decode(), LONG)
    return image, {**files, FILE: LONG}


@pytest.fixture
def sick(held: tuple[Path, Mapping[bytes, bytes]], tmp_path: Path) -> Sick:
    return Sick(image=held[0], orders=tmp_path / "orders")


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    (tmp_path / "staging").mkdir()
    return Staging(folder=tmp_path / "staging", reserve=0)


@contextmanager
def read_by_process(sick: Sick, within: Mapping[str, float] = WITHIN) -> Iterator[PortCard]:
    with closing(PortProcess("USB port 1-1", within=within)) as process:
        yield process.open(sick.open)


def named(card: PortCard, path: bytes) -> Listed:
    return next(each for each in card.listing() if each.path == path)


def watching() -> Watch:
    return Watch(lambda _total: None, CLOCK)


def where(image: Path) -> int:
    """Where the long file begins on the medium."""
    return image.read_bytes().index(LONG[:BLOCK])


def test_what_the_process_reads_is_what_is_on_the_card(
    held: tuple[Path, Mapping[bytes, bytes]], sick: Sick
) -> None:
    image, files = held
    chance = random.Random(9)
    with closing(RawCard(image, life="1")) as raw, read_by_process(sick) as card:
        assert (card.serial, card.identity) == (raw.serial, raw.identity)
        assert card.listing() == raw.listing()
        assert {each.path for each in card.listing()} == set(files)
        for listed in card.listing():
            with card.open(listed) as its, raw.open(listed) as ours:
                assert its.stat() == ours.stat()
                at, read = 0, b""
                while block := its.read_at(at, 64 << 10):
                    read, at = read + block, at + len(block)
                assert read == files[listed.path]
                for _ in range(20):  # in any order, with what was read ahead or without
                    offset, size = chance.randrange(len(read) + 9), chance.randrange(1, 99_999)
                    assert its.read_at(offset, size) == read[offset : offset + size]
                    if chance.random() < 0.3:
                        its.cool()


def test_its_errors_are_those_that_the_card_raised(sick: Sick) -> None:
    with read_by_process(sick) as card:
        first, second = [each for each in card.listing() if each.size][:2]
        proof = proof_for(on_card(card, first), read_again(card, first, CLOCK, watching()))
        with pytest.raises(FileRefused, match="is a symlink"):
            card.open(replace(first, sort=Sort.LINK))
        with pytest.raises(CardGone, match="is not on this card"):
            card.open(replace(first, path=b"none"))
        with pytest.raises(CardWriteFailed, match="the kernel sees no volume there") as failed:
            release(card, first, proof, CLOCK)
        assert failed.value.advice.startswith(
            "Its footage is archived; clear the camera by its own"
        )
        with pytest.raises(EraseForbidden, match="fact 3 of the erase proof") as refused:
            card.erase(second, proof)
        assert refused.value.fact == Fact.UNCHANGED


def test_a_card_that_could_not_be_opened_may_be_tried_again(sick: Sick, tmp_path: Path) -> None:
    opener = Opener(clock=CLOCK)
    (tmp_path / "empty.img").write_bytes(bytes(1 << 20))
    with closing(PortProcess("USB port 1-1")) as process:
        with pytest.raises(CardReadFailed) as unknown:
            process.open(partial(opener.open, tmp_path / "empty.img", life="1"))
        assert "mount_other_cards" in unknown.value.advice
        with pytest.raises(CardGone):
            process.open(partial(opener.open, tmp_path / "none.img", life="1"))
        assert process.open(partial(opener.open, sick.image, life="1")).listing()


@pytest.mark.parametrize("how", ["SIGKILL", "SIGSEGV", "bug", "hang"])
def test_a_process_that_ends_mid_file_is_a_card_that_left(
    how: str, sick: Sick, staging: Staging
) -> None:
    wanted = Sha256.of(LONG)
    with read_by_process(sick, AT_ONCE) as card:
        listed = named(card, FILE)
        sick.order(how, where(sick.image) + 3 * BLOCK)
        with pytest.raises(CardGone, match=r"USB port 1-1: (while )?reading b'DCIM/100MEDIA/LONG"):
            pull(card, listed, staging, "c-1", watching())
        with pytest.raises(CardGone, match="is not read any more"):
            card.listing()
        failure = card._process.failure
    told = {"bug": "(exit code 1)", "hang": "hung: no answer within 1 seconds"}
    assert failure is not None
    assert told.get(how, f"its process ended ({how})") in failure

    sick.orders.unlink()
    with read_by_process(sick) as card:
        copy = pull(card, named(card, FILE), staging, "c-1", watching())
    assert (copy.sha256, copy.restarted) == (wanted, None)
    assert copy.resumed_at >= 2 * BLOCK


def test_a_listing_that_hangs_is_told_and_waits_for_nobody(sick: Sick) -> None:
    with read_by_process(sick, AT_ONCE) as card:
        sick.order("hang")
        with pytest.raises(CardGone, match="listing the card hung: no answer within 1 seconds"):
            card.listing()


def test_whoever_waits_for_a_hung_card_is_freed_when_it_is_given_up(sick: Sick) -> None:
    with read_by_process(sick) as card, ThreadPoolExecutor(1) as thread:
        sick.order("hang")
        waits = thread.submit(card.listing)
        card._process.give_up("it left")
        with pytest.raises(CardGone, match=r"USB port 1-1.* it left"):
            waits.result(timeout=30)


def test_a_process_that_the_kernel_holds_is_left_behind(sick: Sick, tmp_path: Path) -> None:
    with hung_disk(tmp_path / "disk", sick.image) as disk:
        process = PortProcess("USB port 1-1", within=AT_ONCE)
        card = process.open(replace(sick, image=disk.node).open)
        disk.hang()
        with pytest.raises(CardGone, match=f"let process {process.pid} end: it is left behind"):
            card.listing()
        card.close()  # which waits no longer than it says
        assert process._process.poll() is None, "it did not hang in the kernel at all"
        disk.answer()
        process._reaper.join(30)
        assert process._process.returncode == -signal.SIGKILL


def _framed(kind: int, told: bytes, length: int | None = None) -> bytes:
    return struct.pack(">BQ", kind, len(told) if length is None else length) + told


GARBAGE = {
    "longer than": _framed(2, b"", FEW + 1),
    "not VALUE": _framed(1, b"raw"),
    "it answers 77": _framed(77, b"x"),
    "it answers what is no": _framed(2, msgspec.msgpack.encode({"serial": 1})),
    "its error cannot be read": _framed(3, b"\xc1\xff"),
    "is none of a card's": _framed(
        3, msgspec.msgpack.encode({"kind": "LogBroken", "message": "", "advice": ""})
    ),
    "hung": _framed(2, b"half of it", 99),
    "longer than the 1,048,576": _framed(3, b"", MOST),
}


@pytest.mark.parametrize("why", GARBAGE)
def test_garbage_of_the_process_is_believed_in_nothing(why: str) -> None:
    patience = 1.0 if why == "hung" else 60.0  # a process that is only slow to start hangs not
    with (
        closing(PortProcess("USB port 1-1", within=dict.fromkeys(WITHIN, patience))) as process,
        pytest.raises(CardGone, match=why),
    ):
        process.open(garbage(GARBAGE[why]))


def test_no_process_outlives_its_station(sick: Sick) -> None:
    argv = [sys.executable, "-m", "tests.station.port.scene", str(sick.image), str(sick.orders)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE) as station:
        assert station.stdout is not None
        child = os.pidfd_open(int(station.stdout.readline()))
        station.kill()
    assert select.select([child], [], [], 30)[0], "its process goes on"
    os.close(child)
