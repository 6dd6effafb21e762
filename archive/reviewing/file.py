"""The file of a draw: its entries, those of earlier ones over the same days, and population."""

from __future__ import annotations

import asyncio

from archive.catalogue import draws
from archive.catalogue.catalogue import Catalogue
from archive.log.log import Log
from archive.log.witnesses import Witnesses
from archive.sequencer import Sequencer
from evidence.drawn_file import FORMAT, DrawFile, ProvenEntry
from evidence.errors import TemporaryError

PATIENCE = 5.0
"""Seconds that an entry is waited for to be signed for."""


async def file_of(
    draw: str, catalogue: Catalogue, log: Log, sequencer: Sequencer, witnesses: Witnesses
) -> DrawFile:
    """Draw *draw* for strangers; NotKnown without it, TemporaryError until it is signed for."""
    indexes, population, salt = await catalogue.run(draws.for_file, draw)
    try:
        async with asyncio.timeout(PATIENCE):
            await sequencer.sequenced(max(indexes))
    except TimeoutError as error:
        raise TemporaryError(f"entry {max(indexes)} is recorded but not signed for yet") from error

    def proven(index: int) -> ProvenEntry:
        return ProvenEntry(
            index=index,
            text=log.entry(index).decode("utf-8"),
            receipt=witnesses.receipt(index).decode("utf-8"),
        )

    entries = await asyncio.to_thread(lambda: [proven(index) for index in indexes])
    return DrawFile(
        format=FORMAT,
        draw=draw,
        entries=entries,
        population=population,
        population_salt=salt.hex(),
    )
