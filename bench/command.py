"""What every benchmark's command line has in common."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench.chart import chart
from bench.machine import machine
from bench.report import Report
from bench.rounds import WrongResult
from bench.tools import MissingTool, ToolFailed, tool
from evidence.clock import SystemClock, stamp

Tell = Callable[[str], None]
"""Says what is being done now."""

MISSING_TOOL, WRONG = 2, 1
_PARENT = Path("var/bench")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen on the command line."""

    folder: Path
    """An empty folder on the disk that is measured."""
    rounds: int
    megabytes: int
    """Size of a file."""


def main(
    name: str,
    doc: str,
    megabytes: int,
    measure: Callable[[Choice, Tell], Report],
    needs: Sequence[str],
) -> int:
    """Run the benchmark *name*; its report as a table on stderr, and as JSON on stdout.

    The tools it *needs* are looked for before anything is done.

    0 if it was measured, 1 if somebody's result was wrong, 2 if a peer's tool is not installed.
    """
    chosen = _parser(name, doc, megabytes).parse_args()
    console = Console(stderr=True, highlight=False)
    chosen.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=chosen.parent)).absolute()
    try:
        for each in needs:
            tool(each)
        choice = Choice(folder=folder, rounds=chosen.rounds, megabytes=chosen.megabytes)
        report = _measured(console, choice, measure)
    except (WrongResult, ToolFailed, MissingTool) as error:
        console.print(f"bench.{name}: {error}", style="red", markup=False, soft_wrap=True)
        return MISSING_TOOL if isinstance(error, MissingTool) else WRONG
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    told = report.to_wire() | {
        "rounds": chosen.rounds,
        "at": stamp(SystemClock().now()),
        "machine": machine(chosen.parent),
    }
    for table in report.tables:
        console.print(table)
    if chosen.svg:
        chosen.svg.write_text(chart(report), encoding="utf-8")
    if chosen.json:
        print(json.dumps(told), flush=True)
    return 0


def _measured(
    console: Console, choice: Choice, measure: Callable[[Choice, Tell], Report]
) -> Report:
    if not console.is_terminal:
        return measure(choice, lambda text: console.print(text, markup=False))
    with console.status("starting") as status:
        return measure(choice, status.update)


def _parser(name: str, doc: str, megabytes: int) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.{name}",
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON, last line")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (default: 5)")
    parser.add_argument(
        "--megabytes", type=int, default=megabytes, help=f"MB in a file (default: {megabytes})"
    )
    parser.add_argument(
        "--parent",
        type=Path,
        default=_PARENT,
        metavar="DIR",
        help=f"scratch folder on the disk to measure (default: {_PARENT})",
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw a bar chart too")
    return parser
