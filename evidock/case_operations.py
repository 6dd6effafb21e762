"""Cases at the command line of a home: read whether it runs or rests, put into while it runs.

One rule: whoever puts something in signs in with a name and password of their own, as at the
player, and has the rights of that account.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from typing import cast

import msgspec

from archive.books import Books
from archive.catalogue import closings, placings, replays
from archive.catalogue.replays import Part
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.rights import Action
from evidence.wire import Message, Replay
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running
from evidock.signing_in import signed_in

LIST = "cases-list"
SHOW = "cases-show"
ADD_CLIP = "cases-add-clip"
DOCUMENT = "cases-document"
DOSSIER = "cases-dossier"
_AT_ONCE = 200
_BLOCK = 1 << 20


def case_operations(archive: Archive) -> Mapping[str, control.Operation]:
    """What a running home answers."""

    async def list_all(_request: Mapping[str, object]) -> control.Answer:
        return {"cases": await _listed(archive.books)}

    async def show(request: Mapping[str, object]) -> control.Answer:
        return await _shown(archive.books, str(request["number"]))

    async def add_clip(request: Mapping[str, object]) -> control.Answer:
        async with signed_in(archive, request, Action.PLACE_CLIP) as person:
            told = str(request["number"]), str(request["clip"]), str(request["reason"])
            book = archive.desk.rulebook
            entry = await archive.books.catalogue.run(placings.place, person, *told, book=book)
        return {"number": told[0], "clip": told[1], "entry": entry}

    async def document(request: Mapping[str, object]) -> control.Answer:
        async with signed_in(archive, request, Action.ADD_DOCUMENT) as person:
            told = str(request["number"]), str(request["title"]), str(request["file"])
            data = base64.b64decode(str(request["data"]), validate=True)
            return _wire(await archive.desk.documents.add(person, *told, _blocks(data)))

    async def dossier(request: Mapping[str, object]) -> control.Answer:
        async with signed_in(archive, request, Action.MAKE_DOSSIER) as person:
            return _wire(await archive.desk.dossiers.make(person, str(request["number"])))

    return {LIST: list_all, SHOW: show, ADD_CLIP: add_clip, DOCUMENT: document, DOSSIER: dossier}


def list_cases(home: Home) -> Mapping[str, object]:
    """Every case that anything in *home* names, with what it has."""
    told = ask_if_running(home, LIST)
    return asyncio.run(_at_rest(home, None)) if told is None else told


def show_case(home: Home, number: str) -> Mapping[str, object]:
    """One case of *home*: clips, documents, versions of its dossier; NotKnown without it."""
    told = ask_if_running(home, SHOW, number=number)
    return asyncio.run(_at_rest(home, number)) if told is None else told


async def _at_rest(home: Home, number: str | None) -> Mapping[str, object]:
    settings = home.settings()
    with home.locked():
        async with Archive.at_rest(settings, home.archive, SystemClock()) as books:
            if number is None:
                return {"cases": await _listed(books)}
            return await _shown(books, number)


async def _listed(books: Books) -> list[object]:
    found: list[object] = []
    after: str | None = ""
    while after is not None:
        page = await books.catalogue.run(closings.page, after, _AT_ONCE)
        found += map(msgspec.to_builtins, page.cases)
        after = page.next
    return found


async def _shown(books: Books, number: str) -> Mapping[str, object]:
    """The case whole: all recordings, and no acts, which the log has."""
    part, recordings = Part(acts=2**53), list[object]()
    while True:
        found: Replay = await books.catalogue.run(replays.of_case, number, part, 0)
        recordings += map(msgspec.to_builtins, found.recordings)
        if found.next_recordings is None:
            return {
                "case": msgspec.to_builtins(found.case),
                "clips": recordings,
                "documents": msgspec.to_builtins(found.documents),
                "dossiers": msgspec.to_builtins(found.dossiers),
            }
        part = Part(recordings=int(found.next_recordings), acts=2**53)


async def _blocks(data: bytes) -> AsyncIterator[bytes]:
    for first in range(0, len(data), _BLOCK):
        yield data[first : first + _BLOCK]


def _wire(message: Message) -> control.Answer:
    return cast("dict[str, object]", msgspec.to_builtins(message))
