from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta

from evidence.clock import Clock, SetClock
from evidence.vault.canary import Canary
from evidence.vault.memory import MemoryVault

CYCLE = timedelta(hours=24)


class Unsynced(MemoryVault):
    """Acknowledges before it syncs, as the embedded engine does."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._synced = deepcopy(self._held)

    def barrier(self) -> str:
        self._synced = deepcopy(self._held)
        return "syncfs"

    def lose_power(self) -> None:
        self._held = self._synced


def test_a_power_cut_after_a_canary_is_no_broken_promise() -> None:
    clock = SetClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
    vault = Unsynced(clock)
    kept = Canary(vault, clock, CYCLE).prove()
    vault.lose_power()

    after = Canary(vault, clock, CYCLE)
    after.kept = kept

    assert after.prove() != kept
