"""Canonical JSON (RFC 8785), for the only data we sign: strings, integers, booleans, lists, maps.

On such data RFC 8785 equals compact JSON with sorted keys, so no library is needed; whatever would
need more of the RFC (floats, keys outside the basic plane, lone surrogates) is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

#: Integers beyond this are not exact in the JSON of other languages (RFC 8785 section 3.2.2.3).
MAX_INTEGER = 2**53 - 1


def canonical(value: Mapping[str, object]) -> bytes:
    """*value* as RFC 8785 bytes.  ValueError names what it cannot hold."""
    _check(value, "$")
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def _check(value: object, where: str) -> None:
    match value:
        case None | bool():
            pass
        case int() if abs(value) <= MAX_INTEGER:
            pass
        case str():
            _check_text(value, where)
        case Mapping():
            for key, item in value.items():
                _check_key(key, where)
                _check(item, f"{where}.{key}")
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            for place, item in enumerate(value):
                _check(item, f"{where}[{place}]")
        case _:
            raise ValueError(
                f"{where}: {value!r} is none of text, whole number, true/false, list and map"
            )


def _check_key(key: object, where: str) -> None:
    if not isinstance(key, str) or not key.isascii():
        raise ValueError(f"{where}: key {key!r} is not ASCII text")


def _check_text(value: str, where: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"{where}: text with a lone surrogate has no UTF-8 form") from error
