"""Who else vouches for the checkpoint of a package: witnesses, and a time stamping authority.

One rule: they are waited for, for a bounded time, and never in silence gone without: what a package
lacks of what the settings ask for is told with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.books import Books
from evidence.errors import LogBroken, TemporaryError

COSIGNATURES, TIMESTAMPS = "cosignatures", "timestamps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """The checkpoint that all proofs of a package are under, and what goes with it."""

    note: bytes
    tokens: Mapping[str, bytes] = field(default_factory=dict)
    """Name -> an RFC 3161 response over the very bytes of the note."""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """What the settings ask for and could not be had -> why."""


async def vouched(books: Books, entry: int) -> Vouched:
    """A checkpoint over *entry*, seen by the quorum if it can be had now, and stamped if wanted.

    Witnesses are asked twice at the most, each for the patience that the settings give it.
    """
    lacking: dict[str, str] = {}
    witnesses = books.witnesses
    best = None
    if witnesses.policy.witnesses:
        best = await witnesses.seen_by_quorum(entry)
        if best is None or not best.is_quorum:
            told = [each.trouble for each in witnesses.states() if each.trouble]
            why = "; ".join(told) or "witnesses that are asked by hand have not cosigned it yet"
            lacking[COSIGNATURES] = f"not enough witnesses saw entry {entry}: {why}"
    note = books.log.checkpoint() if best is None else best.note
    tokens: dict[str, bytes] = {}
    if books.timestamps.wanted:
        try:
            stamped = await books.timestamps.stamp(note)
            tokens[stamped.token.name] = await asyncio.to_thread(stamped.token.read_bytes)
        except (TemporaryError, LogBroken) as error:
            lacking[TIMESTAMPS] = f"no time stamp was given: {error}"
    return Vouched(note=note, tokens=tokens, lacking=lacking)
