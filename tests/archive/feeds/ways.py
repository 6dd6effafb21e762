"""The ways in which another system tells rows, each behind one face."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from archive.catalogue import feeds
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.feeds import Unused
from archive.catalogue.tables import EntryRow
from archive.feeds.contract import Adapter, Batch, Taken
from archive.feeds.folder import Folder
from archive.feeds.mapping import FeedMapping
from archive.feeds.pull import Pull
from archive.feeds.push import Pushed, drained
from archive.feeds.taking import Taking
from evidence.clock import SetClock
from evidence.custody import Entry
from evidence.feed_settings import FeedKind, FeedSettings
from tests.archive.feeds.sheets import mapping, workbook
from tests.archive.house import START
from tests.archive.ledger import BUFFER
from tests.archive.places import here

Rows = Sequence[Mapping[str, object]]


class Way(Protocol):
    """One way: *first* is the place of the first row that it tells."""

    first: int

    def tell(self, rows: Rows) -> Adapter:
        """From now on it tells *rows*; what they come from."""
        ...


@dataclass
class Csv:
    folder: Path
    catalogue: Catalogue
    how: FeedMapping
    first: int = 2
    adapter: Folder | None = None

    def tell(self, rows: Rows) -> Adapter:
        (self.folder / "a.csv").write_bytes(self.encoded(rows))
        self.adapter = self.adapter or Folder("x", self.folder, self.catalogue, self.how)
        return self.adapter

    def encoded(self, rows: Rows) -> bytes:
        out = io.StringIO()
        writer = csv.DictWriter(out, columns_of(rows))
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode("gb18030")


class Xlsx(Csv):
    def tell(self, rows: Rows) -> Adapter:
        columns = columns_of(rows)
        told: list[Sequence[object]] = [[row.get(each) for each in columns] for row in rows]
        table = [columns, *told]
        (self.folder / "a.xlsx").write_bytes(workbook(table))
        self.adapter = self.adapter or Folder("x", self.folder, self.catalogue, self.how)
        return self.adapter


@dataclass
class Pushing:
    count: int = 0
    first: int = 1

    def tell(self, rows: Rows) -> Adapter:
        self.count += 1
        return Pushed(source=f"push x {self.count}", rows=rows)


@dataclass
class Asked:
    """A system that answers each question with the rows behind a cursor."""

    rows: Rows = ()
    version: int = 0
    status: int = 200
    heard: list[web.Request] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.heard.append(request)
        if self.status != 200:
            return web.Response(status=self.status, headers={"Location": "http://127.0.0.1:9/"})
        etag = f'"{self.version}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        text = json.dumps({"rows": list(self.rows)})
        return web.Response(text=text, headers={"ETag": etag})


@dataclass
class Pulling:
    server: Asked
    adapter: Pull
    first: int = 1

    def tell(self, rows: Rows) -> Adapter:
        self.server.rows = rows
        self.server.version += 1
        return self.adapter


@dataclass
class World:
    """A catalogue that hears one feed."""

    catalogue: Catalogue
    way: Way
    how: FeedMapping

    async def hear(self, rows: Rows) -> list[Taken]:
        """Tell *rows*, and take in all that comes."""
        return await self.drain(self.way.tell(rows))

    async def drain(self, adapter: Adapter) -> list[Taken]:
        taking = Taking(catalogue=self.catalogue, buffer=BUFFER)

        async def take(batch: Batch) -> Taken:
            taken = await taking.take("x", batch, self.how)
            await adapter.taken(batch, taken)
            return taken

        return await drained(adapter.batches(), take)

    async def entries(self) -> list[Mapping[str, object]]:
        """All that is on record."""
        return await self.catalogue.run(_entries)

    async def problems(self) -> list[Unused]:
        return await self.catalogue.run(feeds.problems, 1000)


def _entries(tx: Transaction) -> list[Mapping[str, object]]:
    raws = tx.session.scalars(select(EntryRow.raw).order_by(EntryRow.seq)).all()
    return [Entry(raw).fields for raw in raws]


def columns_of(rows: Rows) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


@asynccontextmanager
async def asked() -> AsyncIterator[tuple[Asked, str]]:
    """A system that answers, and its address."""
    server, app = Asked(), web.Application()
    app.router.add_get("/rows", server.answer)
    async with TestServer(app) as running:
        yield server, str(running.make_url("/rows"))


@asynccontextmanager
async def world(
    name: str, folder: Path, kind: FeedKind = FeedKind.INCIDENTS
) -> AsyncIterator[World]:
    """A world of the way called *name*."""
    how = mapping(kind)
    inbox = folder / "inbox"
    inbox.mkdir()
    catalogue = await Catalogue.opened(here(folder / "catalogue.sqlite"), SetClock(START))
    try:
        async with asked() as (server, url):
            settings = FeedSettings(name="x", kind=kind, how="pull", url=url)
            ways: dict[str, Way] = {
                "csv": Csv(inbox, catalogue, how),
                "xlsx": Xlsx(inbox, catalogue, how),
                "push": Pushing(),
                "pull": Pulling(server, Pull(settings, catalogue, how)),
            }
            yield World(catalogue=catalogue, way=ways[name], how=how)
    finally:
        await catalogue.close()
