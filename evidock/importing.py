"""Imports over the home's socket: what a running home does for ``evidock import``, and asks of it.

One rule: the files are opened by the process that holds the home, and under its rights; the command
only says where they lie, and shows how far they are.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import msgspec

from evidence.names import shown
from evidence.receipt import SUFFIX
from evidock import control
from evidock.home import Home
from station.imports.desk import Stage, Told
from station.imports.dock import Begun
from station.imports.names import ImportNames
from station.imports.order import ImportOrder
from station.journal.arrivals import HandedFile
from station.service import Station

UNDER_WAY = frozenset({Stage.WAITING, Stage.READING, Stage.ARCHIVING})
BEGIN, STATUS, FILES, END = "import-begin", "import-status", "import-files", "import-end"


def import_operations(station: Station, home: Home) -> Mapping[str, control.Operation]:
    """The operations of *station*, by name."""

    async def begin(request: Mapping[str, object]) -> control.Answer:
        never, names = [home.folder, *station.imports.never], station.imports.names
        order = await order_of(request, never=never, names=names)
        begun = await station.hand_in(order)
        return {"slot": os.fsdecode(begun.slot), "identity": begun.identity}

    async def status(request: Mapping[str, object]) -> control.Answer:
        told = await station.imports.told(_begun(request))
        return _status(told) | {"problems": list(station.snapshot().problems)}

    async def files(request: Mapping[str, object]) -> control.Answer:
        found = await station.imports.files(_begun(request))
        return {"files": [_file(each) for each in found]}

    async def end(request: Mapping[str, object]) -> control.Answer:
        station.imports.dock.end(_begun(request))
        return {}

    return {BEGIN: begin, STATUS: status, FILES: files, END: end}


async def order_of(
    request: Mapping[str, object],
    *,
    never: Sequence[Path],
    names: Callable[[str], ImportNames],
) -> ImportOrder:
    """The order that *request* asks for; errors as :meth:`ImportOrder.of` and *names*.

    Its paths are looked at in a thread: one on a share that hangs must stop nothing but itself.
    """
    sums, profile = cast("Mapping[str, str]", request["sums"]), request.get("profile")
    read = None if profile is None else await asyncio.to_thread(names, str(profile))
    return await asyncio.to_thread(
        ImportOrder.of,
        cast("Sequence[str]", request["paths"]),
        by=str(request["by"]),
        reason=str(request["reason"]),
        source=cast("str | None", request["source"]),
        camera=cast("str | None", request["camera"]),
        as_files=bool(request["as_files"]),
        sums={os.fsencode(path): digest for path, digest in sums.items()},
        names=read,
        never=never,
    )


def whole_path(path: Path) -> str:
    """*path* as the other process finds it, whatever folder that works in."""
    return str(path.absolute())


def _begun(request: Mapping[str, object]) -> Begun:
    return Begun(slot=os.fsencode(str(request["slot"])), identity=str(request["identity"]))


def _status(told: Told) -> dict[str, object]:
    view = told.view
    return {
        "stage": told.stage.value,
        "problem": told.problem,
        "arrived": msgspec.to_builtins(told.arrived),
        "card": None if view is None else msgspec.to_builtins(view),
    }


def _file(held: HandedFile) -> dict[str, object]:
    """A file as the report tells it: the names are a contract (``docs/import.md``)."""
    clip = held.clip
    return {
        "id": clip.name,
        "path": shown(clip.path),
        "path_hex": clip.path.hex(),
        "camera": clip.camera,
        "bytes": clip.size,
        "sha256": None if clip.sha256 is None else clip.sha256.hex,
        "state": clip.state.value,
        "class": clip.clip_class.value,
        "acquisition": clip.acquisition.value,
        "before": held.before,
        "receipt": f"receipts/{clip.name}{SUFFIX}" if clip.receipt else None,
        "problem": "; ".join(filter(None, (clip.alarm, clip.problem))) or None,
    }
