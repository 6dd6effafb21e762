"""A home whose archive starts around a vault in memory, with nothing else of it running."""

from __future__ import annotations

from archive.rebuild.catching_up import Others
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.custody import EntryKind
from evidence.vault import Vault
from evidence.vault.memory import MemoryVault
from evidock.home import Home


async def started(home: Home, vault: Vault | None = None, *, acts: int = 0) -> list[str]:
    """Let *home*'s archive sign what waits and *acts* more; every entry of its log then."""
    clock, settings = SystemClock(), home.settings()
    others = Others.around(vault or MemoryVault(clock), settings.agency.name)
    async with Archive.at_rest(settings, home.archive, clock, others) as books:
        for _ in range(acts):
            await books.record(EntryKind.CREDENTIALS_READ, "owner")
    async with Archive.at_rest(settings, home.archive, clock) as books:
        return [books.log.entry(n).decode() for n in range(books.log.size)]
