"""The hostile set through the real path: classified, caged, and each an answer and no accident."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
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
from tests.ingest.rendition.hostile_media import Bait, bombs, mutants, playlists, polyglots

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


@dataclass(slots=True)
class Ends:
    """What became of each file, by name: ``made WxH`` or why not."""

    ends: dict[str, str] = field(default_factory=dict)
    slowest: float = 0.0
    """Seconds."""

    @property
    def made(self) -> dict[str, str]:
        return {name: end for name, end in self.ends.items() if end.startswith("made")}

    def __str__(self) -> str:
        made, every = len(self.made), len(self.ends)
        return (
            f"{every} files, {made} renditions, {every - made} plain refusals, 0 accidents, "
            f"slowest {self.slowest:.1f} s"
        )


async def outcomes(files: Iterable[tuple[str, bytes]], folder: Path, tools: Tools) -> Ends:
    """What becomes of *files*.  All but a rendition and RenditionFailed are accidents."""
    found = Ends()
    for name, data in files:
        original, into = folder / name, folder / "into"
        original.write_bytes(data)
        began = time.monotonic()
        try:
            async with asyncio.timeout(HANGS):
                made = await make(original, into, kind_of(original), tools=tools)
            found.ends[name] = f"made {made.width}x{made.height}"
        except RenditionFailed as error:
            found.ends[name] = str(error)
        found.slowest = max(found.slowest, time.monotonic() - began)
        assert original.read_bytes() == data, f"{name} was changed"
        assert CANARY not in b"".join(_files(into)), f"{name} shows another case"
        original.unlink()
    return found


def _files(folder: Path) -> Iterator[bytes]:
    for above, _, names in os.walk(folder):
        for name in names:
            yield (Path(above) / name).read_bytes()


async def _mutants(clips: Path, folder: Path, tools: Tools, number: int) -> Ends:
    found = await outcomes(mutants(clips, number, SEED), folder, tools)
    assert 0 < len(found.made) < number
    return found


async def test_some_malformed_files_end_in_a_rendition_or_a_plain_refusal(
    clips: Path, tmp_path: Path, tools: Tools, count: Count
) -> None:
    found = await _mutants(clips, tmp_path, tools, 18)

    count(f"malformed media: {found}")


async def test_pictures_lost_by_a_copy_whose_sound_is_damaged_are_missed(
    clips: Path, tmp_path: Path, tools: Tools
) -> None:
    """Reading both streams ends with the sound, after 40 pictures of 60."""
    (damaged,) = (one for one in mutants(clips, 109, SEED) if one[0] == "108-bits-plain.mp4")

    found = await outcomes([damaged], tmp_path, tools)

    assert found.ends == {damaged[0]: "the copy has 40 pictures, the original 60"}


@pytest.mark.slow
async def test_500_malformed_files_end_in_a_rendition_or_a_plain_refusal(
    clips: Path, tmp_path: Path, tools: Tools, count: Count
) -> None:
    found = await _mutants(clips, tmp_path, tools, 500)

    count(f"malformed media: {found}")


async def test_the_tools_that_pip_brings_refuse_as_plainly_and_follow_nothing(
    clips: Path, tmp_path: Path, trap: Trap, count: Count
) -> None:
    pip = Tools.find(prefer=Route.PIP)
    files = [*mutants(clips, 6, SEED + 1), *list(playlists(clips, trap.bait))[::3]]

    ends = await outcomes(files, tmp_path, pip)

    assert trap.knocks == []
    count(f"hostile media and pip's tools: {ends}, 0 followed")


async def test_bombs_are_refused_or_cost_no_more_than_any_file(
    clips: Path, tmp_path: Path, tools: Tools, count: Count
) -> None:
    ends = await outcomes(bombs(clips), tmp_path, tools)

    count(f"media bombs: {ends}")


async def test_nothing_that_points_elsewhere_is_followed(
    clips: Path, tmp_path: Path, tools: Tools, trap: Trap, count: Count
) -> None:
    ends = await outcomes(playlists(clips, trap.bait), tmp_path, tools)

    assert ends.made == {"dref.mov": "made 320x180"}, (
        "its own pictures; those it points at are 160x90"
    )
    assert trap.knocks == []
    count(f"playlists and polyglots: {ends}, 0 followed")


async def test_what_is_footage_and_a_playlist_at_once_shows_its_own_pictures(
    clips: Path, tmp_path: Path, tools: Tools, trap: Trap, count: Count
) -> None:
    ends = await outcomes(polyglots(clips, trap.bait), tmp_path, tools)

    assert ends.made == ends.ends
    assert set(ends.made.values()) == {"made 320x180", "made 640x360"}, (
        "those they point at are 160x90"
    )
    assert trap.knocks == []
    count(f"footage that is a playlist, too: {ends}, 0 followed")
