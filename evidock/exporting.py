"""Exports of a home, whether it runs or not.

One rule: the package is written by the process that holds the home, and under its rights; of a
running home the command only says where to, and shows how far it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import msgspec

from archive.census import Censuses, CensusRules
from archive.export.exports import Exports
from archive.export.order import Exported, Order, Stage
from archive.rebuild.catching_up import Others
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.errors import HomeBusy, SetupError
from evidence.package import Selection
from evidence.verification.page import page
from evidock import control
from evidock.enclosed import enclosed, words
from evidock.home import Home
from evidock.vaults import open_vault

Shown = Callable[[Mapping[str, object]], None]
"""Hears how far an export is: ``stage``, ``originals``, ``of``, ``bytes``, ``of_bytes``."""
BEGIN, STATUS, END = "export-begin", "export-status", "export-end"
_LOOK_AGAIN = 0.2


@dataclass(slots=True, kw_only=True)
class Exporting:
    """The one export that a running home does at a time."""

    archive: Archive
    home: Home
    _task: asyncio.Task[Exported] | None = None
    _at: Mapping[str, object] = field(default_factory=dict)

    def operations(self) -> Mapping[str, control.Operation]:
        """What may be asked over the socket."""
        return {BEGIN: self._begin, STATUS: self._status, END: self._end}

    async def aclose(self) -> None:
        """End what is under way: the home stops."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

    async def _begin(self, request: Mapping[str, object]) -> control.Answer:
        # In a thread: a place on a share that hangs must stop nothing but itself.
        order = await asyncio.to_thread(order_of, request, self.home)
        if self._task is not None and not self._task.done():  # one whose asker was killed is done
            raise HomeBusy("another export is under way", advice="Wait for its end.")
        self._at = _told(Stage.SELECTING, 0, 0, 0, 0)
        self._task = asyncio.create_task(self.archive.export(order, self._hear))
        return {}

    async def _status(self, _request: Mapping[str, object]) -> control.Answer:
        task = self._task
        if task is None:
            raise HomeBusy("no export is under way", advice="It was stopped; begin it again.")
        if not task.done():
            return self._at
        self._task = None
        return {"done": wire(await task)}

    async def _end(self, _request: Mapping[str, object]) -> control.Answer:
        await self.aclose()
        return {}

    def _hear(self, stage: Stage, done: int, of: int, read: int, of_bytes: int) -> None:
        self._at = _told(stage, done, of, read, of_bytes)


def export_running(home: Home, request: Mapping[str, object], show: Shown) -> Mapping[str, object]:
    """What the process that runs *home* made; stopped with us, unless we are killed."""
    control.ask(home.socket, BEGIN, **request)
    done = False
    try:
        while "done" not in (answer := control.ask(home.socket, STATUS)):
            show(answer)
            time.sleep(_LOOK_AGAIN)
        done = True
        return cast("Mapping[str, object]", answer["done"])
    finally:
        if not done:
            with suppress(HomeBusy):
                control.ask(home.socket, END)


async def export_resting(
    home: Home, request: Mapping[str, object], show: Shown
) -> Mapping[str, object]:
    """What was made of *home*, whose lock the caller holds."""
    settings, clock = home.settings(), SystemClock()
    order = order_of(request, home)
    async with AsyncExitStack() as stack:
        opened = open_vault(home, settings, clock, proven=False)
        vault = (await stack.enter_async_context(opened)).vault
        others = Others.around(vault, settings.agency.name)
        at_rest = Archive.at_rest(settings, home.archive, clock, others)
        books = await stack.enter_async_context(at_rest)
        rules = await asyncio.to_thread(CensusRules.load_or_make, settings, home.archive)
        counts = Censuses(books.catalogue, vault, clock, rules)
        exports = Exports(books, vault, clock, counts)
        return wire(await exports.export(order, lambda *told: show(_told(*told))))


def order_of(request: Mapping[str, object], home: Home) -> Order:
    """The order that is asked for; SetupError if it would go into the home itself."""
    out = Path(str(request["out"]))
    if home.folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise SetupError(
            f"{out} lies in the home {home.folder}", advice="Take packages out to another place."
        )
    return Order(
        selection=msgspec.convert(request["selection"], type=Selection),
        reason=None if (reason := request.get("reason")) is None else str(reason),
        out=out,
        with_renditions=bool(request["renditions"]),
        enclosed=enclosed(page()),
        languages=words(),
    )


def wire(made: Exported) -> dict[str, object]:
    """The package that was made, as ``--json`` prints it (``docs/packages.md``)."""
    return asdict(made) | {"out": str(made.out)}


def _told(stage: Stage, done: int, of: int, read: int, of_bytes: int) -> dict[str, object]:
    return {
        "stage": stage.value,
        "originals": done,
        "of": of,
        "bytes": read,
        "of_bytes": of_bytes,
    }
