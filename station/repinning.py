"""A station follows the log's key to its successor, and to nothing else.

One rule: the new key is believed for the statement that the key pinned here signed.  The act is in
the station's journal before the pin moves; whatever does not hold leaves the pin where it was.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from evidence import succession
from evidence.errors import TemporaryError
from evidence.wire import Successions
from ingest.archive_client import ArchiveClient
from station.desk import Desk
from station.enrol import pin_log_key, pinned_log_key


async def follow_log_key(folder: Path, archive: ArchiveClient, desk: Desk) -> None:
    """Pin what the pinned key leads to, if the archive answers and there is such a key.

    LogBroken if a statement that the pinned key signed does not hold.
    """
    pinned = await asyncio.to_thread(pinned_log_key, folder)
    try:
        told = await archive.get("/v1/log/successions", Successions)
    except TemporaryError:
        return  # at the next start; meanwhile the key before signs, too
    statements = [statement.encode("utf-8", "surrogatepass") for statement in told.statements]
    leads_to = succession.follow(statements, pinned)
    if leads_to != pinned:
        await desk.tell(lambda journal: journal.log_key_followed(str(pinned), str(leads_to)))
        await asyncio.to_thread(pin_log_key, folder, leads_to)
