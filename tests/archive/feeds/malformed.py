"""Feed files as they should not be: a seed makes one, with what must become of each of its rows.

Good rows are numbered ``E-1``, ``E-2`` and so on; a file of which nothing can be read has none.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archive.feeds.moments import Times
from archive.feeds.reading import LARGEST
from archive.feeds.xlsx_rows import UNPACKED
from tests.archive.feeds.sheets import SHANGHAI, workbook

HEADER = "Event ID,Officer Badge ID,Officer Dispatched DateTime,Officer Cleared DateTime,Call type"
TIMES = Times(zone=SHANGHAI, formats=("%Y/%m/%d %H:%M",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A file, the numbers of its good rows, and how many problems it must have at least."""

    what: str
    name: str
    data: bytes
    good: frozenset[str]
    problems: int


@dataclass(slots=True)
class Maker:
    """Makes the rows of one file."""

    chance: random.Random
    rows: int = 0

    def good(self, **more: str) -> str:
        """A row that can be used, in one of the ways in which times are written."""
        self.rows += 1
        hour = self.chance.randrange(10, 20)
        way = self.chance.choice(WAYS)
        cells = {
            "number": f"E-{self.rows}",
            "officer": self.chance.choice(["4711", "４７１１", " 4711 ", '"4711"']),
            "dispatched": way(hour),
            "cleared": way(hour + 1),
            "type": self.chance.choice(["盗窃", "Theft", '"a, b"', "", "=1+1"]),
        }
        return ",".join((cells | more).values())

    def bad(self) -> str:
        """A row that cannot be used."""
        spoil = self.chance.choice(SPOILT)
        row = self.good(**spoil)
        self.rows -= 1
        return row.replace(f"E-{self.rows + 1}", f"X-{self.rows}")

    def mixed(self) -> tuple[list[str], int]:
        """Good rows and bad ones, and how many are bad."""
        kinds = [self.chance.random() < 0.6 for _ in range(self.chance.randrange(3, 12))]
        return [self.good() if each else self.bad() for each in kinds], kinds.count(False)


WAYS: tuple[Callable[[int], str], ...] = (
    lambda hour: f"2026-11-23T{hour}:00:00+08:00",
    lambda hour: f"2026-11-23 {hour}:00",
    lambda hour: f"2026/11/23 {hour}:00",
    lambda hour: f"20261123T{hour}0000",
)
SPOILT: tuple[Mapping[str, str], ...] = (
    {"officer": ""},
    {"officer": "x" * 600},
    {"officer": "47\x0011"},
    {"officer": "47\u202e11"},
    {"dispatched": ""},
    {"dispatched": "yesterday"},
    {"dispatched": "23/11/26 10:00"},
    {"dispatched": "2026-02-30T10:00:00Z"},
    {"dispatched": "1901-11-23T10:00:00Z"},
    {"dispatched": "2026-11-23T21:30:00+08:00"},
    {"cleared": "2026-11-30T10:00:00Z"},
    {"cleared": "46349.5"},
    {"number": ""},
    {"type": "a,b,c"},
    {"type": "\ufffd"},
    {"type": "x" * 200_000},
)


def made(seed: int) -> Malformed:
    """The file that *seed* makes; each way comes once in as many seeds as there are."""
    way = _WAYS_TO_BREAK[seed % len(_WAYS_TO_BREAK)]
    return way(Maker(random.Random(seed)))


def _file(
    what: str, maker: Maker, data: bytes, problems: int, *, good: int | None = None
) -> Malformed:
    count = maker.rows if good is None else good
    numbers = frozenset(f"E-{n}" for n in range(1, count + 1))
    return Malformed(what=what, name="a.csv", data=data, good=numbers, problems=problems)


def _bad_rows(maker: Maker) -> Malformed:
    rows, bad = maker.mixed()
    end = maker.chance.choice(["\n", "\r\n", "\r"])
    encoding = maker.chance.choice(["utf-8", "utf-8-sig", "utf-16"])
    return _file("bad rows", maker, end.join([HEADER, *rows]).encode(encoding), bad)


def _ends_mixed(maker: Maker) -> Malformed:
    rows, bad = maker.mixed()
    ends = [maker.chance.choice(["\n", "\r\n", "\r", "\n\n", "\r\n \r\n"]) for _ in rows]
    text = HEADER + "\n" + "".join(map("".join, zip(rows, ends, strict=True)))
    return _file("line ends mixed", maker, text.encode(), bad)


def _gb(maker: Maker) -> Malformed:
    rows = [maker.good(type="盗窃案件") for _ in range(5)]
    return _file("gb 18030", maker, "\n".join([HEADER, *rows]).encode("gb18030"), 0)


def _encodings_mixed(maker: Maker) -> Malformed:
    one, other = maker.chance.sample(["utf-8", "gb18030"], 2)
    rows = [maker.good(type="盗窃案件").encode(one) for _ in range(6)]
    wrong = maker.good(type="盗窃案件", number="X-1").encode(other)
    maker.rows -= 1
    rows.insert(maker.chance.randrange(1, 6), wrong)
    return _file("encodings mixed", maker, b"\n".join([HEADER.encode(), *rows]), 1)


