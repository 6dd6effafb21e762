"""Live progress in the terminal: a line a card, redrawn in place; in a file, plain lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from evidock.running import RunningHome
from evidock.tables import shown_bytes
from station.view import CardView, StationView, Word

_PERIOD = 0.25
WORDS = {
    Word.EMPTY: ("empty", "dim"),
    Word.READING: ("reading", "cyan"),
    Word.COPYING: ("copying", "cyan"),
    Word.CHECKING: ("checking", "cyan"),
    Word.SAFE: ("safe to take", "green"),
    Word.CALL: ("do not remove - call supervisor", "bold red"),
}
"""word -> (what is said of it, its style)."""


class Progress:
    """Shows a running home on a terminal or, line by line, in a file."""

    def __init__(self, console: Console, live: Live | None) -> None:
        self._console = console
        self._live = live
        self._said: dict[str, str] = {}
        self._following: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def shown(cls, stream: TextIO) -> AsyncIterator[Self]:
        """Progress on *stream* while the block runs."""
        console = Console(file=stream, highlight=False)
        if not console.is_terminal:
            progress = cls(console, None)
            try:
                yield progress
            finally:
                await progress.finish()
            return
        with Live(console=console, auto_refresh=False, transient=False) as live:
            progress = cls(console, live)
            try:
                yield progress
            finally:
                await progress.finish()

    def note(self, text: str) -> None:
        """Say *text* once."""
        self._console.print(escape(text), soft_wrap=True)

    def follow(self, whole: RunningHome) -> None:
        """Show the station of *whole* from now on."""
        self._following = asyncio.create_task(self._follow(whole))

    async def finish(self) -> None:
        """Show the last picture and stop."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait({self._following})
            self._following = None
        if self._live is not None:  # what is printed from now on stands below the picture
            self._live.stop()

    async def _follow(self, whole: RunningHome) -> None:
        try:
            while True:
                self._show(whole.station.snapshot())
                await asyncio.sleep(_PERIOD)
        finally:
            self._show(whole.station.snapshot())

    def _show(self, view: StationView) -> None:
        if self._live is not None:
            self._live.update(Group(_cards(view), totals_line(view)), refresh=True)
            return
        lines = {card.slot: f"{card.slot}: {_said(card)}" for card in view.cards}
        for slot, line in (lines | {problem: problem for problem in view.problems}).items():
            if self._said.get(slot) != line:
                self._said[slot] = line
                self.note(line)


def _said(card: CardView) -> str:
    note = f" ({card.note})" if card.note else ""
    return f"{WORDS[card.word][0]}, {card.files_done} of {card.files_total} files{note}"


def _cards(view: StationView) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("card", "camera", "officer", "now"):
        table.add_column(column, overflow="fold")
    for column in ("files", "bytes", "rate"):
        table.add_column(column, justify="right", no_wrap=True)
    for card in view.cards:
        word, style = WORDS[card.word]
        table.add_row(
            escape(card.slot),
            escape(card.camera),
            escape(card.officer or ""),
            Text(word if not card.note else f"{word}: {card.note}", style=style),
            f"{card.files_done}/{card.files_total}",
            f"{shown_bytes(card.bytes_done)} of {shown_bytes(card.bytes_total)}",
            f"{shown_bytes(card.rate)}/s" if card.rate else "",
        )
    return table


def totals_line(view: StationView) -> Text:
    """How far all clips are, and what keeps work from going on."""
    now = view.totals
    line = (
        f"\n{now.found} found   {now.verified} verified   {now.archived} archived   "
        f"{now.receipts} receipts   {now.renditions} renditions decided   {now.finished} finished"
    )
    if now.lacking:
        line += f"   {now.lacking} partial or refused"
    text = Text(line)
    for problem in view.problems:
        text.append(f"\n{problem}", style="yellow")
    return text
