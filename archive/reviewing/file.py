"""The file of a draw: its entries, those of every draw before it, population and sheet."""

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
    found = await catalogue.run(draws.for_file, draw)
    try:
        async with asyncio.timeout(PATIENCE):
            await sequencer.sequenced(found.indexes[-1])
    except TimeoutError as error:
        raise TemporaryError(
            f"entry {found.indexes[-1]} is recorded but not signed for yet"
        ) from error

    def proven(index: int) -> ProvenEntry:
        return ProvenEntry(
            index=index,
            text=log.entry(index).decode("utf-8"),
            receipt=witnesses.receipt(index).decode("utf-8"),
        )

    entries = await asyncio.to_thread(lambda: [proven(index) for index in found.indexes])
    return DrawFile(
        format=FORMAT,
        draw=draw,
        entries=entries,
        population=found.population,
        population_salt=found.population_salt.hex(),
        sheet=found.sheet,
        sheet_salt=found.sheet_salt.hex(),
    )
