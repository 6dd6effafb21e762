"""An archive at rest, opened to be examined: nothing is continued, signed or mended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from archive.catalogue import database
from archive.catalogue.catalogue import Catalogue
from archive.census import KEY_FILE
from archive.fixity.examine import Examined
from archive.fixity.testimony import Testimony
from archive.log.key import load_or_make_signer
from archive.log.store import TileStore
from evidence.clock import Clock
from evidence.errors import SetupError
from evidence.key_file import load_or_make
from evidence.settings import Settings
from evidence.vault import Vault


@asynccontextmanager
async def opened(
    settings: Settings, folder: Path, vault: Vault, clock: Clock, *, second: Vault | None = None
) -> AsyncIterator[Examined]:
    """The archive in *folder* as it lies there; SetupError if it never began, or cannot be read.

    Unlike :func:`archive.books.opened` this takes a log that cannot be continued.
    """
    key_file = folder / "log.key"
    if not key_file.exists():
        raise SetupError(
            f"{key_file} is missing: without it nothing signed by this home can be checked",
            advice="Name the home with --home, or restore the key from its backup.",
        )
    signer = await asyncio.to_thread(load_or_make_signer, key_file, settings.agency.origin)
    catalogue = await Catalogue.opened(database.place(settings.archive, folder), clock)
    try:
        yield Examined(
            catalogue=catalogue,
            read=TileStore(folder / "log").read,
            key=signer.key,
            vault=vault,
            second=second,
            agency=settings.agency.name,
            census_key=await asyncio.to_thread(_census_key, folder),
            testimony=await asyncio.to_thread(Testimony.of, settings, folder, signer.key),
        )
    finally:
        await catalogue.close()


def _census_key(folder: Path) -> bytes | None:
    """The census key of the archive in *folder*; None if it never had one."""
    path = folder / KEY_FILE
    return load_or_make(path).private_bytes_raw() if path.exists() else None
