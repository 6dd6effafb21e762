"""What stands on each tile of the board, in the reader's language.

One rule: nothing is guessed and nothing is claimed that the station has not seen: what is not known
is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from station.view import CardView, StationView, Word
from station.words import TEXTS

MOST_PROBLEMS = 2
"""Problems that are told in full; of more only the number, since the board must not scroll."""

_COLUMNS = ((1, 1), (4, 2), (6, 3), (8, 4), (12, 4), (15, 5), (20, 5), (30, 6), (42, 7), (56, 8))
"""(up to so many tiles, columns), so that tiles are somewhat wider than high."""
_MOST_COLUMNS = 9
_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
_MINUTE = 60
_LOUD = 10
"""Seconds that a camera's clock may be off before its minutes are worth a glance."""


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One slot; an empty text is not shown."""

    slot: str
    """As the dock knows it."""
    label: str
    """As it is written beside the slot on the rack."""
    word: str
    text: str
    more: str
    """That a supervisor was called, or is to be."""
    camera: str
    officer: str
    percent: int
    left: str
    """How much is done, and how long the rest takes at the measured rate."""
    files: str
    bytes: str
    important: str
    cleared: str
    unwitnessed: str
    """That witnesses should have seen its receipt by now, and have not."""
    called: str
    turn: str
    """Whom the camera is for, or that it may be handed out."""
    facts: str
    """Battery and clock."""
    grade: str
    """How far the profile of its card was proven, and who signed it."""
    profile: str
    note: str
    receipt: str
    rest: str
    """How the clips of that receipt lie in the archive's vault."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The whole board."""

    tiles: list[Tile]
    columns: int
    totals: str
    problems: list[str]
    called: str


def show(view: StationView, language: str) -> Shown:
    """*view* in the words of *language*."""
    texts = TEXTS[language]
    totals = view.totals
    waiting = totals.verified - totals.archived
    at = f" ({texts['sends-at']} {view.sends_at})" if waiting and view.sends_at else ""
    counts = [f"{totals.archived} {texts['archived']}", f"{waiting} {texts['waiting']}{at}"]
    if view.days_left is not None:
        counts.append(f"{texts['lasts']} {view.days_left:.0f} {texts['days']}")
    if totals.released:
        counts.append(f"{totals.released} {texts['released']}")
    return Shown(
        tiles=[_tile(card, texts) for card in view.cards],
        columns=_columns(len(view.cards)),
        totals=" · ".join(counts),
        problems=[*_silence(view.witnesses_silent, texts), *_problems(view.problems, texts)],
        called=_called(view.called, texts),
    )


def size(count: float) -> str:
    """*count* bytes for people: three digits at least, a decimal unit."""
    for factor, unit in _UNITS:
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count:.0f} B"


def clock_offset(seconds: float) -> str:
    """How far a camera's clock is ahead of ours, for people."""
    if abs(seconds) < _LOUD:
        return f"{seconds:+.1f} s"
    if abs(seconds) < _MINUTE:
        return f"{seconds:+.0f} s"
    return f"{seconds / _MINUTE:+,.0f} min"


def _tile(card: CardView, texts: Mapping[str, str]) -> Tile:
    called = _called(card.called, texts)
    amount = f"{size(card.bytes_done)} / {size(card.bytes_total)}" if card.bytes_total else ""
    files = f"{texts['files']} {card.files_done}/{card.files_total}" if card.files_total else ""
    return Tile(
        slot=card.slot,
        label=card.label,
        word=card.word.value,
        text=texts[card.word],
        more=called or (texts["supervisor"] if card.word is Word.CALL else ""),
        camera=_camera(card),
        officer=f"{texts['officer']} {card.officer}" if card.officer else "",
        percent=card.percent,
        left=_left(card, texts),
        files=files,
        bytes=amount,
        important=f"★ {card.important} {texts['important']}" if card.important else "",
        cleared=f"✓ {texts['cleared']}" if card.cleared else "",
        unwitnessed=f"◐ {texts['unseen']}" if card.unseen else "",
        called=called,
        turn=_turn(card, texts),
        facts=" · ".join(_facts(card, texts)),
        grade=_grade(card, texts),
        profile=card.profile,
        note=card.note or "",
        receipt=card.receipt or "",
        rest=_rest(card, texts),
    )


def _rest(card: CardView, texts: Mapping[str, str]) -> str:
    chinese, english = card.at_rest
    said = chinese if texts is TEXTS["zh"] else english
    return f"{texts['rest']}: {said}" if card.receipt and said else ""


def _grade(card: CardView, texts: Mapping[str, str]) -> str:
    """How far the profile of its card was proven, and who signed it."""
    proven = texts.get(f"proven-{card.verified}", card.verified)
    if card.signature is None:
        return proven
    by = f"{texts['signed-by']} {card.signature}" if card.signature else texts["unsigned"]
    return f"{proven} · {by}"


def _camera(card: CardView) -> str:
    """Whose tile it is: where the rack has no label for it, the dock's name for the place, too."""
    if card.label:
        return card.camera
    return card.slot if card.camera in {"", card.slot} else f"{card.slot} · {card.camera}"


def _left(card: CardView, texts: Mapping[str, str]) -> str:
    if not card.bytes_total or card.word not in {Word.READING, Word.COPYING, Word.CHECKING}:
        return ""
    if card.waits:
        return texts["waits"]
    minutes = card.minutes_left
    return f"{card.percent}%" + ("" if minutes is None else f" · {minutes} {texts['left']}")


def _facts(card: CardView, texts: Mapping[str, str]) -> list[str]:
    facts = []
    if card.charge is not None and card.charge != card.battery:
        facts.append(f"{texts['battery']} ≈ {card.charge}%")
    elif card.battery is not None:
        facts.append(f"{texts['battery']} {card.battery}%")
    if card.clock_offset is not None:
        facts.append(f"{texts['clock']} {clock_offset(card.clock_offset)}")
    return facts


def _turn(card: CardView, texts: Mapping[str, str]) -> str:
    if card.worn_by:
        return f"→ {texts['for']} {card.worn_by}"
    if card.next:
        return f"▶ {texts['next']}"
    return f"● {texts['ready']}" if card.ready else ""


def _called(at: str | None, texts: Mapping[str, str]) -> str:
    """That a supervisor was called, and when by this machine's clock on the wall."""
    if at is None:
        return ""
    local = datetime.fromisoformat(at).astimezone()
    return f"{texts['called']} {local:%H:%M}"


def _silence(last: str | None, texts: Mapping[str, str]) -> list[str]:
    """That no witness sees the log any more, and since when by this machine's clock on the wall."""
    if last is None:
        return []
    if not last:
        return [f"◐ {texts['never-seen']}"]
    local = datetime.fromisoformat(last).astimezone()
    return [f"◐ {texts['not-seen-since']} {local:%Y-%m-%d %H:%M}"]


def _problems(problems: tuple[str, ...], texts: Mapping[str, str]) -> list[str]:
    more = len(problems) - MOST_PROBLEMS
    told = list(problems[:MOST_PROBLEMS])
    return [*told, f"+{more} {texts['more-problems']}"] if more > 0 else told


def _columns(tiles: int) -> int:
    return next((columns for most, columns in _COLUMNS if tiles <= most), _MOST_COLUMNS)
