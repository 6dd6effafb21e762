"""What a benchmark found: ratios first, then what they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.table import Table

from bench.rounds import Times, pairs

_GIGABYTE = 1e9
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Ours and one peer, over the same rounds."""

    case: str
    bytes: int
    """Bytes of footage that one run handles; 0 where the time is not one of handling them."""
    ours_name: str
    ours: Times
    peer_name: str
    peer: Times

    @property
    def ratio(self) -> float:
        """Median of ours over median of the peer: below 1 we are faster."""
        return round(self.ours.median / self.peer.median, 3)

    def to_wire(self) -> dict[str, object]:
        return {
            "case": self.case,
            "bytes": self.bytes,
            "ours_name": self.ours_name,
            "ours": self.ours.to_wire(),
            "peer_name": self.peer_name,
            "peer": self.peer.to_wire(),
            "ratio": self.ratio,
            "ratio_by_round": pairs(self.ours, self.peer),
            "bytes_per_second": self._throughput(),
        }

    def _throughput(self) -> dict[str, int] | None:
        if not self.bytes:
            return None
        return {
            "ours": round(self.bytes / self.ours.median),
            "peer": round(self.bytes / self.peer.median),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds of one step, done alone."""

    step: str
    bytes: int
    ours: float
    """CPU seconds of our process."""
    other: float = 0.0
    """CPU seconds of the child that works for us: the store, or ffmpeg."""

    def to_wire(self) -> dict[str, object]:
        """As CPU seconds per GB (10^9 bytes)."""
        scale = _GIGABYTE / self.bytes
        return {
            "step": self.step,
            "ours": round(self.ours * scale, 3),
            "other": round(self.other * scale, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most memory that was resident while one file of *bytes* was handled."""

    bytes: int
    ours: int
    other: int = 0
    """Of the child that works for us."""

    def to_wire(self) -> dict[str, int]:
        return {"bytes": self.bytes, "ours": self.ours, "other": self.other}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one benchmark found."""

    bench: str
    comparisons: Sequence[Comparison]
    """The first ones are those the contract's ``ratio`` is taken from: the worst of *deciding*."""
    deciding: int
    cache: str
    """In which state the page cache was when the clocks started."""
    child: str = "store"
    """Who the child that works for us is."""
    costs: Sequence[Cost] = ()
    peaks: Sequence[Peak] = ()
    facts: dict[str, object] = field(default_factory=dict)

    def to_wire(self) -> dict[str, object]:
        """The contract's fields, from the worst of the deciding comparisons, and all the rest."""
        worst = max(self.comparisons[: self.deciding], key=lambda each: each.ratio)
        return {
            "bench": self.bench,
            "ours": round(worst.ours.median, 6),
            "peer": round(worst.peer.median, 6),
            "peer_name": worst.peer_name,
            "ratio": worst.ratio,
            "unit": "s",
            "case": worst.case,
            "cache": self.cache,
            "child": self.child,
            "comparisons": [each.to_wire() for each in self.comparisons],
            "cpu_seconds_per_gb": [each.to_wire() for each in self.costs],
            "peak_bytes": [each.to_wire() for each in self.peaks],
            **self.facts,
        }

    @property
    def tables(self) -> Iterator[Table]:
        """For people."""
        yield self._comparisons()
        if self.costs:
            yield self._costs()
        if self.peaks:
            yield self._peaks()

    def _comparisons(self) -> Table:
        table = _table(
            f"bench.{self.bench}, {self.cache}: seconds, median (min to max)",
            ("case", "ours", "peer", "peer's name", "ratio", "by round"),
        )
        for each in self.comparisons:
            spread = pairs(each.ours, each.peer)
            table.add_row(
                each.case,
                _seconds(each.ours),
                _seconds(each.peer),
                each.peer_name,
                f"{each.ratio:.2f}",
                f"{spread['min']:.2f} to {spread['max']:.2f}",
            )
        return table

    def _costs(self) -> Table:
        table = _table("CPU seconds per GB, each step alone", ("step", "ours", self.child))
        for each in self.costs:
            told = each.to_wire()
            table.add_row(each.step, f"{told['ours']:.2f}", f"{told['other']:.2f}")
        return table

    def _peaks(self) -> Table:
        table = _table("peak memory, MiB", ("file, MB", "ours", self.child))
        for each in self.peaks:
            table.add_row(
                f"{each.bytes / 1e6:.0f}", f"{each.ours / _MIB:.0f}", f"{each.other / _MIB:.0f}"
            )
        return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table


def _seconds(times: Times) -> str:
    return f"{times.median:.3g} ({min(times.runs):.3g} to {max(times.runs):.3g})"
