"""The station's board for a terminal: a row a slot, in the order of the rack."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from evidock.progress import WORDS, totals_line
from station.tiles import clock_offset, size
from station.view import CardView, StationView


def station_table(view: StationView) -> Group:
    """All that the board shows of *view*."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("slot", "now", "camera", "officer"):
        table.add_column(column, overflow="fold")
    for column in ("done", "left"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("more", overflow="fold")
    for card in view.cards:
        word, style = WORDS[card.word]
        table.add_row(
            _plain(f"{card.label}  {card.slot}" if card.label else card.slot),
            Text(word, style=style),
            _plain(card.camera),
            _plain(card.officer or ""),
            f"{size(card.bytes_done)} of {size(card.bytes_total)}" if card.bytes_total else "",
            "" if card.minutes_left is None else f"{card.minutes_left} min",
            _plain("; ".join(_more(card))),
        )
    return Group(table, *_of_station(view), totals_line(view))


def _of_station(view: StationView) -> Iterator[Text]:
    """What concerns the station as a whole."""
    if view.called:
        yield Text(f"\nsupervisor called to the station at {view.called}", style="bold red")
    if view.witnesses_silent is not None:
        since = f"since {view.witnesses_silent}" if view.witnesses_silent else "yet"
        yield Text(f"\nno witnesses outside have signed the log of the archive {since}", "bold red")


def _plain(text: str) -> str:
    """*text*, which a camera may have claimed, without anything that a terminal would obey."""
    return escape(text if text.isprintable() else text.encode("unicode_escape").decode("ascii"))


def _more(card: CardView) -> Iterator[str]:
    if card.called:
        yield f"SUPERVISOR CALLED at {card.called}"
    yield from filter(None, [_turn(card), card.note])
    if card.cleared:
        yield "cleared"
    if card.unseen:
        yield "receipt not witnessed yet"
    if card.important:
        yield f"{card.important} important"
    if card.battery is not None:
        yield f"battery {card.battery}%"
    if card.clock_offset is not None:
        yield f"clock {clock_offset(card.clock_offset)}"
    if card.profile:
        yield f"profile {card.profile} (verified: {card.verified}{_signature(card)})"


def _signature(card: CardView) -> str:
    if card.signature is None:
        return ""
    return f"; signed by {card.signature}" if card.signature else "; unsigned"


def _turn(card: CardView) -> str:
    """Whom its camera is for, or that it may be handed out."""
    if card.worn_by:
        return f"for {card.worn_by}"
    if card.next:
        return "next to take"
    return "ready" if card.ready else ""
