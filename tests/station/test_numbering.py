"""Which numbers are missing in the names of a card's recordings."""

from __future__ import annotations

import pytest

from station.numbering import LONGEST, MOST, missing


def names(*numbers: int, prefix: bytes = b"DCIM/100/VID_") -> list[bytes]:
    return [prefix + b"%04d.MP4" % number for number in numbers]


@pytest.mark.parametrize(
    ("here", "known", "told"),
    [
        (names(1, 2, 3), [], []),
        (names(1, 3), [], ["VID_0002.MP4"]),
        (names(1, 5, 9), [], ["VID_0002.MP4 … VID_0004.MP4", "VID_0006.MP4 … VID_0008.MP4"]),
        (names(1, 5), names(3), ["VID_0002.MP4", "VID_0004.MP4"]),
        (names(1, 4), names(2, 3), []),
        (names(1) + names(3, prefix=b"DCIM/101/VID_"), [], ["VID_0002.MP4"]),
        (names(1) + names(3, prefix=b"DCIM/100/PIC_"), [], []),
        ([b"A_0001.MP4", b"A_0003.WAV"], [], []),
        ([b"20261127_120000.MP4", b"20261127_120002.MP4"], [], []),
        ([b"0001.MP4", b"0003.MP4", b"", b"x", b"A_1.MP4", b"A_3.MP4"], [], []),
        (names(1, LONGEST + 3), [], []),
        ([], names(1, 3), []),
        ([b"\xff_0001.MP4", b"\xff_0003.MP4"], [], ["\\xff_0002.MP4"]),
    ],
)
def test_a_number_that_nobody_ever_had_is_missing(
    here: list[bytes], known: list[bytes], told: list[str]
) -> None:
    assert missing(here, known) == told


def test_a_card_of_nothing_but_gaps_tells_some() -> None:
    assert len(missing(names(*range(0, 1000, 2)), [])) == MOST


def test_a_million_names_are_no_trouble() -> None:
    many = [b"A" * 200 + b"%05d" % (number % 100_000) + b".MP4" for number in range(200_000)]

    assert missing(many, many) == []
