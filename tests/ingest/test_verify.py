from __future__ import annotations

from pathlib import Path

import pytest

from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from ingest.verify import verify

FOOTAGE = b"footage" * 1000


def test_a_copy_that_is_what_was_pulled_passes(tmp_path: Path) -> None:
    staged = tmp_path / "c-1"
    staged.write_bytes(FOOTAGE)

    verify(staged, sha256=Sha256.of(FOOTAGE), size=len(FOOTAGE))


def test_a_flipped_bit_is_named(tmp_path: Path) -> None:
    staged = tmp_path / "c-1"
    staged.write_bytes(b"F" + FOOTAGE[1:])

    with pytest.raises(DigestMismatch, match="c-1"):
        verify(staged, sha256=Sha256.of(FOOTAGE), size=len(FOOTAGE))


def test_a_copy_that_is_gone_is_not_verified(tmp_path: Path) -> None:
    with pytest.raises(DigestMismatch, match="cannot be read"):
        verify(tmp_path / "c-1", sha256=Sha256.of(b""), size=0)
