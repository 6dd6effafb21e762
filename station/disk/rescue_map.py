"""What of a failing medium was read, in the signs of GNU ddrescue's map files.

One rule: nothing is taken for read that was not: a map begins with all of it untried.

Source: the GNU ddrescue manual 1.28, "Mapfile structure".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from enum import StrEnum


class Fate(StrEnum):
    """What became of a stretch."""

    UNTRIED = "?"
    UNTRIMMED = "*"
    """A read of it failed; its ends were not tried yet."""
    UNSCRAPED = "/"
    """Both its ends fail; what lies between was not tried one by one."""
    LOST = "-"
    READ = "+"


_DONE = frozenset({Fate.READ, Fate.LOST})


class RescueMap:
    """The fate of every byte of a medium of *size* bytes."""

    def __init__(self, size: int) -> None:
        self._starts = [0]
        self._fates = [Fate.UNTRIED]
        self._size = size

    def mark(self, start: int, end: int, fate: Fate) -> None:
        """The bytes from *start* to before *end* have met *fate*."""
        first, last = self._cut(start), self._cut(end)
        self._starts[first:last], self._fates[first:last] = [start], [fate]
        for number in (first + 1, first):
            if 0 < number < len(self._fates) and self._fates[number] is self._fates[number - 1]:
                del self._starts[number], self._fates[number]

    def pieces(self, at: int = 0) -> Iterator[tuple[int, int, Fate]]:
        """Start, end and fate of each stretch, from the one that holds byte *at* on."""
        for number in range(max(0, bisect_right(self._starts, at) - 1), len(self._starts)):
            yield self._starts[number], self._end(number), self._fates[number]

    def first(self, fate: Fate, at: int = 0) -> tuple[int, int] | None:
        """The first stretch of *fate* that ends after byte *at*, without what lies before *at*."""
        for start, end, found in self.pieces(at):
            if found is fate:
                return max(start, at), end
        return None

    def missing(self, start: int, end: int) -> list[tuple[int, int]]:
        """What was not read of the bytes from *start* to before *end*."""
        found = list[tuple[int, int]]()
        for begins, ends, fate in self.pieces(start):
            if begins >= end:
                break
            if fate is not Fate.READ:
                joins = found and found[-1][1] == begins
                found.append((found.pop()[0] if joins else max(begins, start), min(ends, end)))
        return found

    def count(self, fate: Fate) -> int:
        """Bytes that have met *fate*."""
        return sum(end - start for start, end, found in self.pieces() if found is fate)

    def text(self) -> str:
        """As a map file, which GNU ddrescue and ddrescuelog read."""
        done = _DONE.issuperset(self._fates)
        lines = [
            "# Mapfile. Created by Evidock",
            "# current_pos  current_status  current_pass",
            f"0x{0:08X}     {'+' if done else '?'}               1",
            "#      pos        size  status",
        ]
        lines += [
            f"0x{start:08X}  0x{end - start:08X}  {fate}" for start, end, fate in self.pieces()
        ]
        return "\n".join(lines) + "\n"

    def _end(self, number: int) -> int:
        return self._starts[number + 1] if number + 1 < len(self._starts) else self._size

    def _cut(self, at: int) -> int:
        """Let a stretch begin at byte *at*; its number."""
        number = bisect_left(self._starts, at)
        if at < self._size and (number == len(self._starts) or self._starts[number] != at):
            self._starts.insert(number, at)
            self._fates.insert(number, self._fates[number - 1])
        return number


def is_finished(text: str) -> bool:
    """Whether everything was tried, as the *text* of a map file tells."""
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return len(lines) > 1 and all(line[-1] in _DONE for line in lines[1:])
