"""The journal of a station that takes SM3 beside SHA-256, and of one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.clip import ClipClass
from evidence.clock import SetClock
from evidence.digests import Sm3, digests_of, sm3_maker
from ingest.pull import Pulled
from station.journal.journal import Journal
from station.journal.records import Kept
from tests.station.test_journal import KEY, NOW, PULLED, entries, finding


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.open(tmp_path / "journal.sqlite", KEY, SetClock(NOW))
    yield journal
    journal.close()


def test_without_sm3_entries_are_what_they_always_were(journal: Journal) -> None:
    clip = journal.found(finding(journal)).id
    journal.pulled(clip, finding(journal).key, PULLED, ClipClass.VIDEO)
    journal.verified(clip)

    pulled, verified = entries(journal)[-2:]
    assert sorted(pulled) == [
        *("acquisition", "at", "by", "class", "clip", "commitments", "kind", "sha256", "size", "v")
    ]
    assert sorted(verified) == ["at", "by", "clip", "kind", "sha256", "v"]


def test_sm3_stands_beside_sha256_in_what_the_station_signs(journal: Journal) -> None:
    clip, read = journal.found(finding(journal)).id, digests_of(b"footage", sm3_maker())
    copy = Pulled(sha256=read.sha256, sm3=read.sm3, size=7)
    journal.pulled(clip, finding(journal).key, copy, ClipClass.VIDEO)
    journal.verified(clip)

    for entry in entries(journal)[-2:]:
        assert {"sha256": entry["sha256"], "sm3": entry["sm3"]} == read.to_wire()
    assert journal.clip(clip).digests == read


def test_two_files_of_one_sha256_and_two_sm3_are_two_clips_and_an_alarm(journal: Journal) -> None:
    first = journal.found(finding(journal)).id
    one, other = (Pulled(sha256=PULLED.sha256, sm3=Sm3(bytes([n] * 32)), size=7) for n in (1, 2))
    journal.pulled(first, finding(journal).key, one, ClipClass.VIDEO)
    what = finding(journal, mtime_ns=2)

    kept = journal.pulled(journal.found(what).id, what.key, other, ClipClass.VIDEO)

    assert isinstance(kept, Kept)
    assert kept.alarm is not None
    assert "other bytes under the name" in kept.alarm
