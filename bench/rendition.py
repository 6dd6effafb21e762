"""Rendition: the copy a browser plays, with all that proves and describes it, beside ffmpeg.

``python -m bench.rendition --json``.  The deciding peer is ``ffmpeg -c copy`` alone: it copies, and
proves, hashes, draws and syncs nothing.  The second peer types all that a rendition holds with
ffmpeg, ffprobe and sha256sum.  The copying step of ours is also measured alone, in its cage, on
this recording and on one four times as long.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench import tools
from bench.command import Choice, Tell, main
from bench.footage import make_footage, stream_copy, stream_hash, tile_sheet
from bench.process import Largest, ended_children_cpu, own
from bench.report import Comparison, Cost, Peak, Report
from bench.rounds import Times, WrongResult, race
from bench.supply import MEGABYTE
from ingest.classify import HEAD, classify
from ingest.rendition.encoding import Encoding
from ingest.rendition.ffmpeg import Source
from ingest.rendition.make import make
from ingest.rendition.probe import probe
from ingest.rendition.rendition import RenditionKind
from ingest.rendition.tools import Tools
from ingest.rendition.transcode import LIKELY, plan
from ingest.rendition.workbench import Workbench

_LARGER = 4
"""How many times as long the second recording is."""
_MEDIA = "media.mp4"


@cache
def _tools() -> Tools:
    """As a station finds them once, when it starts."""
    return Tools.find()


@dataclass(slots=True, kw_only=True)
class Work:
    """Something that is done with one recording in an empty folder."""

    name: str
    original: Path
    folder: Path
    do: Callable[[Path, Path], None]
    """Called with the original and the folder."""
    cpu: float = 0.0
    """CPU seconds of our process in the last run."""
    children_cpu: float = 0.0
    """And of its children."""

    def prepare(self, number: int) -> None:
        del number  # the same recording every time: its copy is made anew
        self.folder.mkdir()
        self.original.read_bytes()

    def run(self) -> None:
        ours, theirs = own().cpu, ended_children_cpu()
        self.do(self.original, self.folder)
        self.cpu, self.children_cpu = own().cpu - ours, ended_children_cpu() - theirs

    def check(self) -> None:
        (media,) = self.folder.glob(f"{_MEDIA}*")
        if stream_hash(media) != stream_hash(self.original):
            raise WrongResult(f"{self.name}: the copy's coded streams are not the original's")
        shutil.rmtree(self.folder)


def rendition(original: Path, folder: Path) -> None:
    """Ours: everything that is handed to the archive."""
    with original.open("rb") as stream:
        kind = classify(stream.read(HEAD), original.name.encode(), original.stat().st_size)
    made = asyncio.run(make(original, folder, kind, tools=_tools()))
    if made.kind is not RenditionKind.COPY:
        raise WrongResult(f"the rendition is {made.kind}, not a copy")


def copying_step(original: Path, folder: Path) -> None:
    """Ours: the stream copy alone, and the prober that says what to copy, as they are made."""
    asyncio.run(_copying_step(original, folder))


async def _copying_step(original: Path, folder: Path) -> None:
    source = Source(path=original, demuxer="mov")
    bench = Workbench(source=source, folder=folder, tools=_tools(), progress=None)
    async with Encoding(bench) as encoding:
        await encoding.begin(LIKELY)
        probed = await probe(bench.tools, source, await bench.lay_tray())
        bench.seconds = probed.seconds
        await encoding.begin(plan(probed))
        await encoding.done()


def copy(original: Path, folder: Path) -> None:
    """The deciding peer."""
    stream_copy(original, folder / _MEDIA)


def everything(original: Path, folder: Path) -> None:
    """The second peer: copy, both digests, frame times, tiles, digest of the file, all synced."""
    media = folder / _MEDIA
    stream_copy(original, media)
    if stream_hash(original) != stream_hash(media):
        raise WrongResult("ffmpeg's copy is not the original")
    tools.run(["ffprobe", "-v", "error", "-show_packets", "-of", "csv", original])
    tile_sheet(media, folder / "tiles.jpg")
    tools.run(["sha256sum", media])
    tools.run(["sync", "-f", folder])


def measure(choice: Choice, tell: Tell) -> Report:
    """Race all four; the copying step on a longer recording, too; then memory at both lengths."""
    size = choice.megabytes * MEGABYTE
    whole, peer, step, careful = _contestants(choice.folder, size)
    times = race([whole, peer, step, careful], choice.rounds, tell)
    _, peer_longer, step_longer, _ = _contestants(choice.folder, size * _LARGER)
    longer = race([peer_longer, step_longer], choice.rounds, lambda text: tell(f"longer: {text}"))
    return Report(
        bench="rendition",
        comparisons=[
            _compared(times, whole, peer),
            _compared(times, step, peer),
            _compared(longer, step_longer, peer_longer),
            _compared(times, whole, careful),
        ],
        deciding=1,
        cache="original warm",
        child="tools",
        costs=[_cost(each) for each in (whole, step, peer, careful)],
        peaks=[_peak(each.original, choice.folder / "peak") for each in (whole, step_longer)],
        facts={"peer_version": tools.version("ffmpeg", "-version"), "cage": _tools().cage.words},
    )


def _contestants(folder: Path, size: int) -> list[Work]:
    """All four, on a new recording of about *size* bytes."""
    original = folder / f"original-{size}.mp4"
    make_footage(original, size)
    found = (
        ("evidock: whole rendition", rendition),
        ("ffmpeg -c copy", copy),
        ("evidock: copying step alone", copying_step),
        ("ffmpeg + ffprobe + sha256sum for the same", everything),
    )
    return [Work(name=name, original=original, folder=folder / "made", do=do) for name, do in found]


def _compared(times: Mapping[str, Times], ours: Work, other: Work) -> Comparison:
    size = ours.original.stat().st_size
    return Comparison(
        case=f"{ours.name}, {size // MEGABYTE} MB",
        bytes=size,
        ours_name=ours.name,
        ours=times[ours.name],
        peer_name=other.name,
        peer=times[other.name],
    )


def _cost(work: Work) -> Cost:
    size = work.original.stat().st_size
    return Cost(step=work.name, bytes=size, ours=work.cpu, other=work.children_cpu)


def _peak(original: Path, into: Path) -> Peak:
    """What was resident at most while *original* was handled: in us, and in the largest tool."""
    own().forget_peak()
    with Largest() as largest:
        rendition(original, into)
    shutil.rmtree(into)
    return Peak(bytes=original.stat().st_size, ours=own().peak, other=largest.bytes)


if __name__ == "__main__":
    sys.exit(main("rendition", __doc__ or "", 256, measure, ("ffmpeg", "ffprobe", "sha256sum")))
