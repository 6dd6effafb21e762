"""How far an import is, on stderr: a line that changes on a terminal, else a line now and then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol, cast

from rich.console import Console
from rich.live import Live
from rich.text import Text

from evidence.clock import Clock
from evidock.progress import WORDS
from evidock.tables import shown_bytes
from station.imports.desk import Stage
from station.view import Word

_EVERY = 10.0
"""Seconds between two lines that only bring other numbers."""


class Shown(Protocol):
    """Shows the answers to ``import-status``, one after the other."""

    def __call__(self, told: Mapping[str, object]) -> None: ...


@contextmanager
def shown_progress(clock: Clock) -> Iterator[Shown]:
    """Show what is told while the block runs."""
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            yield lambda told: live.update(Text(line(told)), refresh=True)
        return
    said, at = "", -_EVERY

    def say(told: Mapping[str, object]) -> None:
        nonlocal said, at
        words = f"{told['stage']} {_trouble(told)}"
        if words != said or clock.monotonic() - at >= _EVERY:
            said, at = words, clock.monotonic()
            console.print(Text(line(told)), soft_wrap=True)

    yield say


def line(told: Mapping[str, object]) -> str:
    """How far an import is, in one line."""
    arrived = cast("Mapping[str, int]", told["arrived"])
    parts = [_doing(told), f"{arrived['archived']} of {arrived['files']} archived"]
    card = cast("Mapping[str, float] | None", told["card"])
    if card is not None and told["stage"] == Stage.READING.value:
        of = f"{shown_bytes(card['bytes_done'])} of {shown_bytes(card['bytes_total'])}"
        parts.append(of + (f" at {shown_bytes(card['rate'])}/s" if card["rate"] else ""))
    if lacking := arrived["refused"] + arrived["lacking"]:
        parts.append(f"{lacking} partial or refused")
    return "import: " + ", ".join(parts) + _trouble(told)


def _doing(told: Mapping[str, object]) -> str:
    card = cast("Mapping[str, object] | None", told["card"])
    if card is None or told["stage"] != Stage.READING.value or card["word"] == Word.CALL.value:
        return str(told["stage"])
    return WORDS[Word(str(card["word"]))][0]


def _trouble(told: Mapping[str, object]) -> str:
    """What keeps it from going on, in words."""
    card = cast("Mapping[str, object] | None", told["card"])
    note = None if card is None else card["note"]
    problems = [told["problem"], note, *cast("list[str]", told["problems"])]
    found = dict.fromkeys(str(problem) for problem in problems if problem)
    return "".join(f"\n  {problem}" for problem in found)
