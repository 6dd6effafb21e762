import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import DigestMismatch
from ingest.source import Listed, Sort
from station.continuity import CardState, Continuity
from station.heard import ClockSeen, Heard
from station.journal.journal import Journal
from tests.station.test_journal import KEY

HEARD = Heard(
    id="t-" + 32 * "0",
    profile="amba-control",
    camera="cam-7",
    battery=87,
    firmware="V1.2 机密",
    clock=ClockSeen(
        shown="2026-11-28T02:00:00",
        at="2026-11-28T02:00:03.000Z",
        offset_ms=-3000,
        within_ms=20,
    ),
)
LISTING = (
    Listed(path=b"DCIM/0002.MP4", sort=Sort.FILE, size=7, mtime_ns=2),
    Listed(path=b"DCIM/0001.MP4", sort=Sort.FILE, size=5, mtime_ns=1),
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal.open(tmp_path / "journal.sqlite", KEY, SystemClock())
    yield made
    made.close()


def test_the_state_of_a_card_can_be_reckoned_anew_from_its_files() -> None:
    lines = b"4443494d2f303030312e4d5034 5 1 file\n4443494d2f303030322e4d5034 7 2 file\n"

    state = CardState.of(LISTING)

    assert (state.files, state.size) == (2, 12)
    assert state.listing == hashlib.sha256(lines).hexdigest()
    assert CardState.of(reversed(LISTING)) == state


def docked(journal: Journal) -> str:
    journal.told(HEARD, "1-2")
    return journal.dock(b"slot", "1-2", HEARD).id


def test_a_docking_has_a_record_without_names(journal: Journal) -> None:
    docking = docked(journal)
    before, after = CardState.of(LISTING), CardState.of(LISTING[:1])
    for state in (before, after):  # only the first look counts
        journal.begun(docking, state, "amba-control", "cam-7")
    last = Continuity(profile="amba-control", camera="cam-7", heard=HEARD, after=after, gaps=["x"])
    for _ in range(2):
        journal.undock(docking, last)

    (record,) = journal.dockings()

    assert record.begin is not None
    assert record.end is not None
    assert (record.begin["files"], record.begin["size"]) == (2, 12)
    told = {name: record.end[name] for name in ("how", "files", "battery", "gaps", "begin")}
    assert told == {"how": "left", "files": 1, "battery": 87, "gaps": 1, "begin": 3}
    assert (record.end["clock_offset_ms"], record.end["clock_within_ms"]) == (-3000, 20)
    assert record.end_words["firmware"] == "V1.2 机密"
    assert record.end_words["listing"] == after.listing
    acts = "".join(act.raw for act in journal.acts_after(0, 100))
    assert acts.count('"dock.end"') == 1
    assert not any(word in acts for word in ("cam-7", "V1.2", before.listing))


def test_a_card_that_left_unseen_has_a_record_that_says_no_more(journal: Journal) -> None:
    docking = docked(journal)
    journal.begun(docking, CardState.of(LISTING), "amba-control", None)
    journal.undock_all_but(frozenset())

    (record,) = journal.dockings()

    assert record.end is not None
    assert record.end["how"] == "unseen"
    assert record.end["battery"] == 87
    assert "files" not in record.end
    assert record.undocked is not None


def test_another_card_in_the_place_ends_the_docking(journal: Journal) -> None:
    docked(journal)
    journal.dock(b"slot", "another")

    here, gone = journal.dockings()

    assert here.end is None
    assert gone.end is not None
    assert gone.end["how"] == "unseen"


def test_an_opening_that_does_not_open_is_told(journal: Journal, tmp_path: Path) -> None:
    docking = docked(journal)
    journal.begun(docking, CardState.of(LISTING), "amba-control", "cam-7")
    record = sqlite3.connect(tmp_path / "journal.sqlite")
    with record:
        sealed = record.execute("SELECT begin_openings FROM docking").fetchone()[0]
        other = sealed.replace(b'"value_hex":"', b'"value_hex":"00')
        record.execute("UPDATE docking SET begin_openings = ?", (other,))
    record.close()

    with pytest.raises(DigestMismatch, match="does not match its commitment"):
        journal.dockings()
