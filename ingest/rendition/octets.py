"""A cursor over bytes that refuses to read past their end."""

from __future__ import annotations

from evidence.errors import RenditionFailed


class Octets:
    """Big-endian numbers and slices taken one after another; RenditionFailed at the end."""

    __slots__ = ("_data", "_origin", "at")

    def __init__(self, data: bytes, origin: int = 0) -> None:
        self._data = data
        self._origin = origin
        self.at = 0

    @property
    def place(self) -> int:
        """Where the next byte lies in the file these bytes were read from, at *origin*."""
        return self._origin + self.at

    @property
    def left(self) -> int:
        """Bytes not taken yet."""
        return len(self._data) - self.at

    def take(self, count: int) -> bytes:
        """The next *count* bytes."""
        if count > self.left:
            raise RenditionFailed(f"a media index ends {count - self.left} bytes too early")
        self.at += count
        return self._data[self.at - count : self.at]

    def peek(self, most: int) -> bytes:
        """Up to *most* of the next bytes, without taking them."""
        return self._data[self.at : self.at + most]

    def skip(self, count: int) -> None:
        """Pass over *count* bytes."""
        self.take(count)

    def u8(self) -> int:
        return self.take(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "big")

    def i32(self) -> int:
        return int.from_bytes(self.take(4), "big", signed=True)
