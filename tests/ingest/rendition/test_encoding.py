"""Media that is begun before it is certain how to make it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from evidence.errors import RenditionFailed
from ingest.rendition.encoding import Encoding
from ingest.rendition.ffmpeg import Source
from ingest.rendition.probe import probe
from ingest.rendition.side_by_side import beside, both
from ingest.rendition.tools import Tools
from ingest.rendition.transcode import LIKELY, plan
from ingest.rendition.workbench import Workbench

MADE = "media.mp4.part"


def bench_of(original: Path, folder: Path, tools: Tools) -> Workbench:
    source = Source(path=original, demuxer="mov")
    return Workbench(source=source, folder=folder, tools=tools, progress=None)


def await_whole(file: Path) -> None:
    """Return once *file* has been there for ten times as long as it takes to write."""
    while not file.exists():
        time.sleep(0.01)
    time.sleep(0.5)


async def made_of(bench: Workbench) -> None:
    """As a rendition is begun: likely, then certain."""
    async with Encoding(bench) as encoding:
        await encoding.begin(LIKELY)
        probed = await probe(bench.tools, bench.source, await bench.lay_tray())
        await encoding.begin(plan(probed))
        await encoding.done()


async def test_what_was_likely_and_is_certain_is_made_once(
    clips: Path, tmp_path: Path, tools: Tools
) -> None:
    bench = bench_of(clips / "plain.mp4", tmp_path, tools)

    await made_of(bench)

    (command,) = bench.commands
    assert command.count("copy") == 2
    assert (tmp_path / MADE).stat().st_size > 0
    # The media's own is gone, the prober's is there, and nothing else was tried.
    assert len(list(bench.trays.iterdir())) == 1


@pytest.mark.parametrize("name", ["hevc.mp4", "uneven.mp4"])
async def test_what_was_begun_in_vain_is_given_up_and_not_told_of(
    name: str, clips: Path, tmp_path: Path, tools: Tools
) -> None:
    bench = bench_of(clips / name, tmp_path, tools)

    await made_of(bench)

    (command,) = bench.commands
    assert "ORIGINAL" in command
    assert (tmp_path / MADE).stat().st_size > 0


async def test_what_was_made_in_vain_leaves_nothing(
    clips: Path, tmp_path: Path, tools: Tools
) -> None:
    """A copy may be ready before it is known that none is wanted."""
    bench = bench_of(clips / "hevc.mp4", tmp_path, tools)
    probed = await probe(bench.tools, bench.source, await bench.lay_tray())

    async with Encoding(bench) as encoding:
        await encoding.begin(LIKELY)
        await asyncio.to_thread(await_whole, bench.trays / "2" / MADE)
        await encoding.begin(plan(probed))
        assert not (bench.trays / "2").exists()
        await encoding.done()

    (command,) = bench.commands
    assert "libx264" in command


async def test_a_tool_that_fails_is_heard_of_when_it_is_waited_for(
    tmp_path: Path, tools: Tools
) -> None:
    (broken := tmp_path / "broken.mp4").write_bytes(b"no box at all")
    bench = bench_of(broken, tmp_path, tools)

    async with Encoding(bench) as encoding:
        await encoding.begin(LIKELY)
        with pytest.raises(RenditionFailed, match="ffmpeg ended with"):
            await encoding.done()


async def test_a_block_that_is_left_leaves_no_tool_running(
    clips: Path, tmp_path: Path, tools: Tools
) -> None:
    bench = bench_of(clips / "plain.mp4", tmp_path, tools)

    async def left() -> None:
        async with Encoding(bench) as encoding:
            await encoding.begin(LIKELY)
            await asyncio.sleep(0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await left()
    assert not (tmp_path / MADE).exists()
    assert bench.commands == []


async def test_of_two_side_by_side_the_first_failure_ends_both() -> None:
    ended = []

    async def fails() -> int:
        raise RenditionFailed("it cannot be told apart")

    async def goes_on() -> int:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("gone on")
        return 1

    async def gives(value: int) -> int:
        await asyncio.sleep(0)
        return value

    assert await both(gives(1), gives(2)) == (1, 2)
    for pair in ((fails(), goes_on()), (goes_on(), fails())):
        with pytest.raises(RenditionFailed, match="told apart"):
            await both(*pair)
    assert ended == ["gone on"] * 2


async def test_whoever_is_cancelled_tidies_up_undisturbed() -> None:
    tidied = []

    async def slow(turns: int) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            for _ in range(turns):
                await asyncio.sleep(0)
            tidied.append(turns)

    pair = asyncio.create_task(both(slow(1), slow(9)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    pair.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pair
    assert tidied == [1, 9]


async def test_what_is_done_beside_ends_with_the_block() -> None:
    done: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(0.01)
            done.append("work")
        except asyncio.CancelledError:
            done.append("cancelled")
            raise

    async def left() -> None:
        async with beside(work()):
            await asyncio.sleep(0)
            raise ZeroDivisionError

    async with beside(work()):
        done.append("block")
    with pytest.raises(ZeroDivisionError):
        await left()
    assert done == ["block", "work", "cancelled"]
