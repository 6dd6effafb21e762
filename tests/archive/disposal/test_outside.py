"""The time from outside is that of a quorum of witnesses: less than one may lie as it likes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.disposal.outside import OutsideClock
from archive.fixity import testimony
from archive.fixity.lawful import latest_by
from archive.log.cosigned import Cosigned
from archive.log.log import Log
from archive.log.store import TileStore
from archive.log.timestamps import Timestamps
from archive.log.witnesses import WITNESSED
from evidence.clock import SetClock, stamp
from evidence.cosignature import KeyCosigner, cosign
from evidence.merkle import Hash
from evidence.note import Checkpoint, add_signatures, sign_checkpoint
from evidence.policy import Policy
from evidence.settings import TimestampsSettings
from evidence.tombstone import Outside
from tests.archive.log.logs import SIGNER

START = datetime(2026, 11, 28, tzinfo=UTC)
YEAR = timedelta(days=365)
WITNESSES = [
    KeyCosigner(f"w{n}.example", Ed25519PrivateKey.from_private_bytes(bytes([n + 1]) * 32))
    for n in range(3)
]


def policy(quorum: str) -> Policy:
    lines = [f"log {SIGNER.key}"]
    lines += [f"witness w{n} {each.key}" for n, each in enumerate(WITNESSES)]
    wanted = f"group g {quorum} w0 w1 w2\nquorum g" if quorum != "none" else "quorum none"
    return Policy.parse("\n".join([*lines, wanted, ""]).encode())


def cosigned(folder: Path, trusted: Policy, times: list[timedelta]) -> Cosigned:
    """Each witness saw a head of its own, at its own time."""
    kept = Cosigned(folder / WITNESSED, [SIGNER.key], trusted)
    for size, (witness, time) in enumerate(zip(WITNESSES, times, strict=False), start=1):
        head = Checkpoint(origin=SIGNER.name, size=size, root=Hash(bytes([size]) * 32))
        said = cosign(head.text, witness, START + time)
        kept.keep(add_signatures(sign_checkpoint(head, SIGNER), said))
    return kept


def told(folder: Path, quorum: str, times: list[timedelta]) -> tuple[str, str] | None:
    """What time it is outside, and who said so; fsck has to come to the same."""
    trusted = policy(quorum)
    kept = cosigned(folder, trusted, times)
    log = Log.open(TileStore(folder / "log"), SIGNER)
    stamps = Timestamps.open(log, folder, TimestampsSettings(), SetClock(START))
    found = OutsideClock(cosigned=kept, policy=trusted, timestamps=stamps).newest()
    by = latest_by(testimony.Testimony(folder=folder, keys=[SIGNER.key], policy=trusted))
    latest = by(0, Outside(at=stamp(START), by="witness", name="nobody"))
    assert (None if latest is None else stamp(latest)) == (None if found is None else found.at)
    return None if found is None else (found.at, found.name)


@pytest.mark.parametrize("lie", [YEAR, 10 * YEAR])
@pytest.mark.parametrize("liar", [0, 1, 2])
def test_one_of_three_that_lies_moves_nothing_where_two_are_asked(
    tmp_path: Path, lie: timedelta, liar: int
) -> None:
    times = [timedelta(hours=n) for n in range(3)]
    times[liar] += lie
    honest = max(time for n, time in enumerate(times) if n != liar)

    found = told(tmp_path, "2", times)

    assert found is not None
    assert found[0] == stamp(START + honest)


@pytest.mark.parametrize(("quorum", "name"), [("any", "w2"), ("none", "w2"), ("all", "w0")])
def test_where_one_is_enough_the_newest_counts(tmp_path: Path, quorum: str, name: str) -> None:
    found = told(tmp_path, quorum, [timedelta(hours=n) for n in range(3)])

    assert found is not None
    assert found[1] == name


def test_less_than_a_quorum_tells_no_time(tmp_path: Path) -> None:
    assert told(tmp_path, "2", [YEAR]) is None


@pytest.mark.parametrize(("index", "name", "hours"), [(0, "w0", 1), (2, "w0", 0), (2, "w2", 2)])
def test_who_has_not_seen_an_entry_gainsays_it_nothing(
    tmp_path: Path, index: int, name: str, hours: int
) -> None:
    """Until a quorum has seen it, whom it names told no later time than they are known to."""
    cosigned(tmp_path, trusted := policy("2"), [timedelta(hours=n) for n in range(3)])
    by = latest_by(testimony.Testimony(folder=tmp_path, keys=[SIGNER.key], policy=trusted))

    found = by(index, Outside(at=stamp(START + YEAR), by="witness", name=name))

    assert found == START + timedelta(hours=hours)
