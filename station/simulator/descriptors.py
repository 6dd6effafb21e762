"""Descriptors of devices, as the kernel shows them (USB 2.0, section 9.6).

One rule: every interface has both bulk endpoints, whether it needs them or not.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

STORAGE, PTP, KEYBOARD = (8, 6, 0x50), (6, 1, 1), (3, 1, 1)
VENDOR, NETWORK, SERIAL, HUB = (0xFF, 0, 0), (2, 6, 0), (2, 2, 1), (9, 0, 0)
ENDPOINTS = 0x01, 0x81
Kind = tuple[int, int, int]


def descriptors(
    vendor: int,
    product: int,
    *configurations: Sequence[Kind],
    kind: Kind = (0, 0, 0),
    endpoints: tuple[int, int] = ENDPOINTS,
) -> bytes:
    """A device whose *configurations* have an interface of each kind, with both *endpoints*."""
    head = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, *kind, 64, vendor, product, 0x0100, 1, 2, 3,
                       len(configurations))  # fmt: skip
    return head + b"".join(
        configuration(number, kinds, endpoints)
        for number, kinds in enumerate(configurations, start=1)
    )


def configuration(
    number: int, kinds: Sequence[Kind], endpoints: tuple[int, int] = ENDPOINTS
) -> bytes:
    """The configuration *number*, with an interface of each of *kinds*."""
    parts = b"".join(
        struct.pack("<BBBBBBBBB", 9, 4, place, 0, len(endpoints), *kind, 0)
        + b"".join(struct.pack("<BBBBHB", 7, 5, each, 2, 512, 0) for each in endpoints)
        for place, kind in enumerate(kinds)
    )
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(parts), len(kinds), number, 0, 0x80, 250) + parts
