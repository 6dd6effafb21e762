"""An archive's books in a process of their own, over PostgreSQL: records acts until it is ended.

Each line on stdout is the log index of an act that is durable and signed for, or ``refused``.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from archive import books
from evidence.clock import SystemClock
from evidence.custody import EntryKind
from evidence.errors import EvidenceError
from evidence.settings import AgencySettings, ArchiveSettings, Settings


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def main(database: str, folder: Path) -> None:
    settings = Settings(
        agency=AgencySettings(name="lab", origin="evidock.example/lab"),
        archive=ArchiveSettings(database=database, standby=True),
    )
    say("waiting")
    async with books.opened(settings, folder, SystemClock()) as held:
        say("in office")
        while True:
            try:
                async with asyncio.timeout(10):
                    entry = await held.record(EntryKind.CREDENTIALS_READ, folder.name)
                say(entry)
            except (EvidenceError, TimeoutError):
                say("refused")
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
