from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from evidence.clock import SetClock
from evidence.errors import DigestMismatch
from evidence.vault import Bucket
from evidence.vault.memory import MemoryVault


def test_a_version_that_lost_its_end_is_noticed_while_it_is_read() -> None:
    vault = MemoryVault(SetClock(datetime(2026, 11, 23, tzinfo=UTC)))
    version = vault.put(Bucket.ORIGINALS, "clip", b"what the camera saw")
    held = vault._held[Bucket.ORIGINALS, "clip"]

    held[version.version_id] = replace(held[version.version_id], data=b"what the camera")

    with pytest.raises(DigestMismatch, match="ends after 15 bytes where 19"):
        list(vault.read(Bucket.ORIGINALS, "clip", version.version_id))


def test_a_range_past_the_end_is_not_satisfiable() -> None:
    vault = MemoryVault(SetClock(datetime(2026, 11, 23, tzinfo=UTC)))
    version = vault.put(Bucket.ORIGINALS, "clip", b"0123456789")
    request = vault.sign_get(Bucket.ORIGINALS, "clip", version.version_id, seconds=60)

    assert vault.answer(request, {"Range": "bytes=10-"}).status == 416
    assert vault.answer(request, {"Range": "bytes=8-"}).body == b"89"
