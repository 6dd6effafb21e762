"""A recording above 5 GiB, which no single S3 PUT takes: it goes in parts, and is read back."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.e2e.command import demo

pytestmark = pytest.mark.slow

SIZE = 5 * 1024**3 + 5
"""Just above what one PUT takes.  Sparse: the card costs no room."""


def _digest_of_zeros(size: int) -> str:
    state, block = hashlib.sha256(), bytes(1 << 24)
    for _ in range(size // len(block)):
        state.update(block)
    state.update(bytes(size % len(block)))
    return state.hexdigest()


def test_an_original_above_five_gib_is_archived_bit_for_bit(tmp_path: Path) -> None:
    card = tmp_path / "cards" / "card"
    card.mkdir(parents=True)
    with (card / "REC_0001.mp4").open("wb") as stream:
        stream.truncate(SIZE)

    outcome = demo(tmp_path / "home", tmp_path / "cards")

    assert outcome.code == 0, outcome.stderr
    (clip,) = outcome.json["clips"]
    assert (clip["state"], clip["bytes"]) == ("ARCHIVED", SIZE)
    assert clip["sha256"] == _digest_of_zeros(SIZE)
    assert clip["vault"]["mode"] == "COMPLIANCE"
