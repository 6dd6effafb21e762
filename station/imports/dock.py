"""Imports at the dock: each order that is under way stands there as a card.

One rule: an import's name (``import/...``) is none that a folder of the dock root can have, so
leave to erase somebody's folder is never leave to erase what was handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.errors import CardGone, CardReadFailed, SetupError
from evidence.names import shown
from station.card import Card
from station.imports.card import ImportedCard
from station.imports.order import ImportOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An import that was begun; another that takes its name later is not it."""

    slot: bytes
    identity: str


@dataclass(frozen=True, slots=True)
class _Standing:
    order: ImportOrder
    identity: str


@dataclass(slots=True)
class ImportDock:
    """Where orders stand from :meth:`begin` to :meth:`end`; a restart of the station ends all."""

    _standing: dict[bytes, _Standing] = field(default_factory=dict)

    def begin(self, order: ImportOrder) -> Begun:
        """Let *order* stand here; once, if it does already.  Blocks.

        SetupError if another import of this name is under way; else as :class:`ImportedCard`.
        """
        card = ImportedCard(order)
        try:
            standing = _Standing(order, card.identity)
            # one step: of two that come at once, the second sees the first
            if self._standing.setdefault(order.slot, standing).order != order:
                raise SetupError(
                    f"another import called {shown(order.slot)} is under way",
                    advice="Wait until it has ended, or give this one a --camera name of its own.",
                )
            self._standing[order.slot] = standing
            return Begun(slot=order.slot, identity=standing.identity)
        finally:
            card.close()

    def end(self, begun: Begun) -> None:
        """Let it stand here no longer: its card leaves at the next look."""
        if self.cards().get(begun.slot) == begun.identity:
            self._standing.pop(begun.slot, None)

    def cards(self) -> Mapping[bytes, str]:
        return {slot: held.identity for slot, held in dict(self._standing).items()}

    def open(self, name: bytes) -> Card:
        """As :meth:`station.dock.Dock.open`; CardGone, too, if something else stands there now."""
        held = self._standing.get(name)
        if held is None:
            raise CardGone(f"{shown(name)} is no import that is under way")
        try:
            card = ImportedCard(held.order)
        except SetupError as error:
            raise CardReadFailed(str(error), advice=error.advice) from error
        if card.identity != held.identity:
            card.close()
            raise CardGone(f"{shown(name)}: something else stands there than when it was begun")
        return card

    def problems(self) -> tuple[str, ...]:
        return ()
