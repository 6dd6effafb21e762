"""Which of several cosigned heads is published, and which proves an entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.log.cosigned import Cosigned, Said
from archive.log.witnesses import too_old
from evidence.clock import SetClock
from evidence.cosignature import KeyCosigner, cosign
from evidence.merkle import Hash
from evidence.note import Checkpoint, FileSigner, add_signatures, sign_checkpoint
from evidence.policy import Policy
from tests.archive.log.logs import SIGNER
from tests.court import THIEF

START = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
BEFORE, NOW = SIGNER, THIEF  # two keys of one log
WITNESSES = [
    KeyCosigner(f"w{n}", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in range(3)
]


def policy(needed: int) -> Policy:
    lines = [f"witness w{n} {each.key}" for n, each in enumerate(WITNESSES)]
    text = "\n".join([*lines, f"group g {needed} w0 w1 w2", "quorum g", ""])
    return Policy.parse(text.encode())


def note(size: int, cosigned: int, day: int, *signers: FileSigner) -> bytes:
    """A head of *size* entries that the first *cosigned* witnesses saw on that *day*."""
    head = Checkpoint(origin=SIGNER.name, size=size, root=Hash(bytes([size % 256]) * 32))
    signed = sign_checkpoint(head, *(signers or [BEFORE]))
    for each in WITNESSES[:cosigned]:
        signed = add_signatures(signed, cosign(head.text, each, START + timedelta(days=day)))
    return signed


def size_of(said: Said | None) -> int | None:
    return None if said is None else said.checkpoint.size


def test_the_newest_head_of_the_quorum_is_news_whoever_saw_an_older_one(tmp_path: Path) -> None:
    cosigned = Cosigned(tmp_path / "witnessed", [BEFORE.key], policy(2))
    cosigned.keep(note(100, 3, 0))
    for day in range(1, 40):
        cosigned.keep(note(100 + day, 2, day))
    cosigned.keep(note(200, 1, 40))

    for each in (cosigned, Cosigned.open(tmp_path / "witnessed", [BEFORE.key], policy(2))):
        assert size_of(each.newest()) == 139
        assert sorted(said.checkpoint.size for said in each.all()) == [100, 139, 200]
        assert [size_of(each.best(index)) for index in (0, 99, 100, 138, 139, 200)] == [
            *(100, 100, 139, 139, 200, None)
        ]
    clock = SetClock(START + timedelta(days=39, hours=1))
    assert too_old(policy(2), cosigned, clock) == []
    clock.advance(25 * 3600)
    assert "at 2026-02-09" in too_old(policy(2), cosigned, clock)[0]


@pytest.mark.parametrize("last", [1, 2])
def test_without_a_quorum_the_newest_that_anybody_saw_is_news(tmp_path: Path, last: int) -> None:
    cosigned = Cosigned(tmp_path / "witnessed", [BEFORE.key], policy(3))
    cosigned.keep(note(100, 2, 0))
    cosigned.keep(note(120, last, 1))

    assert size_of(cosigned.newest()) == 120


def test_no_entry_is_proven_by_a_head_that_a_former_key_signed(tmp_path: Path) -> None:
    cosigned = Cosigned(tmp_path / "witnessed", [NOW.key, BEFORE.key], policy(2))
    cosigned.keep(note(100, 3, 0, BEFORE))
    assert cosigned.best(0) is None
    cosigned.keep(note(110, 2, 1, NOW, BEFORE))

    assert size_of(cosigned.best(0)) == 110
    assert size_of(cosigned.newest()) == 110
