"""Coverage at the command line of a running home: what only shows is the owner's to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from archive.catalogue import accounted, roomed, withheld
from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage import Asked, covered
from archive.catalogue.rooms import StaysAsked
from archive.service import Archive
from evidence.clock import unstamp
from evidence.errors import SetupError
from evidence.wire import CoverageCount, Message, PartShown, WithheldPage
from evidock import control

OP, ROOMS = "coverage", "coverage-rooms"
MOST = 2000
"""Parts that are told of at once."""


class Told(Message, frozen=True, kw_only=True):
    """The answer of the running home."""

    count: CoverageCount
    parts: list[PartShown]
    withheld: WithheldPage
    more: bool
    """Whether there are more parts than are told."""


def coverage_operations(archive: Archive) -> Mapping[str, control.Operation]:
    """What a running home answers."""
    run, terms = archive.books.catalogue.run, archive.desk.coverage

    async def coverage(request: Mapping[str, object]) -> control.Answer:
        asked = Asked(
            since=unstamp(str(request["since"])),
            until=unstamp(str(request["until"])),
            **{name: str(request.get(name, "")) for name in ("unit", "officer", "event")},
        )
        if asked.since >= asked.until:
            raise SetupError("--since must be before --until")

        def told(tx: Transaction) -> Told:
            parts = accounted.every_part(tx, asked, terms.judging, MOST + 1)
            return Told(
                count=accounted.count_of(covered(tx, asked, terms.judging)),
                parts=parts[:MOST],
                withheld=withheld.page(tx, asked.since, terms.docking),
                more=len(parts) > MOST,
            )

        return _shown(await run(told))

    async def rooms(request: Mapping[str, object]) -> control.Answer:
        asked = StaysAsked(
            since=unstamp(str(request["since"])),
            until=unstamp(str(request["until"])),
            room=str(request.get("room", "")),
        )
        if asked.since >= asked.until:
            raise SetupError("--since must be before --until")
        return _shown(await run(roomed.page, asked, terms.rooms, "", MOST))

    return {OP: coverage, ROOMS: rooms}


def _shown(made: Message) -> control.Answer:
    return cast("dict[str, object]", msgspec.to_builtins(made))
