"""A station that takes SM3 beside SHA-256, from the card until the camera has forgotten."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.fixity import nobody
from evidence.clip import ClipState
from evidence.digests import digests_of, sm3_maker
from evidence.vault.s3 import S3Vault
from tests.station.test_releasing import files_on
from tests.station.yard import Yard, once

FOOTAGE = b"footage" * 1000
READ = digests_of(FOOTAGE, sm3_maker()).to_wire()
BEFORE = {"sha256": READ["sha256"]}
OF_STATION = ("clip.pulled", "clip.verified", "clip.released")
OF_ARCHIVE = ("archive.verified", "release.grant")


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    made = Yard(home=tmp_path / "home", vault=agency_vault)
    made.card("cam-1", {b"1.mp4": FOOTAGE})
    return made


async def run(yard: Yard, *, sm3: bool, erase: bool) -> None:
    """The station once more over its card, which was away meanwhile."""
    card, away = yard.docks / "cam-1", yard.home / "away"
    if (yard.home / "station" / "journal.sqlite").exists():
        card.rename(away)
        await once(yard)
        away.rename(card)
    yard.station_settings = replace(yard.station_settings, also_sm3=sm3)
    yard.erase = erase
    await once(yard)


def told(yard: Yard) -> dict[str, dict[str, str]]:
    """Kind of entry -> the digests in it."""
    with closing(sqlite3.connect(yard.home / "archive" / "catalogue.sqlite")) as db:
        rows = [json.loads(raw) for (raw,) in db.execute("SELECT raw FROM entry ORDER BY seq")]
    acts = [json.loads(each["act"]) for each in rows if each["kind"] == "station.act"]
    found = {each["kind"]: each["digests"] for each in rows if each["kind"] in OF_ARCHIVE}
    for act in acts:
        if act["kind"] in OF_STATION:
            found[act["kind"]] = {name: act[name] for name in READ if name in act}
    return found


@pytest.mark.parametrize("sm3", [True, pytest.param(False, marks=pytest.mark.slow)])
async def test_every_entry_from_card_to_erase_tells_both_or_sha256_alone(
    yard: Yard,
    sm3: bool,  # noqa: FBT001
) -> None:
    await run(yard, sm3=sm3, erase=True)

    assert {item.state for item in yard.journal()} == {ClipState.RELEASED}
    assert told(yard) == dict.fromkeys((*OF_STATION, *OF_ARCHIVE), READ if sm3 else BEFORE)
    async with yard.archive() as archive:
        assert await archive.examine(nobody) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", [True, False])
async def test_a_card_is_emptied_though_the_setting_was_changed_meanwhile(
    yard: Yard,
    first: bool,  # noqa: FBT001
) -> None:
    """What has an SM3 on record is read again with it, whatever the setting is by then."""
    await run(yard, sm3=first, erase=False)
    await run(yard, sm3=not first, erase=True)

    assert files_on(yard.docks / "cam-1") == []
    wanted = READ if first else BEFORE
    assert {kind: told(yard)[kind] for kind in OF_ARCHIVE} == dict.fromkeys(OF_ARCHIVE, wanted)
