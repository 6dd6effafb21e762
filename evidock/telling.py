"""How far a long command is, on stderr: a bar on a terminal, a line a step in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def told_on_stderr(command: str) -> Iterator[Callable[[str, int, int], None]]:
    """Hears the step *command* is at, and how much of how many is done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        said: set[str] = set()

        def say(step: str, _done: int, of: int) -> None:
            if step not in said:
                said.add(step)
                print(f"{command}: {step} ({of})", file=sys.stderr)

        yield say
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        bar = progress.add_task(command)
        yield lambda step, done, of: progress.update(
            bar, description=step, completed=done, total=of
        )
