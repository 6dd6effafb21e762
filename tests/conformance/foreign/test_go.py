from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.log.log import Log
from evidence.note import FileSigner, VerifierKey
from tests.archive.log.logs import ORIGIN, SIGNER, entries, flip_bit, grown

Verify = Callable[..., str]

SIZES = [1, 2, 255, 256, 257, 600]


def written(folder: Path, log: Log, index: int) -> tuple[Path, Path]:
    """Receipt and entry *index* of *log*, as files."""
    receipt, entry = folder / f"{index}.tlog-proof", folder / f"{index}.json"
    receipt.write_bytes(log.receipt(index))
    entry.write_bytes(log.entry(index))
    return receipt, entry


@pytest.mark.parametrize("size", [0, *SIZES])
def test_a_stranger_finds_the_whole_log_true(tmp_path: Path, verify: Verify, size: int) -> None:
    grown(tmp_path, [size // 3, size])

    assert verify("log", SIGNER.key, tmp_path) == ""


@pytest.mark.parametrize("size", SIZES)
def test_a_stranger_finds_receipts_true(tmp_path: Path, verify: Verify, size: int) -> None:
    log = grown(tmp_path / "log", [size])

    for index in {0, size // 2, size - 1}:
        assert verify("receipt", SIGNER.key, *written(tmp_path, log, index)) == ""


@pytest.mark.parametrize(("old", "new"), list(pairwise(SIZES)))
def test_a_stranger_finds_that_the_log_only_grew(
    tmp_path: Path, verify: Verify, old: int, new: int
) -> None:
    log = grown(tmp_path / "log", [old])
    (tmp_path / "old").write_bytes(log.checkpoint())
    log.integrate(entries(old, new))

    assert verify("consistency", SIGNER.key, tmp_path / "old", tmp_path / "log") == ""


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("tile/entries/001", "the entries give root"),
        ("tile/entries/002.p/88", "the entries give root"),
        ("tile/0/000", "tile/8/0/000 is not what"),
        ("tile/0/002.p/88", "tile/8/0/002.p/88 is not what"),
        ("tile/1/000.p/2", "tile/8/1/000.p/2 is not what"),
        ("checkpoint", "invalid signature"),
    ],
)
def test_a_stranger_finds_the_flipped_bit(
    tmp_path: Path, verify: Verify, path: str, reason: str
) -> None:
    grown(tmp_path, [600])
    flip_bit(tmp_path / path, 21)

    assert reason in verify("log", SIGNER.key, tmp_path)


@pytest.mark.parametrize("place", [30, 40, -120, -1])
def test_a_stranger_refuses_a_receipt_with_a_flipped_bit(
    tmp_path: Path, verify: Verify, place: int
) -> None:
    receipt, entry = written(tmp_path, grown(tmp_path / "log", [600]), 299)
    flip_bit(receipt, place)

    assert verify("receipt", SIGNER.key, receipt, entry) != ""


def test_a_stranger_refuses_another_entry(tmp_path: Path, verify: Verify) -> None:
    receipt, entry = written(tmp_path, grown(tmp_path / "log", [600]), 299)
    flip_bit(entry)

    assert "invalid transparency proof" in verify("receipt", SIGNER.key, receipt, entry)


def test_a_stranger_refuses_a_rewritten_past(tmp_path: Path, verify: Verify) -> None:
    (tmp_path / "old").write_bytes(grown(tmp_path / "one", [300]).checkpoint())
    grown(tmp_path / "two", []).integrate([b"another past"] * 600)

    answer = verify("consistency", SIGNER.key, tmp_path / "old", tmp_path / "two")

    assert "invalid transparency proof" in answer


def test_a_stranger_refuses_another_key(tmp_path: Path, verify: Verify) -> None:
    grown(tmp_path, [5])
    other = FileSigner(ORIGIN, Ed25519PrivateKey.generate())

    assert "no verifiable signatures" in verify("log", other.key, tmp_path)


def test_a_stranger_reads_our_keys(tmp_path: Path, verify: Verify) -> None:
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")

    assert "checkpoint: no such file" in verify("log", key, tmp_path)
