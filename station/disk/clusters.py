"""The table of clusters: which follows which.

One rule: nothing in it is followed further than what is asked for can be long, so a chain that
bites its tail ends with an error.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from evidence.errors import CardReadFailed
from station.disk.entry import MOST_FOLDER, Damaged, Run, joined

Read = Callable[[int, int], bytes]
"""read(offset, size): bytes of the volume."""

_PAGE = 48 * 1024
"""A multiple of 12, 16 and 32 bits: no link of any width lies across two pages."""
_MOST_PAGES = 256
FIRST = 2
"""Clusters are counted from two."""


@dataclass(slots=True, kw_only=True)
class Clusters:
    """The clusters of one volume."""

    read: Read
    table: int
    """Where the table lies on the volume."""
    table_size: int
    """Bytes of one copy of it."""
    bits: int
    """Of one link: 12, 16 or 32."""
    end: int
    """A link from here on ends a chain; the one before marks a bad cluster."""
    mask: int
    """Bits of a link that count."""
    heap: int
    """Where the first cluster lies."""
    size: int
    """Bytes of a cluster."""
    count: int
    spare: int | None = None
    """Where another copy of the table lies, if there is one."""
    _pages: dict[int, bytes] = field(default_factory=dict)

    def offset(self, cluster: int) -> int:
        """Where *cluster* lies on the volume; Damaged if there is none of that number."""
        if not FIRST <= cluster < FIRST + self.count:
            raise Damaged(f"there is no cluster {cluster:,}")
        return self.heap + (cluster - FIRST) * self.size

    def chain(self, first: int, most: int) -> Iterator[int]:
        """Offsets of the clusters from *first* to the end of its chain, *most* at the longest."""
        cluster = first
        for _ in range(most):
            yield self.offset(cluster)
            cluster = self._link(cluster)
            if cluster >= self.end:
                return

    def folder(self, first: int) -> tuple[Run, ...]:
        """Where the folder lies that begins at *first*; Damaged if it is too long or endless."""
        most = max(1, MOST_FOLDER // self.size)
        offsets = list(self.chain(first, most + 1))
        if len(offsets) > most:
            raise Damaged(f"a folder of more than {MOST_FOLDER:,} bytes, or without an end")
        return joined(offsets, self.size)

    def _link(self, cluster: int) -> int:
        bit = cluster * self.bits
        place = bit // 8
        if place + (self.bits + 7) // 8 > self.table_size:
            raise Damaged(f"cluster {cluster:,} is beyond the table")
        page, within = divmod(place, _PAGE)
        data = self._page(page)
        if self.bits == 32:  # noqa: PLR2004
            return int.from_bytes(data[within : within + 4], "little") & self.mask
        (pair,) = struct.unpack_from("<H", data, within)
        return int(pair) >> (4 if bit % 8 else 0) & self.mask

    def _page(self, number: int) -> bytes:
        found = self._pages.get(number)
        if found is None:
            if len(self._pages) >= _MOST_PAGES:
                self._pages.clear()
            start = number * _PAGE
            found = self._stretch(start, min(_PAGE, self.table_size - start))
            self._pages[number] = found
        return found

    def _stretch(self, start: int, size: int) -> bytes:
        """A stretch of the table; from its other copy if the first cannot be read."""
        try:
            return self.read(self.table + start, size)
        except CardReadFailed:
            if self.spare is None:
                raise
            return self.read(self.spare + start, size)
