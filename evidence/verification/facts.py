"""What verification reads in custody entries: the fields it needs of each kind, typed.

One rule: an entry is looked at only after it was proven to be in the log, and only if its bytes
are canonical JSON, so that every reader reads the same in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Annotated

import msgspec

from evidence.canonical import canonical
from evidence.errors import DigestMismatch

_Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Signature = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]

_PLAIN = re.compile(rb'(?:"[ !#-\[\]-~]*"|[ !#-/:-\[\]-~]|[0-9]{1,15}(?![0-9]))*+')
"""Printable ASCII without escapes, and outside of texts no number of 16 digits."""


def _no_float(text: str) -> float:
    raise ValueError(f"{text} is no whole number")


_FAST = msgspec.json.Decoder(dict[str, object], float_hook=_no_float)


class Digests(msgspec.Struct, frozen=True):
    """Digests of one thing; others may stand beside SHA-256."""

    sha256: _Hex
    sm3: _Hex | None = None


class Head(msgspec.Struct, frozen=True):
    """What every entry has."""

    kind: str
    by: str = ""
    clip: str | None = None


class Recorded(msgspec.Struct, frozen=True):
    """When any entry was written, as :func:`evidence.clock.stamp` writes it."""

    at: str


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


class Read(msgspec.Struct, frozen=True):
    """What a station signed of the bytes it read, in ``clip.pulled`` and ``clip.verified``."""

    kind: str
    sha256: str | None = None
    sm3: _Hex | None = None
    size: int | None = None


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


class Named(msgspec.Struct, frozen=True):
    """Every digest that ``archive.verified`` tells, of kinds that are known here or not."""

    digests: dict[str, str]
    manifest: dict[str, str]


class Digested(msgspec.Struct, frozen=True):
    """``clip.digest``."""

    by: str
    digests: dict[str, str]


class Derived(msgspec.Struct, frozen=True):
    """``derive``."""

    clip: str
    objects: dict[str, Digests]


class Compared(msgspec.Struct, frozen=True):
    """``derive.verified``, ``derive.compared`` and ``derive.refused``."""

    clip: str
    derived: Annotated[int, msgspec.Meta(ge=0)]
    original: Digests
    objects: dict[str, Digests]


class Exported(msgspec.Struct, frozen=True):
    """``export``."""

    by: str
    statement: Digests
    record: Digests | None = None


class Filed(msgspec.Struct, frozen=True):
    """``document.add`` and ``dossier.made``."""

    sha256: _Hex


class DocumentAdded(msgspec.Struct, frozen=True):
    """``document.add``."""

    document: str
    sha256: _Hex
    size: Annotated[int, msgspec.Meta(ge=0)]
    commitments: dict[str, _Hex]


class DossierMade(msgspec.Struct, frozen=True):
    """``dossier.made``."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    sha256: _Hex
    root: _Hex
    items: Annotated[int, msgspec.Meta(ge=0)]
    gone: Annotated[int, msgspec.Meta(ge=0)]
    commitments: dict[str, _Hex]
    previous: _Hex | None = None


def parse(raw: bytes) -> dict[str, object]:
    """The object in *raw*, which must be canonical JSON; DigestMismatch if it is not."""
    if _PLAIN.fullmatch(raw):
        value = _plainly(raw)
        if value is not None:
            return value
    try:
        value = json.loads(raw, object_pairs_hook=_once)
        if isinstance(value, dict) and canonical(value) == raw:
            return value
    except (ValueError, RecursionError) as error:
        raise DigestMismatch(f"it is no JSON that everybody reads alike: {error}") from error
    raise DigestMismatch("it is not canonical JSON (RFC 8785)")


def _plainly(raw: bytes) -> dict[str, object] | None:
    """As :func:`parse`, quickly, for what most entries are; None if the long way must be gone.

    Of printable ASCII without escapes, compact JSON with sorted names is canonical, if no number
    in it is a fraction or too large.
    """
    try:
        value = _FAST.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return value if msgspec.json.encode(value, order="sorted") == raw else None


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands in it twice")
    return made
