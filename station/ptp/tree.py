"""The files of a device: objects that name their folders, made paths.

One rule: what an object says of its folder counts, not the folder under which it was listed, for
some devices list all objects at once.  Circles, and folders of nobody, lead to the root.  It does
no I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evidence.names import safe_part
from station.ptp.datasets import ObjectInfo

DEEPEST = 64
"""Folders inside one another that are followed."""


def files(objects: Mapping[int, ObjectInfo]) -> Iterator[tuple[bytes, int]]:
    """Path and handle of every file among the *objects* of one storage, by handle."""
    for handle in sorted(objects):
        if not objects[handle].is_folder:
            yield path_of(objects, handle), handle


def path_of(objects: Mapping[int, ObjectInfo], handle: int) -> bytes:
    """The path of one of the *objects*."""
    return b"/".join(reversed(list(_parts(objects, handle))))


def _parts(objects: Mapping[int, ObjectInfo], handle: int) -> Iterator[bytes]:
    """Names from the object to the root."""
    seen: set[int] = set()
    while handle in objects and handle not in seen and len(seen) <= DEEPEST:
        seen.add(handle)
        held = objects[handle]
        yield safe_part(held.name.encode("utf-8", "surrogatepass"))
        handle = held.parent
