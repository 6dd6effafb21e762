"""Hostile media on docked cards: whatever becomes of their renditions, no original is lost."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.clip import ClipState
from evidence.digest import Sha256
from evidence.vault.s3 import S3Vault
from ingest.rendition.cage import CageRule, NoCage
from ingest.rendition.tools import Tools
from tests.conftest import Count
from tests.e2e.hostile import make_footage
from tests.ingest.rendition.conftest import make_clips
from tests.ingest.rendition.hostile_media import Bait, bombs, mutants, playlists
from tests.station.yard import Yard, seen, settled


async def test_without_the_required_cage_originals_are_archived_and_renditions_wait_for_it(
    tmp_path: Path, agency_vault: S3Vault
) -> None:
    tools = Tools.find()
    footage = make_footage(tmp_path / "clip.mp4")
    missing = NoCage(reason="bwrap is not installed", rule=CageRule.REQUIRED)
    yard = Yard(home=tmp_path / "home", vault=agency_vault, tools=replace(tools, cage=missing))
    yard.card("cam-1", {b"clip.mp4": footage})
    async with yard.archive() as archive:
        async with yard.station(archive) as station:
            await seen(lambda: len(station.snapshot().problems) > 1)
            problems = station.snapshot().problems
            (held,) = await station.items()
        yard.tools = tools
        async with yard.station(archive) as station:
            await settled(station)

    assert problems[0] == "media is not opened, since it cannot be caged: bwrap is not installed"
    assert (held.state, held.rendition, held.sha256) == (
        ClipState.ARCHIVED,
        None,
        Sha256.of(footage),
    )
    assert [item.rendition for item in yard.journal()] == ["copy"]


async def test_a_missing_cage_stands_on_the_board_all_the_time(
    tmp_path: Path, agency_vault: S3Vault
) -> None:
    bare = NoCage(reason="bwrap is not installed", rule=CageRule.WHEN_POSSIBLE)
    yard = Yard(home=tmp_path / "home", vault=agency_vault, tools=replace(Tools.find(), cage=bare))
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        problems = station.snapshot().problems

    assert problems == ("media is opened without a cage: bwrap is not installed",)


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
