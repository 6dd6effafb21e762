"""Serve: what a viewer waits for, beside nginx handing out the same file.

``python -m bench.serve --json``.  Ours is ``evidock up`` with default settings: the rendition of a
recording that was taken in, fetched through the player with a session and a leave on record, as a
browser gets it; and from the store with the archive's signed request, without the player between.
The peer is nginx with ``sendfile`` and the same file in a folder: no session, no record.  One
client asks all three, in turn, and checks every byte after the clock was stopped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.command import Choice, Tell, main
from bench.footage import make_footage
from bench.home import BenchHome, running_home
from bench.nginx import Nginx, running_nginx
from bench.reader import Reader
from bench.report import Comparison, Cost, Peak, Report
from bench.rounds import Times, race
from bench.supply import MEGABYTE
from bench.tools import version
from bench.viewers import Address, Watching
from evidence.segments import SegmentList

_LARGER = 4
"""How many times as large the second file is that memory is measured with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How the file is asked for."""

    label: str
    by_segment: bool
    viewers: int


_WAYS = (
    _Way(label="whole file, 1 viewer", by_segment=False, viewers=1),
    _Way(label="by segment, 1 viewer", by_segment=True, viewers=1),
    _Way(label="by segment, 8 viewers", by_segment=True, viewers=8),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A clip that can be watched."""

    home: BenchHome
    reader: Reader
    clip: str
    parts: SegmentList

    def through_player(self, way: _Way) -> Watching:
        """Ours, as a browser gets it."""
        return self._watching("player", way, lambda: self.reader.at_player(self.clip, self.media))

    def from_store(self, way: _Way) -> Watching:
        """Ours, with nothing between viewer and store."""
        return self._watching("store", way, lambda: self.reader.at_store(self.clip, self.media))

    @property
    def media(self) -> str:
        """Name of the object that is watched."""
        return self.parts.media

    def _watching(self, name: str, way: _Way, leave: Callable[[], Address]) -> Watching:
        return Watching(
            name=f"evidock: {name}",
            leave=leave,
            segments=self.parts.segments,
            by_segment=way.by_segment,
            viewers=way.viewers,
            servers=((self.home.process,), (self.home.engine,)),
        )


def from_nginx(nginx: Nginx, parts: SegmentList, way: _Way) -> Watching:
    """The peer."""
    address = Address(url=f"{nginx.url}{parts.media}")
    return Watching(
        name="nginx",
        leave=lambda: address,
        segments=parts.segments,
        by_segment=way.by_segment,
        viewers=way.viewers,
        servers=(nginx.processes,),
    )


def measure(choice: Choice, tell: Tell) -> Report:
    """Race all three in each way; then memory at two file sizes."""
    size = choice.megabytes * MEGABYTE
    with running_home(choice.folder) as home:
        reader = Reader.of(home)
        tell("taking in the recordings that are watched")
        served, long = (
            taken_in(home, reader, choice.folder / f"made-{each}", each)
            for each in (size, size * _LARGER)
        )
        root = choice.folder / "served"
        keep(served, root)
        with running_nginx(choice.folder / "nginx", root) as nginx:
            races = [_race(served, nginx, way, choice.rounds, tell) for way in _WAYS]
        tell("memory at two file sizes")
        peaks = [_peak(each) for each in (served, long)]
    return Report(
        bench="serve",
        comparisons=[
            *(each.took(each.player) for each in races),
            *(each.waited(each.player) for each in races),
            *(each.took(each.store) for each in races),
        ],
        deciding=len(races),
        cache="file warm",
        costs=[
            _cost(way.label, each)
            for way, ran in zip(_WAYS, races, strict=True)
            for each in ran.all
        ],
        peaks=peaks,
        facts={"peer_version": version("sh", "-c", "nginx -v 2>&1")},
    )


def taken_in(home: BenchHome, reader: Reader, folder: Path, size: int) -> Served:
    """A recording of about *size* bytes, docked, archived, rendered and compared."""
    card = folder / f"card-{size}"
    card.mkdir(parents=True)
    make_footage(card / "clip.mp4", size)
    before = {clip["id"] for clip in home.clips()}
    card.rename(home.docks / card.name)
    home.await_receipts(len(before) + 1)
    home.await_rest()
    (clip,) = {clip["id"] for clip in home.clips()} - before
    reader.await_looked_at(clip)
    return Served(home=home, reader=reader, clip=clip, parts=reader.segments(clip))


def keep(served: Served, root: Path) -> None:
    """Put the file that is watched into the folder *root*, every byte checked."""
    whole = served.from_store(_WAYS[0])
    whole.prepare(0)
    whole.run()
    root.mkdir()
    (root / served.media).write_bytes(whole.received)
    whole.check()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Race:
    """What came of one way of asking."""

    label: str
    times: dict[str, Times]
    player: Watching
    store: Watching
    peer: Watching

    @property
    def all(self) -> Sequence[Watching]:
        """Who took part."""
        return (self.player, self.store, self.peer)

    def took(self, ours: Watching) -> Comparison:
        """Seconds until everybody had everything: throughput, the other way round."""
        return Comparison(
            case=f"{ours.name}, {self.label}",
            bytes=ours.size * ours.viewers,
            ours_name=ours.name,
            ours=self.times[ours.name],
            peer_name=self.peer.name,
            peer=self.times[self.peer.name],
        )

    def waited(self, ours: Watching) -> Comparison:
        """Seconds from a request to its first byte."""
        return Comparison(
            case=f"first byte, {ours.name}, {self.label}",
            bytes=0,
            ours_name=ours.name,
            ours=ours.waits,
            peer_name=self.peer.name,
            peer=self.peer.waits,
        )


def _race(served: Served, nginx: Nginx, way: _Way, rounds: int, tell: Tell) -> _Race:
    player, store = served.through_player(way), served.from_store(way)
    peer = from_nginx(nginx, served.parts, way)
    times = race([player, store, peer], rounds, lambda text: tell(f"{way.label}: {text}"))
    return _Race(label=way.label, times=times, player=player, store=store, peer=peer)


def _cost(label: str, watching: Watching) -> Cost:
    """CPU of all rounds; of the peer, its processes stand where ours do."""
    ours, *other = watching.cpu
    return Cost(
        step=f"{watching.name}, {label}",
        bytes=watching.size * watching.viewers * watching.rounds,
        ours=ours,
        other=sum(other),
    )


def _peak(served: Served) -> Peak:
    """What was resident at most while eight viewers watched the file through the player."""
    watching = served.through_player(_WAYS[-1])
    watching.prepare(0)
    served.home.process.forget_peak()
    served.home.engine.forget_peak()
    watching.run()
    watching.check()
    return Peak(
        bytes=served.parts.size, ours=served.home.process.peak, other=served.home.engine.peak
    )


if __name__ == "__main__":
    sys.exit(main("serve", __doc__ or "", 64, measure, ("ffmpeg", "nginx")))
