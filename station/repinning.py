"""A station follows the log's key to its successor, and to nothing else.

One rule: the new key is believed for the statement that the key pinned here signed.  The act is in
the station's journal before the pin moves; whatever does not hold leaves the pin where it was.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from evidence import succession
from evidence.errors import IntegrityError, LogBroken, TemporaryError
from evidence.wire import Successions
from ingest.archive_client import ArchiveClient
from station.desk import Desk
from station.enrol import pin_log_key, pinned_log_key

#: Seconds the archive is waited for: a station starts in whatever state the archive is in.
PATIENCE = 3.0
_log = logging.getLogger(__name__)


async def follow_log_key(folder: Path, archive: ArchiveClient, desk: Desk) -> str | None:
    """Pin what the pinned key leads to, if the archive answers and there is such a key.

    What to tell people, if a statement that the pinned key signed does not hold: the pin stays,
    and the station goes on, since cameras are to be taken in all the same.
    """
    pinned = await asyncio.to_thread(pinned_log_key, folder)
    try:
        async with asyncio.timeout(PATIENCE):
            told = await archive.get("/v1/log/successions", Successions)
    except (TemporaryError, TimeoutError, IntegrityError) as error:
        # At the next start then: the key before signs on meanwhile.
        _log.warning("the archive did not tell how the log's key changed: %r", error)
        return None
    statements = [statement.encode("utf-8", "surrogatepass") for statement in told.statements]
    try:
        leads_to = succession.follow(statements, pinned)
    except LogBroken as error:
        why = f"the log's key was not followed, the one before stays pinned: {error}"
        _log.critical("%s", why)
        return why
    if leads_to != pinned:
        await desk.tell(lambda journal: journal.log_key_followed(str(pinned), str(leads_to)))
        await asyncio.to_thread(pin_log_key, folder, leads_to)
    return None
