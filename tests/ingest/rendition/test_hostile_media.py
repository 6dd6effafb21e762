"""The hostile set through the real path: classified, caged, and each an answer and no accident."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidence.errors import RenditionFailed
from ingest.rendition.make import make
from ingest.rendition.tools import Route, Tools
from tests.conftest import Count
from tests.ingest.rendition.conftest import kind_of
from tests.ingest.rendition.hostile_media import Bait, bombs, mutants, playlists

SEED = 20261126
HANGS = 120
"""Seconds after which a file has hung up the lane: far beyond what any of them takes."""

CANARY = b"CANARY-6f2c1d-of-another-case"


@dataclass(slots=True, kw_only=True)
class Trap:
    """The bait, and who took it."""

    bait: Bait
    knocks: list[str] = field(default_factory=list)


@pytest.fixture
def trap(tmp_path: Path, clips: Path) -> Iterator[Trap]:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(CANARY * 100)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        held = Trap(bait=Bait(secret=secret, footage=clips / "long.mp4", port=port))

        def listen() -> None:
            while True:
                try:
                    line, peer = server.accept()
                except OSError:
                    return
                held.knocks.append(str(peer))
                line.close()

        threading.Thread(target=listen, daemon=True).start()
        yield held
        server.shutdown(socket.SHUT_RDWR)


async def outcomes(
    files: Iterable[tuple[str, bytes]], folder: Path, tools: Tools
) -> dict[str, str]:
    """name -> ``made WxH`` or why not.  All but a rendition and RenditionFailed are accidents."""
    ends = {}
    for name, data in files:
        original, into = folder / name, folder / "into"
        original.write_bytes(data)
        try:
            async with asyncio.timeout(HANGS):
                made = await make(original, into, kind_of(original), tools=tools)
            ends[name] = f"made {made.width}x{made.height}"
        except RenditionFailed as error:
            ends[name] = str(error)
        assert original.read_bytes() == data, f"{name} was changed"
        assert CANARY not in b"".join(_files(into)), f"{name} shows another case"
        original.unlink()
    return ends


def _files(folder: Path) -> Iterator[bytes]:
    for above, _, names in os.walk(folder):
        for name in names:
            yield (Path(above) / name).read_bytes()


def told(ends: dict[str, str]) -> str:
    kinds = Counter("made" if end.startswith("made") else "refused" for end in ends.values())
    return f"{len(ends)} files, {kinds['made']} renditions, {kinds['refused']} plain refusals"


async def _mutants(clips: Path, folder: Path, tools: Tools, number: int) -> str:
    ends = await outcomes(mutants(clips, number, SEED), folder, tools)
    assert 0 < sum(end.startswith("made") for end in ends.values()) < number
    return told(ends)


async def test_some_malformed_files_end_in_a_rendition_or_a_plain_refusal(
    clips: Path, tmp_path: Path, tools: Tools, count: Count
) -> None:
    found = await _mutants(clips, tmp_path, tools, 36)

    count(f"malformed media: {found}, 0 accidents")


@pytest.mark.slow
async def test_500_malformed_files_end_in_a_rendition_or_a_plain_refusal(
    clips: Path, tmp_path: Path, tools: Tools, count: Count
) -> None:
    found = await _mutants(clips, tmp_path, tools, 500)

    count(f"malformed media: {found}, 0 accidents")


async def test_the_tools_that_pip_brings_refuse_as_plainly_and_follow_nothing(
    clips: Path, tmp_path: Path, trap: Trap, count: Count
) -> None:
    pip = Tools.find(prefer=Route.PIP)
    files = [*mutants(clips, 12, SEED + 1), *list(playlists(clips, trap.bait))[::3]]

    ends = await outcomes(files, tmp_path, pip)

    assert trap.knocks == []
    count(f"hostile media and pip's tools: {told(ends)}, 0 accidents, 0 followed")


async def test_bombs_are_refused_or_cost_no_more_than_any_file(
    clips: Path, tmp_path: Path, tools: Tools, count: Count
) -> None:
    ends = await outcomes(bombs(clips), tmp_path, tools)

    count(f"media bombs: {told(ends)}, 0 accidents")


async def test_nothing_that_points_elsewhere_is_followed(
    clips: Path, tmp_path: Path, tools: Tools, trap: Trap, count: Count
) -> None:
    ends = await outcomes(playlists(clips, trap.bait), tmp_path, tools)

    made = {name: end for name, end in ends.items() if end.startswith("made")}
    assert made == {"dref.mov": "made 320x180"}, "its own pictures; those it points at are 160x90"
    assert trap.knocks == []
    count(f"playlists and polyglots: {told(ends)}, 0 followed")
