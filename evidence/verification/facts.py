"""What verification reads in custody entries: the fields it needs of each kind, typed.

One rule: an entry is looked at only after it was proven to be in the log, and only if its bytes
are canonical JSON, so that every reader reads the same in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import msgspec

from evidence.canonical import canonical
from evidence.errors import DigestMismatch

_Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Signature = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]

DISPOSED = "dispose.done"


class Digests(msgspec.Struct, frozen=True):
    """Digests of one thing; others may stand beside SHA-256."""

    sha256: _Hex


class Head(msgspec.Struct, frozen=True):
    """What every entry has."""

    kind: str
    by: str = ""
    clip: str | None = None


class Enrolled(msgspec.Struct, frozen=True):
    """``station.enrol``."""

    by: str
    public_key: _Key


class Act(msgspec.Struct, frozen=True):
    """``station.act``."""

    by: str
    n: Annotated[int, msgspec.Meta(ge=1)]
    act: str
    signature: _Signature
    clip: str | None = None


class Committed(msgspec.Struct, frozen=True):
    """Whatever commits to something about a clip."""

    commitments: dict[str, _Hex] = {}


class Archived(msgspec.Struct, frozen=True):
    """``archive.verified``."""

    clip: str
    digests: Digests
    size: Annotated[int, msgspec.Meta(ge=0)]
    manifest: Digests
    commitments: dict[str, _Hex]
    received: str
    lock_mode: str
    lock_until: str
    retain_until: str


class Retained(msgspec.Struct, frozen=True):
    """Any later entry that says until when a clip is kept."""

    retain_until: str | None = None


class Derived(msgspec.Struct, frozen=True):
    """``derive``."""

    clip: str
    objects: dict[str, Digests]


class Exported(msgspec.Struct, frozen=True):
    """``export``."""

    by: str
    statement: Digests


class Disposed(msgspec.Struct, frozen=True):
    """``dispose.done``."""

    clip: str


def parse(raw: bytes) -> dict[str, object]:
    """The object in *raw*, which must be canonical JSON; DigestMismatch if it is not."""
    try:
        value = json.loads(raw, object_pairs_hook=_once)
        same = isinstance(value, dict) and canonical(value) == raw
    except (ValueError, RecursionError) as error:
        raise DigestMismatch(f"it is no JSON that everybody reads alike: {error}") from error
    if not same:
        raise DigestMismatch("it is not canonical JSON (RFC 8785)")
    assert isinstance(value, dict)  # noqa: S101 - said above
    return value


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands in it twice")
    return made
