"""A person has looked at why the log is stopped: it goes on, and that stands in it.

One rule: the mark goes last.  Whoever is asked is asked while the log is still stopped, and the act
is committed before the mark is taken away; so whatever fails on the way, and whatever is heard on
the way, leaves the log stopped, and what had waited is signed for only under a log that says why it
goes on.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue import database
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.log import key
from archive.log.log import Log
from archive.log.store import TileStore
from archive.log.witnesses import Witnesses
from archive.restored import must_not_stand
from evidence.clock import Clock
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.settings import Settings

_OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The log may sign again."""

    why: str
    """What it had been stopped for."""
    entry: int
    """The act that says so; it is committed, and not signed for yet."""


async def resume(catalogue: Catalogue, witnesses: Witnesses) -> Resumed | None:
    """Let the log of *witnesses* sign again; None if it was not stopped.

    LogBroken if somebody has seen what it does not hold, TemporaryError if a witness that can be
    asked was not heard: then it stays stopped.
    """
    why = witnesses.halt.why
    if why is None:
        return None
    await witnesses.ask_anew()
    reason = {"sha256": Sha256.of(why.encode()).hex}

    def act(tx: Transaction) -> int:
        return tx.record(EntryKind.LOG_RESUMED, _OWNER, stopped_for=reason)

    entry = await catalogue.run(act)
    await asyncio.to_thread(witnesses.halt.clear)
    return Resumed(why=why, entry=entry)


async def resume_at_rest(settings: Settings, folder: Path, clock: Clock) -> Resumed | None:
    """:func:`resume` for the archive in *folder*, while nothing else of it runs.

    Its books need not be open: those of a stopped log that has something to sign for do not open.
    """
    must_not_stand(folder)
    async with AsyncExitStack() as stack:
        catalogue = await Catalogue.opened(database.place(settings.archive, folder), clock)
        stack.push_async_callback(catalogue.close)
        signers = await asyncio.to_thread(key.signers, folder, settings.agency.origin)
        log = await asyncio.to_thread(Log.open, TileStore(folder / "log"), *signers)
        witnesses = await asyncio.to_thread(Witnesses.open, log, folder, settings.witnesses, clock)
        stack.push_async_callback(witnesses.aclose)
        return await resume(catalogue, witnesses)
