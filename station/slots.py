"""The rack: which place of the dock is which physical slot, and in which order they stand.

One rule: every slot of the rack has its tile, even when nothing is in it, and always in the same
place; what is docked anywhere else stands after them, so nothing that is docked is ever hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from evidence.errors import SetupError
from evidence.settings import SlotSettings
from station.view import CardView, Word


@dataclass(frozen=True, slots=True)
class Rack:
    """The slots as they stand; without any, what is docked stands in the order of its names."""

    slots: tuple[SlotSettings, ...] = ()
    """Each with its label."""

    @classmethod
    def of(cls, slots: Sequence[SlotSettings]) -> Self:
        """The rack that the settings describe.

        SetupError if two slots are at one place or have one label.
        """
        labelled = tuple(
            replace(slot, label=slot.label.strip() or str(number))
            for number, slot in enumerate(slots, start=1)
        )
        _once("at", (slot.at for slot in labelled))
        _once("label", (slot.label for slot in labelled))
        return cls(labelled)

    def arranged(self, cards: Iterable[CardView]) -> tuple[CardView, ...]:
        """*cards* with an empty tile for each slot that has none, in the order of the rack."""
        others = {card.slot: card for card in sorted(cards, key=lambda card: card.slot)}
        placed = [
            replace(others.pop(slot.at, _empty(slot)), label=slot.label) for slot in self.slots
        ]
        return (*placed, *(card for card in others.values() if self._is_worth_a_tile(card)))

    def _is_worth_a_tile(self, card: CardView) -> bool:
        """Whether a card outside the rack is shown: what left there without a word is not."""
        return not self.slots or card.word is not Word.EMPTY or bool(card.note or card.called)


def as_toml(places: Iterable[str]) -> str:
    """*places* of the dock, in their order, as lines for the settings file."""
    lines = [
        f"  {{ at = {_quoted(place)}, label = {_quoted(str(number))} }},"
        for number, place in enumerate(places, start=1)
    ]
    return "\n".join(["[station]", "slots = [", *lines, "]"])


def _quoted(text: str) -> str:
    """*text*, which holds no control characters, as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _empty(slot: SlotSettings) -> CardView:
    return CardView(slot=slot.at, word=Word.EMPTY)


def _once(key: str, values: Iterable[str]) -> None:
    for value, times in Counter(values).items():
        if times > 1:
            raise SetupError(
                f"[station] slots: {times} slots have {key} = {value!r}",
                advice=f"Each slot needs {key} of its own; `evidock station slots` prints a list.",
            )
