"""What a station is started with.

One rule: whoever starts one says where everything lies; a station finds nothing for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from evidence.clock import Clock
from evidence.settings import Settings
from ingest.rendition.tools import Tools
from ingest.staging import RESERVE
from station.card import Card, FolderCard
from station.enrol import CodeSource
from station.usb.host import Host


def never(_folder: bytes) -> bool:
    """No card may be erased."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class StationParts:
    """What a station is started with."""

    settings: Settings
    folder: Path
    """Its own folder: journal, key, staging, scratch."""
    docks: Path
    """The dock root: its sub-folders are the docked cards."""
    receipts: Path
    archive_url: str
    enrolment_code: CodeSource | None
    clock: Clock
    tools: Tools
    reserve: int = RESERVE
    """Bytes of the staging disk that are never filled."""
    open_card: Callable[[Path], Card] = FolderCard
    """Opens what stands in a folder of the dock root."""
    host: Host = field(default_factory=Host)
    """Where cameras at USB ports are seen."""
    may_erase: Callable[[bytes], bool] = never
    """Whether the card in this folder of the dock root may be let to forget what is proven to be
    archived; without leave it is only ever read."""
