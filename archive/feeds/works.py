"""All feeds of an archive: what is watched and asked in the background, and what may be pushed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from archive.catalogue import feeds
from archive.feeds.contract import Batch, Taken
from archive.feeds.folder import Folder
from archive.feeds.mapping import FeedMapping, of_feed
from archive.feeds.pull import Pull
from archive.feeds.push import Pushes, drained
from archive.feeds.taking import Taking
from archive.supervise import Supervised
from evidence.clock import Clock
from evidence.errors import EvidenceError, SetupError, TemporaryError
from evidence.feed_settings import FeedKind, FeedSettings, checked
from evidence.settings import Settings

OLD_NAME = "incidents"
"""What the feed of ``[archive] incident_feed`` is called."""
_log = logging.getLogger(__name__)


class Watched(Protocol):
    """An adapter that tells by itself when there may be more."""

    def batches(self) -> AsyncIterator[Batch]: ...

    async def taken(self, batch: Batch, what: Taken) -> None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def wait(self) -> None: ...

    async def trouble(self) -> str: ...


@dataclass(slots=True, kw_only=True)
class FeedWork:
    """One feed that is watched or asked."""

    name: str
    adapter: Watched
    mapping: FeedMapping
    taking: Taking
    work: Supervised
    one_at_a_time: asyncio.Lock

    @classmethod
    def of(
        cls, settings: FeedSettings, mapping: FeedMapping, taking: Taking, clock: Clock
    ) -> FeedWork:
        """SetupError if it cannot be watched or asked as *settings* say."""
        adapter: Watched
        if settings.how == "pull":
            adapter = Pull(settings, taking.catalogue, mapping)
        else:
            adapter = Folder(settings.name, Path(settings.path), taking.catalogue, mapping)
        made = cls(
            name=settings.name,
            adapter=adapter,
            mapping=mapping,
            taking=taking,
            work=Supervised(f"feed {settings.name}", lambda: made.step(), clock),  # noqa: PLW0108
            one_at_a_time=asyncio.Lock(),
        )
        return made

    async def take_now(self) -> int:
        """Take in all that it tells now; how many rows were new, other than before or withdrawn.

        TemporaryError if some of it cannot be had now; what can is taken first.
        """
        async with self.one_at_a_time:
            try:
                taken = await drained(self.adapter.batches(), self._take)
            except EvidenceError as error:
                await self.taking.catalogue.run(feeds.fails, self.name, str(error))
                raise
            trouble = await self.adapter.trouble()
            await self.taking.catalogue.run(feeds.fails, self.name, trouble)
            return sum(each.changed for each in taken)

    async def step(self) -> None:
        """One turn: what fails is told with the feed, and tried again when its turn comes."""
        try:
            await self.take_now()
        except (TemporaryError, SetupError) as error:
            _log.warning("feed %s will be tried again: %s", self.name, error)
        await self.adapter.wait()

    async def _take(self, batch: Batch) -> Taken:
        taken = await self.taking.take(self.name, batch, self.mapping)
        await self.adapter.taken(batch, taken)
        return taken


class Feeds:
    """The feeds that *settings* name.  SetupError if one cannot be read as they say."""

    def __init__(self, settings: Settings, taking: Taking, clock: Clock) -> None:
        self.settings = named(settings)
        mappings = {each.name: of_feed(each) for each in self.settings}
        self.works = [
            FeedWork.of(each, mappings[each.name], taking, clock)
            for each in self.settings
            if each.how != "push"
        ]
        pushed = {e.name: mappings[e.name] for e in self.settings if e.how == "push"}
        self.pushes = Pushes(catalogue=taking.catalogue, taking=taking, mappings=pushed)
        self._catalogue = taking.catalogue

    async def start(self, stack: AsyncExitStack) -> None:
        """Begin to watch and ask; *stack* ends it."""
        for each in self.works:
            await each.adapter.start()
            stack.push_async_callback(each.adapter.stop)
            each.work.start()
            stack.push_async_callback(each.work.stop)

    async def take_now(self) -> int:
        """Take in all that every feed tells now; how many rows changed anything.

        The first error, once every feed was asked.
        """
        changed, failed = 0, []
        for each in self.works:
            try:
                changed += await each.take_now()
            except EvidenceError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return changed

    async def problems(self) -> list[str]:
        """Feeds of which nothing can be had now."""
        states = [await self._catalogue.run(feeds.state, each.name) for each in self.settings]
        return [each.problem for each in states if each.problem]


def named(settings: Settings) -> Sequence[FeedSettings]:
    """Every feed that *settings* name, in the long form or the short one."""
    short: tuple[FeedSettings, ...] = ()
    if path := settings.archive.incident_feed:
        short = (FeedSettings(name=OLD_NAME, kind=FeedKind.INCIDENTS, how="folder", path=path),)
    return checked((*short, *settings.feeds))
