from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evidence.digests import Sm3, digests_of, sm3_maker
from evidence.errors import DigestMismatch
from ingest.verify import verify

FOOTAGE = b"footage" * 1000


def test_a_copy_that_is_what_was_pulled_passes(tmp_path: Path) -> None:
    staged = tmp_path / "c-1"
    staged.write_bytes(FOOTAGE)

    verify(staged, digests=digests_of(FOOTAGE), size=len(FOOTAGE))


def test_a_flipped_bit_is_named(tmp_path: Path) -> None:
    staged = tmp_path / "c-1"
    staged.write_bytes(b"F" + FOOTAGE[1:])

    with pytest.raises(DigestMismatch, match="c-1"):
        verify(staged, digests=digests_of(FOOTAGE), size=len(FOOTAGE))


def test_a_copy_that_is_gone_is_not_verified(tmp_path: Path) -> None:
    with pytest.raises(DigestMismatch, match="cannot be read"):
        verify(tmp_path / "c-1", digests=digests_of(b""), size=0)


def test_a_copy_with_the_sha256_that_was_pulled_and_another_sm3_is_refused(tmp_path: Path) -> None:
    staged, read = tmp_path / "c-1", digests_of(FOOTAGE, sm3_maker())
    staged.write_bytes(FOOTAGE)
    verify(staged, digests=read, size=len(FOOTAGE))

    with pytest.raises(DigestMismatch, match=r"SM3 [0-9a-f]{64}"):
        verify(staged, digests=replace(read, sm3=Sm3(bytes(32))), size=len(FOOTAGE))
