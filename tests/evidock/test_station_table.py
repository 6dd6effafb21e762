"""The board in a terminal: what witnesses have not seen stands there, too."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from evidock.station_table import station_table
from station.view import CardView, StationView, Totals, Word


def printed(*, unseen: bool, silent: str | None) -> str:
    card = CardView(slot="usb 1-1", word=Word.SAFE, unseen=unseen)
    view = StationView(
        name="s", cards=(card,), totals=Totals(), problems=(), witnesses_silent=silent
    )
    out = StringIO()
    Console(file=out, width=160).print(station_table(view))
    return out.getvalue()


@pytest.mark.parametrize(
    ("silent", "said"), [("2026-11-26T03:00:00.000Z", "since 2026-11-26T03:00"), ("", "yet")]
)
def test_what_no_witness_has_seen_is_said(silent: str, said: str) -> None:
    text = printed(unseen=True, silent=silent)

    assert "receipt not witnessed yet" in text
    assert f"signed the log of the archive {said}" in text


def test_where_all_is_well_nothing_is_said() -> None:
    assert "witness" not in printed(unseen=False, silent=None)
