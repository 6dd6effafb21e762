"""Acts against a station, and by whoever has its keys."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.clip import ClipState
from evidence.clock import SystemClock
from evidence.custody import EntryKind, station_act_message
from evidence.digest import Sha256
from station.at_rest import stored_dockings, stored_items
from tests.insider.acts import act
from tests.insider.home import FOOTAGE, Home


@act("I-50")
async def test_an_act_is_put_into_the_mouth_of_a_station(home: Home) -> None:
    """The log's key is held, that of the station is not."""
    index, entries = home.find(EntryKind.STATION_ACT, 1), home.entries()
    told = json.loads(entries[index])
    act_ = told["act"].replace('"kind":"', '"kind":"x', 1)
    message = station_act_message(told["by"], told["n"], act_.encode())
    told |= {"act": act_, "signature": Ed25519PrivateKey.generate().sign(message).hex()}
    entries[index] = json.dumps(told, separators=(",", ":"), sort_keys=True).encode()
    home.rewrite(entries)

    assert (5, "station act") in await home.named()


@act("I-51")
def test_a_file_of_the_card_is_kept_back(home: Home) -> None:
    """The station's database has lost a clip; the signed record of its docking counts three."""
    station = home.folder / "home" / "station"
    with closing(sqlite3.connect(station / "journal.sqlite")) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute("PRAGMA foreign_keys = OFF")
        (clip,) = db.execute("SELECT max(id) FROM clip").fetchone()
        db.execute("DELETE FROM sighting WHERE clip = ?", (clip,))
        db.execute("DELETE FROM clip WHERE id = ?", (clip,))

    (docking,) = stored_dockings(station, None, SystemClock())

    assert docking.begin is not None
    assert docking.begin["files"] == len(FOOTAGE)
    assert len(stored_items(station, SystemClock())) == len(FOOTAGE) - 1


@act("I-52")
def test_the_row_of_a_clip_is_removed_from_the_journal(own: Home) -> None:
    """Its signed entries and its sighting are left; the archive has it all."""
    station = own.folder / "home" / "station"
    with closing(sqlite3.connect(station / "journal.sqlite")) as db, db:
        db.execute("DROP TRIGGER clip_is_kept")
        (clip,) = db.execute("SELECT max(id) FROM clip").fetchone()
        db.execute("DELETE FROM clip WHERE id = ?", (clip,))

    items = stored_items(station, SystemClock())

    assert len(items) == len(FOOTAGE)
    (named,) = [each for each in items if each.problem and "is gone from" in each.problem]
    assert clip in str(named.problem)
    assert (named.state, named.sha256) == (ClipState.ARCHIVED, Sha256.of(FOOTAGE[named.name]))
