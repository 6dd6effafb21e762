"""Hostile media on docked cards: whatever becomes of their renditions, no original is lost."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from evidence.clip import ClipState
from evidence.digest import Sha256
from evidence.vault.s3 import S3Vault
from ingest.rendition.tools import Tools
from tests.conftest import Count
from tests.ingest.rendition.conftest import make_clips
from tests.ingest.rendition.hostile_media import Bait, bombs, mutants, playlists
from tests.station.yard import Yard


@pytest.mark.slow
async def test_every_hostile_original_is_archived_bit_for_bit_and_its_card_is_emptied(
    tmp_path: Path, agency_vault: S3Vault, count: Count
) -> None:
    clips = tmp_path / "clips"
    make_clips(clips, Tools.find())
    bait = Bait(secret=tmp_path / "secret", footage=clips / "long.mp4", port=9)
    made = [*mutants(clips, 60, seed=7), *bombs(clips), *playlists(clips, bait)]
    yard = Yard(home=tmp_path / "home", vault=agency_vault, erase=True)
    card = yard.card("cam-1", {os.fsencode(name): data for name, data in made})

    async with asyncio.timeout(600), yard.archive() as archive, yard.station(archive) as station:
        await station.wait_settled()
        items = await station.items()

    assert {os.fsdecode(item.path): item.sha256 for item in items} == {
        name: Sha256.of(data) for name, data in made
    }
    assert {item.state for item in items} == {ClipState.RELEASED}
    assert list(card.iterdir()) == []
    count(f"hostile media docked: {len(made)} files, {len(items)} archived, 0 lost")
