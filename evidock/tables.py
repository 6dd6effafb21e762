"""Tables for people at a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from io import StringIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_COLUMNS = ("camera", "officer", "original_name", "class", "acquisition", "state", "incidents")
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000
_WIDE = 140
"""Columns where there is no terminal."""


def clip_table(clips: Iterable[Mapping[str, object]], width: int | None = None) -> str:
    """One row a clip, *width* characters wide (default: the terminal); names are escaped."""
    columns = width or shutil.get_terminal_size((_WIDE, 0)).columns
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("camera", "officer", "name", "class", "came", "state", "incident"):
        table.add_column(column, overflow="fold")
    table.add_column("size", justify="right")
    table.add_column("sha256")
    for clip in clips:
        cells = [_cell(clip[column]) for column in _COLUMNS]
        size = clip["bytes"]
        table.add_row(
            *cells,
            shown_bytes(size) if isinstance(size, int) else "",
            str(clip["sha256"] or "")[:12],
        )
    text = StringIO()
    Console(file=text, width=columns).print(table)
    return text.getvalue()


def table(
    columns: Iterable[str], rows: Iterable[Iterable[object]], width: int | None = None
) -> str:
    """*rows* under *columns*, *width* characters wide (default: the terminal); all is escaped."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*map(_cell, row))
    text = StringIO()
    Console(file=text, width=width or shutil.get_terminal_size((_WIDE, 0)).columns).print(made)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value)
    plain = str(value)
    return escape(plain if plain.isprintable() else plain.encode("unicode_escape").decode("ascii"))


def shown_bytes(count: float) -> str:
    """*count* bytes with a decimal unit: ``1.4 MB``."""
    for unit in _UNITS:
        if count < _STEP or unit == _UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= _STEP
    raise AssertionError("unreachable")
