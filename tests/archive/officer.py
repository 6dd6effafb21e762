"""An archive's books in a process of their own, over PostgreSQL: records acts until it is ended.

Each line on stdout is the log index of an act that is durable and signed for, ``refused``, or
``out of office``, which ends it with the exit code of that.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from archive import books
from archive.books import Books
from archive.rebuild.catching_up import Others
from evidence.clock import SystemClock
from evidence.custody import EntryKind
from evidence.errors import EvidenceError, OfficeLost
from evidence.settings import AgencySettings, ArchiveSettings, Settings
from evidence.vault.memory import MemoryVault


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def work(held: Books, name: str) -> None:
    while True:
        try:
            async with asyncio.timeout(10):
                entry = await held.record(EntryKind.CREDENTIALS_READ, name)
            say(entry)
        except OfficeLost:
            raise
        except (EvidenceError, TimeoutError):
            say("refused")
        await asyncio.sleep(0.02)


async def main(database: str, folder: Path) -> int:
    settings = Settings(
        agency=AgencySettings(name="lab", origin="evidock.example/lab"),
        archive=ArchiveSettings(database=database, standby=True),
    )
    say("waiting")
    others = Others.around(MemoryVault(SystemClock()), "lab")  # of which nobody knows more
    async with books.opened(settings, folder, SystemClock(), others=others) as held:
        say("in office")
        both = [work(held, folder.name), held.sequencer.tenure.wait_over()]
        try:
            await asyncio.gather(*both)
        except OfficeLost as error:
            say("out of office")
            return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], Path(sys.argv[2]))))
