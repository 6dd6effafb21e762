"""The tables of ``docs/benchmarks.md``, from what ``make bench`` wrote.

``python -m bench.tables var/bench/results.jsonl`` prints them; with ``--into docs/benchmarks.md``
they replace what stands between the page's two markers.  The newest line of each benchmark counts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- numbers: begin -->", "<!-- numbers: end -->"
_MIB = 1 << 20
_GIB = 1 << 30


def main() -> int:
    """0; 1 if there is nothing to show or no place for it."""
    parser = argparse.ArgumentParser(prog="python -m bench.tables", description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--into", type=Path, metavar="PAGE", help="write them into this page")
    parser.add_argument("--note", default="", help="a sentence that stands before them")
    chosen = parser.parse_args()
    try:
        text = tables(chosen.results, chosen.note)
        if chosen.into:
            page = replaced(chosen.into.read_text("utf-8"), text)
            chosen.into.write_text(page, "utf-8")
        else:
            print(text)
    except (OSError, ValueError) as error:
        print(f"bench.tables: {error}", file=sys.stderr)
        return 1
    return 0


def tables(results: Path, note: str = "") -> str:
    """Markdown for the newest report of each benchmark in *results*; ValueError without any."""
    newest: dict[str, dict[str, Any]] = {}
    for line in results.read_text("utf-8").splitlines():
        told = json.loads(line)
        newest[told["bench"]] = told
    if not newest:
        raise ValueError(f"{results} holds no report; run: make bench")
    parts = [*([note] if note else []), *(_section(newest[name]) for name in sorted(newest))]
    return "\n\n".join(parts)


def replaced(page: str, text: str) -> str:
    """*page* with *text* between its markers; ValueError if it has none."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def _section(told: dict[str, Any]) -> str:
    return "\n".join([f"### {told['bench']}", "", *_lines(told)])


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield _where(told)
    yield ""
    yield from _row("case", "peer", "ours, s", "peer, s", "ratio", "by round", "MB/s, ours : peer")
    yield from _row("---", "---", "---:", "---:", "---:", "---:", "---:")
    for each in told["comparisons"]:
        spread, speed = each["ratio_by_round"], each["bytes_per_second"]
        yield from _row(
            each["case"],
            each["peer_name"],
            f"{each['ours']['median']:.3g}",
            f"{each['peer']['median']:.3g}",
            f"**{each['ratio']:.2f}**",
            f"{spread['min']:.2f} to {spread['max']:.2f}",
            f"{speed['ours'] / 1e6:.0f} : {speed['peer'] / 1e6:.0f}" if speed else "",
        )
    yield ""
    child = told["child"]
    yield from _row("CPU seconds per GB", "ours", child)
    yield from _row("---", "---:", "---:")
    for each in told["cpu_seconds_per_gb"]:
        yield from _row(each["step"], f"{each['ours']:.2f}", f"{each['other']:.2f}")
    yield ""
    yield from _row("peak memory with a file of", "ours, MiB", f"{child}, MiB")
    yield from _row("---", "---:", "---:")
    for each in told["peak_bytes"]:
        ours, other = each["ours"] / _MIB, each["other"] / _MIB
        yield from _row(f"{each['bytes'] / 1e6:.0f} MB", f"{ours:.0f}", f"{other:.0f}")


def _where(told: dict[str, Any]) -> str:
    """Machine, date, rounds and peer."""
    at = told["machine"]
    sha = "with" if at["sha_extensions"] else "without"
    return (
        f"{told['at'][:10]}, {told['rounds']} rounds, {told['cache']}."
        f" {at['processors']} x {at['processor']} ({sha} SHA extensions),"
        f" {at['memory'] / _GIB:.0f} GiB, Linux {at['kernel']}, {at['file_system']},"
        f" load {at['load']:.1f} at the end. Peer: {told['peer_version']}."
    )


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
