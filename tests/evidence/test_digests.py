"""SM3 against the vectors of its standard, against openssl, and beside SHA-256."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.digest import Sha256
from evidence.digests import (
    Digests,
    Hashing,
    Maker,
    Sm3,
    State,
    by_cryptography,
    by_hashlib,
    digests_of,
    digests_of_file,
    first_that_works,
    must_have_sm3,
    sm3_maker,
)
from evidence.errors import SetupError

VECTORS = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}
"""GB/T 32905-2016, appendix A: three bytes, and one whole block of 64."""
A, B = (digests_of(data, sm3_maker()) for data in (b"a", b"b"))
ONLY = Digests(sha256=A.sha256)


@pytest.mark.parametrize("maker", [by_hashlib, by_cryptography])
@pytest.mark.parametrize("data", VECTORS)
def test_the_vectors_of_the_standard(maker: Maker, data: bytes) -> None:
    state = maker()
    state.update(data)

    assert state.digest().hex() == VECTORS[data]
    assert state.digest().hex() == VECTORS[data]  # asking changes nothing


def test_openssl_says_the_same_of_every_length_around_a_block(tmp_path: Path) -> None:
    chance, wanted = random.Random(3), dict[str, Digests]()
    for size in (*range(130), 4095, 4096, 1 << 20):
        (tmp_path / f"{size}").write_bytes(data := chance.randbytes(size))
        wanted[f"{size}"] = digests_of(data, sm3_maker())
    for name in ("sha256", "sm3"):
        told = subprocess.run(
            ["openssl", "dgst", f"-{name}", "-r", *wanted],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        )
        pairs = (line.split(" *") for line in told.stdout.splitlines())

        assert {file: digest for digest, file in pairs} == {
            file: digests.to_wire()[name] for file, digests in wanted.items()
        }


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=8))
def test_one_pass_gives_what_two_give(pieces: list[bytes]) -> None:
    state, whole = Hashing(by_hashlib), b"".join(pieces)
    for piece in pieces:
        state.update(piece)
        state.digests  # noqa: B018  looking in between changes nothing
    other = by_cryptography()
    other.update(whole)

    assert (state.sha256, state.size) == (Sha256.of(whole), len(whole))
    assert state.digests == Digests(sha256=Sha256.of(whole), sm3=Sm3(other.digest()))


def test_a_file_gives_both_of_its_bytes_as_they_are_on_disk(tmp_path: Path) -> None:
    (tmp_path / "clip").write_bytes(b"abc")

    assert digests_of_file(tmp_path / "clip", sm3_maker()).to_wire() == {
        "sha256": Sha256.of(b"abc").hex,
        "sm3": VECTORS[b"abc"],
    }
    assert digests_of_file(tmp_path / "clip").to_wire() == {"sha256": Sha256.of(b"abc").hex}


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (A, A, True),
        (A, ONLY, True),
        (ONLY, A, True),
        (A, B, False),
        (A, Digests(sha256=A.sha256, sm3=B.sm3), False),
        (A, Digests(sha256=B.sha256, sm3=A.sm3), False),
    ],
)
def test_what_can_be_of_the_same_bytes(one: Digests, other: Digests, agree: bool) -> None:  # noqa: FBT001
    assert one.agree(other) is agree
    assert one.are(other.to_wire()) is agree


@pytest.mark.parametrize(
    "told",
    [None, {}, [], "sha256", {"sm3": "00" * 32}, A.to_wire() | {"blake3": "00"}, {"sha256": "x"}],
)
def test_what_is_no_map_of_these_digests_is_of_no_bytes(told: object) -> None:
    assert not A.are(told)


def test_a_machine_without_sm3_says_what_to_do() -> None:
    def none() -> State:
        raise ValueError("unsupported hash type sm3")

    assert first_that_works([none, by_cryptography]) is by_cryptography
    assert first_that_works([none]) is None
    with pytest.raises(SetupError, match="it is wanted, and no library on this machine") as told:
        must_have_sm3("it is wanted", None)
    assert "openssl dgst -sm3" in told.value.advice


def test_an_sm3_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sm3(b"short")
