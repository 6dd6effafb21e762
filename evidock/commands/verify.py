"""``evidock verify``: whether a package, a log or a receipt is genuine, in thirteen steps."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.receipt import ENTRY_SUFFIX, SUFFIX
from evidence.receipt_code import START, restore
from evidence.verification.case import Brought, Told
from evidence.verification.files import Files
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_log, judge_package, judge_receipt
from evidence.verification.verdict import Outcome, Report, Step, Verdict, What
from evidence.verification.zipped import files_in
from evidock.brought import if_named, must_be_outside, needed
from evidock.commands.arguments import Commands, add_json

EXIT = {Verdict.GENUINE: 0, Verdict.FALSE: 1, Verdict.CONSISTENT: 3}
_MARKS = {
    Outcome.PASSED: "[green]✓[/]",
    Outcome.FAILED: "[red]✗[/]",
    Outcome.NOT_DONE: "[yellow]–[/]",
    Outcome.NOT_ASKED: "–",
}
_WORDS = {
    Verdict.GENUINE: "genuine and complete",
    Verdict.CONSISTENT: "consistent, but not shown to be genuine: see the steps that were not done",
    Verdict.FALSE: "NOT GENUINE OR NOT COMPLETE: something is false or missing",
}
_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("verify", help="check an evidence package, a log or a receipt")
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="package (folder, zip), log (folder), receipt (entry beside it) or text of its codes",
    )
    parser.add_argument(
        "--policy", type=Path, metavar="FILE", help="trusted keys (C2SP tlog-policy)"
    )
    parser.add_argument(
        "--tsa-ca", type=Path, metavar="FILE", help="certificates of time stamps (PEM)"
    )
    parser.add_argument(
        "--fresh-hours", type=int, metavar="N", help="how old the newest cosignature may be"
    )
    parser.add_argument(
        "--anchor", type=Path, metavar="FILE", help="an anchor of the log that was kept elsewhere"
    )
    parser.add_argument("--entry", type=Path, metavar="FILE", help="the entry a receipt is of")
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print steps and findings; 0 genuine and complete, 1 not, 3 consistent as far as it goes."""
    must_be_outside(chosen.path, chosen.policy, chosen.tsa_ca, chosen.anchor)
    brought = Brought(
        policy=if_named(chosen.policy),
        tsa_ca=if_named(chosen.tsa_ca),
        anchor=if_named(chosen.anchor),
        fresh_hours=chosen.fresh_hours,
        now=SystemClock().now(),
    )
    with _shown() as told:
        report = _judge(chosen.path, chosen.entry, brought, told)
    if chosen.json:
        print(json.dumps(report.document(), ensure_ascii=False))
    else:
        _print(report)
    return EXIT[report.verdict]


def _judge(path: Path, entry: Path | None, brought: Brought, told: Told) -> Report:
    if path.is_dir():
        files: Files = Folder(path)
        is_log = "bagit.txt" not in files.names and "checkpoint" in files.names
        return (judge_log if is_log else judge_package)(files, brought, told)
    if path.name.endswith(SUFFIX):
        return judge_receipt(needed(path), needed(entry or _beside(path)), brought, told)
    if not path.is_file():
        raise SetupError(f"{path} is neither a folder nor a file")
    if _begins(path, START):
        scanned = needed(path).decode("ascii", errors="replace")
        return judge_receipt(*restore(scanned.splitlines()), brought, told)
    with files_in(path) as files:
        return judge_package(files, brought, told)


def _beside(receipt: Path) -> Path:
    """Where the entry of *receipt* lies: in packages by its number, elsewhere by its clip."""
    name = receipt.name.removesuffix(SUFFIX)
    by_clip = receipt.with_name(name + ENTRY_SUFFIX)
    return by_clip if by_clip.exists() else receipt.with_name(f"{name}.json")


def _begins(path: Path, start: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(start)).upper() == start


def _print(report: Report) -> None:
    console = Console()
    table = Table("", "step", "", "looked at", "", box=None, pad_edge=False)
    for each in report.steps:
        table.add_row(
            _MARKS[each.outcome],
            str(each.step.value),
            each.step.name.lower(),
            str(each.checked) if each.checked else "",
            escape(each.why),
        )
    console.print(table)
    for found in report.findings:
        line = f"✗ step {found.step.value}, {found.subject}: {found.problem}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if report.claim is not None:
        console.print(report.claim.words, markup=False, highlight=False, soft_wrap=True)
    said = f"{report.what.value}: {_words(report)}"
    console.print(said, markup=False, highlight=False, soft_wrap=True)


def _words(report: Report) -> str:
    """The verdict in words, which claim no completeness that was not shown."""
    if report.verdict is Verdict.GENUINE and report.what is not What.PACKAGE:
        return f"genuine, but a bare {report.what.value}, NO PACKAGE: no recording was looked at"
    complete = report.steps[Step.COMPLETENESS - 1]
    if report.verdict is Verdict.GENUINE and complete.outcome is not Outcome.PASSED:
        return f"genuine, and not shown to be complete: {complete.why}"
    return _WORDS[report.verdict]


@contextmanager
def _shown() -> Iterator[Told]:
    """Progress on stderr: a bar on a terminal, now and then a line in a file."""
    console = Console(stderr=True)
    if not console.is_terminal:
        last = time.monotonic()

        def say(what: str, done: int, of: int) -> None:
            nonlocal last
            if time.monotonic() - last >= _EVERY:
                last = time.monotonic()
                print(f"verify: {what} ({done:,} of {of:,})", file=sys.stderr)

        yield say
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        bar = progress.add_task("verify")
        yield lambda what, done, of: progress.update(
            bar, description=what, completed=done, total=of
        )
