"""Objects carried between two vaults of a real engine, whole and in parts, and back."""

from __future__ import annotations

import random
from datetime import timedelta

from archive.copies import Side
from archive.copies.carrying import Carrying, Object
from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.vault import Bucket, Lock, LockMode
from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Vault
from tests.conftest import new_agency

PART = 5 << 20
"""The least that S3 takes as a part that is not the last."""


def side(engine: Engine) -> Side:
    return Side(vault=S3Vault(new_agency(engine)))


def test_what_is_carried_there_and_back_is_the_same(engine: Engine) -> None:
    first, second, empty = (side(engine) for _ in range(3))
    carrying = Carrying(part=PART)
    lock = Lock(mode=LockMode.COMPLIANCE, until=SystemClock().now() + timedelta(minutes=2)).whole()
    for size in (1000, PART + 70_000):
        data = random.Random(size).randbytes(size)
        what = Object(
            bucket=Bucket.ORIGINALS,
            key=f"lab/{Sha256.of(data)}",
            sha256=Sha256.of(data),
            size=size,
        )
        first.vault.put(what.bucket, what.key, data, lock=lock)
        there = carrying.carried(first, second, what, lock)
        back = carrying.carried(second, empty, what, lock)

        assert there is not None
        assert back is not None
        assert carrying.held(second.vault, what, lock) == there
        assert b"".join(empty.vault.read(what.bucket, what.key, back.version_id)) == data


def test_what_is_not_what_the_log_says_is_not_carried(engine: Engine) -> None:
    first, second = side(engine), side(engine)
    lock = Lock(mode=LockMode.COMPLIANCE, until=SystemClock().now() + timedelta(minutes=2)).whole()
    for data in (b"small", random.Random(1).randbytes(PART + 1)):
        wrong = Sha256.of(b"other")
        what = Object(bucket=Bucket.ORIGINALS, key=f"lab/{wrong}", sha256=wrong, size=len(data))
        first.vault.put(what.bucket, what.key, data, lock=lock)

        assert Carrying(part=PART).carried(first, second, what, lock) is None
        assert list(second.vault.versions(what.bucket, what.key)) == []
