"""A feed that is pushed: a request is a batch, and the same request again is the same answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from archive.catalogue import feed_keys, feeds
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.feed_keys import FeedKey
from archive.feeds import json_rows
from archive.feeds.contract import Batch, Taken
from archive.feeds.mapping import FeedMapping
from archive.feeds.taking import SOURCES, Taking
from evidence.clock import stamp
from evidence.digest import Sha256
from evidence.errors import OutOfTurn, Refused

MOST_ROWS = 1000
"""Rows of one push."""
IDEMPOTENCY = re.compile(r"[!-~]{1,128}\Z")
"""What an ``Idempotency-Key`` is: up to 128 visible letters of ASCII."""
Answer = Callable[[Taken], bytes]


@dataclass(slots=True, kw_only=True)
class Pushed:
    """The rows of one push, as an adapter has them."""

    source: str
    rows: Sequence[object]
    done: bool = False

    async def batches(self) -> AsyncIterator[Batch]:
        """All of them, until they were taken."""
        if not self.done:
            yield Batch(source=self.source, sheet=json_rows.sheet_of(self.rows))

    async def taken(self, batch: Batch, what: Taken) -> None:  # noqa: ARG002  there is one
        """They are on record."""
        self.done = True


@dataclass(slots=True, kw_only=True)
class Pushes:
    """Takes in what is pushed, one push at a time."""

    catalogue: Catalogue
    taking: Taking
    mappings: Mapping[str, FeedMapping]
    """Name of a feed -> how it is read, for those that may be pushed."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def whose(self, key: str) -> FeedKey | None:
        """Whose *key* that is, if it counts."""
        return await self.catalogue.run(feed_keys.of_key, key)

    async def take(
        self, key: FeedKey, idempotency: str, body: bytes, rows: Sequence[object], answer: Answer
    ) -> bytes:
        """What is answered to a push of *rows*, the same to the same *body* again.

        OutOfTurn if another body came under *idempotency*; Refused if the feed may not be pushed.
        """
        mapping = self.mappings.get(key.name)
        if mapping is None or mapping.kind.value != key.kind:
            raise Refused(
                f"no feed {key.name!r} of {key.kind} is set up here to be pushed",
                advice='It needs a table [[feeds]] with how = "push" in the settings.',
            )
        digest = Sha256.of(body)
        async with self._one_at_a_time:
            before = await self.catalogue.run(feeds.answered, key.id, idempotency)
            if before is not None:
                if before[0] != digest.hex:
                    raise OutOfTurn(
                        f"Idempotency-Key {idempotency!r} came before with another body",
                        advice="Send other rows under a key of their own.",
                    )
                return before[1]
            pushed = Pushed(source=await self.catalogue.run(_source, key.name, digest), rows=rows)
            taken = await drained(pushed.batches(), self._takes(key, mapping, pushed))
            sent = answer(taken[0])
            await self.catalogue.run(_remember, key, idempotency, digest, sent)
        return sent

    def _takes(
        self, key: FeedKey, mapping: FeedMapping, pushed: Pushed
    ) -> Callable[[Batch], Awaitable[Taken]]:
        async def take(batch: Batch) -> Taken:
            taken = await self.taking.take(key.name, batch, mapping)
            await pushed.taken(batch, taken)
            return taken

        return take


async def drained(
    batches: AsyncIterator[Batch], take: Callable[[Batch], Awaitable[Taken]]
) -> list[Taken]:
    """What became of all *batches*, each taken before the next is asked for."""
    return [await take(batch) async for batch in batches]


def _source(tx: Transaction, name: str, body: Sha256) -> str:
    return f"push {name} {stamp(tx.clock.now())} {body.hex[:8]}"


def _remember(tx: Transaction, key: FeedKey, idempotency: str, body: Sha256, answer: bytes) -> None:
    feeds.remember(tx, key.id, idempotency, body, answer)
    feeds.keep_newest(tx, key.name, f"push {key.name} ", SOURCES)
