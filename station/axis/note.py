"""What a System Controller told of a container and its objects, beside their bytes.

One rule: it is kept as it was told, value for value; who reads it decides what it is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

import msgspec

from evidence.names import shown

_CONTAINER = "x-container-meta-"
_OBJECT = "x-object-meta-"
MOST = 64 * 1024
"""Bytes of headers that tell something; all published keys together take some 2,000."""


class ObjectNote(msgspec.Struct, frozen=True, kw_only=True):
    """One object, and what we saw of its bytes when they came in."""

    told: dict[str, str]
    size: int
    sha256: str
    """Hex, over the bytes as they came from the network."""
    md5: str
    """Hex: what Swift calls the object's Etag."""
    received: str
    """By our clock, when its last byte was in."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One container."""

    container: str
    device: str
    """Folder of the camera, or register, that it belongs to."""
    told: dict[str, str]
    objects: dict[str, ObjectNote] = {}
    """By their place in the container's folder."""

    @property
    def is_complete(self) -> bool:
        """Whether the controller has said that nothing more will come."""
        return self.told.get("Status") == "Complete"


def told_in(headers: Mapping[str, str]) -> dict[str, str]:
    """The metadata among *headers*, URL-decoded, keys written as Axis writes them.

    Both prefixes count wherever they stand, as in Axis's example server: its own flow sends a
    container ``X-Object-Meta-Status``.
    """
    told = {}
    for key, value in headers.items():
        for prefix in (_CONTAINER, _OBJECT):
            if key.lower().startswith(prefix):
                name = key[len(prefix) :]
                told["-".join(part.capitalize() for part in name.split("-"))] = _decoded(value)
    return told


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """*old* with *new* laid over it; an empty value takes a key away (Swift's containers)."""
    return {key: value for key, value in {**old, **new}.items() if value}


def moment_of(told: Mapping[str, str], name: str) -> datetime | None:
    """The time told under *name*: RFC 3339 under ``<name>iso``, else seconds since 1970."""
    try:
        if name + "iso" in told:
            moment = datetime.fromisoformat(told[name + "iso"])
            return moment.astimezone(UTC) if moment.tzinfo else None
        return datetime.fromtimestamp(float(told[name]), UTC) if name in told else None
    except (ValueError, OverflowError, OSError):
        return None


def _decoded(value: str) -> str:
    """*value* URL-decoded; one that is no such text is kept as it came, its odd bytes escaped."""
    try:
        return unquote(value, errors="strict").encode("utf-8").decode("utf-8")
    except UnicodeError:
        return shown(value.encode("utf-8", errors="surrogateescape"))
