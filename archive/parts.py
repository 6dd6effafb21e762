"""What an archive is made of.

One rule: whoever wires decides all of it, and nothing here opens anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from argon2 import PasswordHasher

from archive.copies import Send, Side
from archive.disposal.noticing import Nobody, Teller
from archive.log.elsewhere import Elsewhere
from archive.rebuild.catching_up import Others
from archive.reviewing.chasing import FindingTeller, NobodyToTell
from evidence.clock import Clock
from evidence.settings import Settings
from evidence.vault import SINGLE_PUT_MAX, Vault
from evidence.vault.canary import Canary
from evidence.vault.holder import send
from ingest.rendition.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveParts:
    """What an archive is made of."""

    settings: Settings
    folder: Path
    vault: Vault
    clock: Clock
    second: Side | None = None
    """Where a copy of everything lies in another failure domain; None: nowhere."""
    send: Send = send
    """How parts of what is repaired are sent to the first vault."""
    hasher: PasswordHasher | None = None
    """What a password costs; RFC 9106's default without."""
    canary: Canary | None = None
    """Proves the vault day by day; without one it is taken to be fit."""
    teller: Teller = field(default_factory=Nobody)
    """Tells people whose clips' time ends."""
    finding_teller: FindingTeller = field(default_factory=NobodyToTell)
    """Tells people of findings that are late."""
    tools: Tools | None = None
    """What derived work is done with; without them this process leaves it to another."""
    single_put_max: int = SINGLE_PUT_MAX
    """Originals above this go in parts."""
    part_size: int = 64 * 1024**2

    elsewhere: tuple[Elsewhere, ...] = ()
    """Who beside the vault may know more of the log than its folder."""

    @property
    def others(self) -> Others:
        """Who is asked before the first signature."""
        return Others.around(self.vault, self.settings.agency.name, *self.elsewhere)

    @property
    def scratch(self) -> Path:
        """Where derived work keeps its files while it is at them; nothing there is evidence."""
        return self.folder / "scratch"

    @property
    def link_buffer(self) -> timedelta:
        return timedelta(seconds=self.settings.archive.link_buffer_seconds)
