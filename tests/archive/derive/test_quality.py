"""Quality hints: the rules, what is sampled for them, and the job that keeps them."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import URL, text

from archive.catalogue.catalogue import Transaction
from archive.catalogue.database import changed
from archive.catalogue.tables import LookRow
from archive.derive.quality import HEIGHT, WIDTH, Hint, HintKind, Pictures, Sound, hints
from evidence.migration.revisions import engine_for
from ingest.rendition.tools import Tools
from tests.archive.derive import quality_cases
from tests.archive.derive.test_check import Studio
from tests.archive.house import House
from tests.archive.places import here
from tests.conftest import Count
from tests.postgres import APP, OWNER

PAGE = Path(__file__).parents[3] / "docs" / "quality-signals.md"
COVERED = "color=gray:s=320x180:r=10:d=8,noise=alls=4:allf=t"
MOVING = "testsrc2=s=320x180:r=10:d=8,noise=alls=12:allf=t"


def test_the_page_shows_what_the_rules_do_on_the_generated_cases(count: Count) -> None:
    errors = quality_cases.measure()
    missed = sum(number for (_, _, end), number in errors.wrong.items() if end == "FN")
    false = sum(number for (_, _, end), number in errors.wrong.items() if end == "FP")

    assert quality_cases.table(errors) in PAGE.read_text(encoding="utf-8")
    cases = (len(quality_cases.SIGHTS) + len(quality_cases.SOUNDS)) * quality_cases.EACH
    count(f"quality hints: {cases} generated cases, {missed} missed, {false} false")


def pictures(*frames: np.ndarray) -> Pictures:
    at = tuple(range(0, len(frames) * 1000, 1000))
    return Pictures(at_ms=at, frames=np.stack(frames), end_ms=len(frames) * 1000)


def test_a_span_has_the_times_of_its_pictures() -> None:
    chance = np.random.default_rng(1)
    good = list(quality_cases.day(chance)[:10])
    dark = [np.zeros((HEIGHT, WIDTH), np.uint8)] * 5
    loud = Sound(peaks=(-6.0,) * 15, end_ms=15_000)

    found = hints(pictures(*good[:6], *dark, *good[6:]), loud, 15_000)

    assert found == [Hint(start_ms=6000, end_ms=11_000, kind=HintKind.DARK, value=0)]


def test_what_lasts_a_moment_is_not_told() -> None:
    chance = np.random.default_rng(1)
    good = list(quality_cases.day(chance)[:10])
    dark = [np.zeros((HEIGHT, WIDTH), np.uint8)] * 2

    assert hints(pictures(*good, *dark), Sound(peaks=(-6.0,) * 12, end_ms=12_000), 12_000) == []


def test_no_sound_track_is_its_own_hint() -> None:
    chance = np.random.default_rng(1)

    found = hints(pictures(*quality_cases.day(chance)), None, 20_000)

    assert found == [Hint(start_ms=0, end_ms=20_000, kind=HintKind.NO_SOUND, value=0)]


def test_of_very_many_spans_the_longest_are_kept() -> None:
    peaks = ([-np.inf] * 4 + [-6.0]) * 300
    found = hints(None, Sound(peaks=tuple(peaks), end_ms=len(peaks) * 1000), len(peaks) * 1000)

    assert len(found) == 100


def _shoot(folder: Path, name: str, sight: str, sound: str | None) -> Path:
    heard = ["-f", "lavfi", "-i", sound, "-c:a", "aac"] if sound else []
    argv = ["-nostdin", "-v", "error", "-f", "lavfi", "-i", sight, *heard]
    coding = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "10",
        "-t",
        "8",
    ]
    ffmpeg = str(Tools.find().ffmpeg)
    subprocess.run([ffmpeg, *argv, *coding, "-t", "8", name], cwd=folder, check=True, timeout=60)
    return folder / name


@pytest.fixture
async def studio(house: House) -> AsyncIterator[Studio]:
    tools = Tools.find()
    async with house.with_(tools=tools).opened() as door:
        yield Studio(door=door, station=await door.station(), tools=tools)


@pytest.mark.parametrize(
    ("sight", "sound", "kinds"),
    [
        (MOVING, "sine=440", []),
        (COVERED, "anullsrc", ["covered", "silent"]),
        (MOVING, None, ["no_sound"]),
    ],
    ids=["ordinary", "covered and silent", "without a track"],
)
async def test_a_docked_recording_gets_its_hints_with_an_entry(
    studio: Studio, tmp_path: Path, sight: str, sound: str | None, kinds: list[str]
) -> None:
    recording = await asyncio.to_thread(_shoot, tmp_path, "clip.mp4", sight, sound)
    clip = await studio.archive(recording)
    assert await studio.send(clip, await studio.made(recording, tmp_path / "into")) == 200

    detail = await studio.judged(clip)

    assert detail.quality is not None
    assert [hint.kind for hint in detail.quality.hints] == kinds
    assert (detail.quality.frames, detail.quality.seconds) == (8, 8 if sound else 0)
    (entry,) = [each for each in detail.entries if each.kind == "quality.look"]
    assert entry.index == detail.quality.entry
    assert [hint["kind"] for hint in json.loads(entry.text)["hints"]] == kinds

    await points_elsewhere(studio, clip, detail.entries[0].index)
    assert (await studio.judged(clip)).quality is None


async def points_elsewhere(studio: Studio, clip: str, entry: int) -> None:
    """Let the clip's row name another *entry*, as somebody with the database would."""

    def change(tx: Transaction) -> None:
        tx.session.get_one(LookRow, clip).by_entry = entry

    await studio.door.archive._books.catalogue.run(change)


def signatures_in(where: Path | URL) -> list[str | None]:
    """Which signatures of cameras the catalogue there knows of each rendition."""
    engine = engine_for(where)
    with engine.connect() as db:
        seen = db.execute(text("SELECT camera_signatures FROM rendition")).scalars().all()
    engine.dispose()
    return list(seen)


async def test_going_back_a_revision_fills_the_tables_from_the_log(
    house: House, tmp_path: Path
) -> None:
    async with house.with_(tools=Tools.find()).opened() as door:
        studio = Studio(door=door, station=await door.station(), tools=Tools.find())
        recording = await asyncio.to_thread(_shoot, tmp_path, "clip.mp4", COVERED, None)
        clip = await studio.archive(recording)
        await studio.send(clip, await studio.made(recording, tmp_path / "into"))
        shown = (await studio.judged(clip)).quality
    assert shown is not None
    where = here(house.parts.folder / "catalogue.sqlite")
    where = where.set(username=OWNER) if isinstance(where, URL) else where

    changed(where, "0005")
    engine = engine_for(where)
    with engine.connect() as db:
        spans = db.execute(text("SELECT kind, start_ms, end_ms FROM hint ORDER BY nth")).all()
        assert db.execute(text("SELECT frames, seconds FROM look")).all() == [(8, 0)]
    engine.dispose()
    changed(where, "head", [APP])

    assert spans == [(hint.kind, hint.start_ms, hint.end_ms) for hint in shown.hints]
    assert signatures_in(where) == [""], "looked for, and none found: the log tells"
    async with house.opened() as door:
        assert [each.quality for each in await door.archive.clips()] == [shown]