def _letters_broken(maker: Maker) -> Malformed:
    rows = [maker.good().encode() for _ in range(4)]
    rows.insert(2, maker.good(number="X-1", officer="47\u554a").encode()[:-1] + b"\xff\xfe,x")
    maker.rows -= 1
    return _file("letters broken", maker, b"\n".join([HEADER.encode(), *rows]), 1)


def _quote_open(maker: Maker) -> Malformed:
    rows = [maker.good() for _ in range(6)]
    at = maker.chance.randrange(1, 5)
    rows.insert(at, f'X-1,"4711,{WAYS[0](10)},{WAYS[0](11)}')
    return _file("quote open", maker, "\n".join([HEADER, *rows]).encode(), 1)


def _cut_off(maker: Maker) -> Malformed:
    rows = [maker.good(type="") for _ in range(5)]
    text = "\n".join([HEADER, *rows, "X-1,4711,2026-11-23T1"])
    return _file("cut off", maker, text.encode(), 1)


def _huge_cell(maker: Maker) -> Malformed:
    rows = [maker.good(), "X-1,4711," + "9" * (10 * 1024**2), maker.good()]
    return _file("huge cell", maker, "\n".join([HEADER, *rows]).encode(), 1)


def _too_large(maker: Maker) -> Malformed:
    return _file("too large", maker, b"x," * (LARGEST // 2 + 1), 1)


def _headless(maker: Maker) -> Malformed:
    rows, _ = maker.mixed()
    wrong = HEADER.replace("Officer Badge ID", maker.chance.choice(["", "Badge", "\0"]))
    header = maker.chance.choice([wrong, rows[0], '"', "\0" * 40])
    return _file("no header", maker, "\n".join([header, *rows]).encode(), 1, good=0)


def _header_twice(maker: Maker) -> Malformed:
    rows, _ = maker.mixed()
    header = HEADER + "," + maker.chance.choice(["EVENT ID", " Call Type "])
    return _file("header twice", maker, "\n".join([header, *rows]).encode(), 1, good=0)


def _empty(maker: Maker) -> Malformed:
    data = maker.chance.choice([b"", b"\n\r\n", b"\xef\xbb\xbf", b" \n" * 9, b"\xff\xfe"])
    return _file("empty", maker, data, 1, good=0)


def _noise(maker: Maker) -> Malformed:
    noise = maker.chance.randbytes(maker.chance.randrange(1, 4000))
    return _file("noise", maker, noise, 1, good=0)


def _unmarked_utf16(maker: Maker) -> Malformed:
    data = f"{HEADER}\n{maker.good()}".encode("utf-16-le")
    return _file("utf-16 without its mark", maker, data, 1, good=0)


def _broken_utf16(maker: Maker) -> Malformed:
    data = f"{HEADER}\n{maker.good()}".encode("utf-16") + b"\x00\xd8\x41"
    return _file("utf-16 broken", maker, data, 1, good=0)


def _book(what: str, data: bytes, problems: int, good: int) -> Malformed:
    numbers = frozenset(f"E-{n}" for n in range(1, good + 1))
    return Malformed(what=what, name="a.xlsx", data=data, good=numbers, problems=problems)


def _formula(maker: Maker) -> Malformed:
    table: list[list[object]] = [[*HEADER.split(",")], ["E-1", 4711, WAYS[0](10), WAYS[0](12), "x"]]
    table.append(["X-1", "=4700+11", WAYS[0](10), WAYS[0](12), maker.chance.choice(["", "y"])])
    return _book("formula", workbook(table), 1, 1)


def _book_cut(maker: Maker) -> Malformed:
    data = workbook([HEADER.split(","), ["E-1", 4711, WAYS[0](10), WAYS[0](12), "x"]])
    return _book("workbook cut", data[: maker.chance.randrange(len(data) - 30)], 1, 0)


def _bomb(maker: Maker) -> Malformed:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(UNPACKED + maker.chance.randrange(1, 9)))
    return _book("bomb", out.getvalue(), 1, 0)


def _not_a_book(maker: Maker) -> Malformed:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", maker.chance.choice(["", "<x/>", "<", "\0"]))
    return _book("no workbook", maker.chance.choice([out.getvalue(), b"", b"PK", b"a,b"]), 1, 0)


_WAYS_TO_BREAK: tuple[Callable[[Maker], Malformed], ...] = (
    _bad_rows,
    _ends_mixed,
    _gb,
    _encodings_mixed,
    _letters_broken,
    _quote_open,
    _cut_off,
    _huge_cell,
    _too_large,
    _headless,
    _header_twice,
    _empty,
    _noise,
    _unmarked_utf16,
    _broken_utf16,
    _formula,
    _book_cut,
    _bomb,
    _not_a_book,
)
