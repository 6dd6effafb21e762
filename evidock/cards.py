"""The cards a home runs with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from station.usb.host import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """The cards a home runs with."""

    root: Path
    """The dock root: each sub-folder is a docked card."""
    may_erase: Callable[[bytes], bool]
    """Which of them, by folder name, may forget what is proven to be archived."""
    simulated: Host | None = None
    """USB ports that are simulated; None: those of this machine."""
