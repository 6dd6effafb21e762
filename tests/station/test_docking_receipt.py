from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from evidence.vault.s3 import S3Vault
from station.docking_receipt import check_stored_receipt
from station.service import Station
from station.view import CardView
from tests.station.yard import Yard, seen, settled

FILES = {b"DCIM/VID_0001.MP4": b"one", b"DCIM/VID_0002.MP4": b"two"}


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault)


def only(station: Station) -> CardView:
    (card,) = station.snapshot().cards
    return card


async def receipt(station: Station) -> str:
    await settled(station)
    await seen(lambda: only(station).receipt is not None)
    return only(station).receipt or ""


def check(yard: Yard, text: str) -> list[str]:
    """What speaks against *text* while no station runs."""
    return check_stored_receipt(yard.home / "station", yard.receipts, text, yard.clock)


def by_sha256sum(receipts: Path) -> str:
    """What an outsider gets by ``sha256sum *.entry.json | cut -c1-64 | sort | sha256sum``."""
    entries = [file.read_bytes() for file in receipts.glob("*.entry.json")]
    lines = sorted(f"{hashlib.sha256(entry).hexdigest()}\n" for entry in entries)
    return hashlib.sha256("".join(lines).encode()).hexdigest().upper()


async def test_what_was_photographed_is_checked_years_later(yard: Yard) -> None:
    yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive) as station:
        text = await receipt(station)

        assert await station.check_receipt(text) == []
    assert check(yard, f" {text.lower()}\n") == []
    assert text.split(":")[5:] == ["2", by_sha256sum(yard.receipts)]


async def test_what_is_false_in_it_is_named(yard: Yard) -> None:
    yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive) as station:
        text = await receipt(station)
    head, clips, digest = text.rsplit(":", 2)
    parts = text.split(":")

    assert "speaks of 3 clips" in check(yard, f"{head}:3:{digest}")[0]
    assert "not the ones" in check(yard, f"{head}:{clips}:{'0' * 64}")[0]
    assert "no docking" in check(yard, ":".join([*parts[:4], "D-" + "0" * 32, *parts[5:]]))[0]
    assert (
        "from station s-000" in check(yard, ":".join([*parts[:3], "S-" + "0" * 32, *parts[4:]]))[0]
    )


@pytest.mark.slow
async def test_a_receipt_file_that_is_gone_or_false_is_named(yard: Yard) -> None:
    yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive) as station:
        text = await receipt(station)
    first, second = sorted(file for file in yard.receipts.iterdir() if "entry" not in file.name)
    first.unlink()
    second.chmod(0o600)
    second.write_bytes(b"forged")

    wrong = check(yard, text)

    assert len(wrong) == 2
    assert all(f"clip {file.name.split('.')[0]}" in " ".join(wrong) for file in (first, second))


async def test_there_is_none_while_something_is_missing(yard: Yard) -> None:
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    yard.card("cam-1", FILES)
    async with yard.station() as station:  # the archive is away
        await seen(lambda: bool(station.snapshot().cards) and only(station).word.value == "safe")

        assert only(station).receipt is None
        assert not only(station).cleared


async def test_a_file_that_comes_later_is_on_a_later_receipt(yard: Yard) -> None:
    yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive) as station:
        first = await receipt(station)
        yard.card("cam-1", {b"DCIM/VID_0003.MP4": b"three"})
        await seen(lambda: only(station).receipt not in {first, None})

        assert await station.check_receipt(only(station).receipt or "") == []
        assert "later receipt" in (await station.check_receipt(first))[0]
        assert not only(station).cleared  # this card is only read
        assert (only(station).profile, only(station).verified) == ("generic-dcim", "none")


async def test_a_card_is_cleared_once_it_has_forgotten_everything(yard: Yard) -> None:
    yard.erase = True
    yard.card("cam-1", FILES)
    yard.card("came-empty", {})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await seen(lambda: station.snapshot().cards[0].receipt is not None)
        await seen(lambda: station.snapshot().cards[0].cleared)

        assert not station.snapshot().cards[1].cleared
        assert await station.check_receipt(station.snapshot().cards[0].receipt or "") == []
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)

        # what was removed before may not have been synced
        assert not any(card.cleared for card in station.snapshot().cards)
