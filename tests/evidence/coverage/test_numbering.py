"""Numbers that a camera counted and nobody handed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.coverage import NumberedFile, number_gaps

START = datetime(2026, 11, 23, tzinfo=UTC)


def files(paths: Iterable[str], *, sidecars: str = ".THM") -> list[NumberedFile]:
    """In the order of *paths*, a minute apart."""
    return [
        NumberedFile(
            clip=f"c-{n}",
            camera="b1",
            path=path.encode(),
            at=START + timedelta(minutes=n),
            is_sidecar=path.endswith(sidecars),
        )
        for n, path in enumerate(paths)
    ]


def lacks(*paths: str) -> list[tuple[str, str, int]]:
    return [(each.first, each.last, each.count) for each in number_gaps(files(paths))]


def vids(*numbers: int, folder: str = "DCIM/100MEDIA/VID_", ending: str = "MP4") -> list[str]:
    return [f"{folder}{number:04}.{ending}" for number in numbers]


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (vids(1, 2, 3), []),
        (vids(1, 3), [("VID_0002.MP4", "VID_0002.MP4", 1)]),
        (vids(1, 5), [("VID_0002.MP4", "VID_0004.MP4", 3)]),
        (vids(1) + vids(3, folder="DCIM/101MEDIA/VID_"), [("VID_0002.MP4", "VID_0002.MP4", 1)]),
        (vids(1) + vids(3, folder="DCIM/100OTHER/VID_"), []),
        (vids(1) + vids(2, ending="JPG") + vids(3), []),
        (vids(1) + vids(2, ending="THM") + vids(3), [("VID_0002.MP4", "VID_0002.MP4", 1)]),
        (vids(1, 3, 2), []),
        (vids(1, 2, 3, 1, 3), [("VID_0002.MP4", "VID_0002.MP4", 1)]),
        (vids(8, 9, 10, 1, 2, 3), []),
        (vids(9997, 9998, 9999, 1, 2), []),
        (vids(9997, 9998, 1, 2), [("VID_9999.MP4", "VID_9999.MP4", 1)]),
        (vids(1, 900), []),
        (["20261123/0001.MP4", "20261123/0003.MP4"], [("0002.MP4", "0002.MP4", 1)]),
        (["20261123/0001.MP4", "20261124/0003.MP4"], []),
        (
            ["A_20261123_101500_0007.MP4", "A_20261123_104500_0009.MP4"],
            [("A_20261123_101500_0008.MP4", "A_20261123_101500_0008.MP4", 1)],
        ),
        (["20261123_101500.MP4", "20261123_101700.MP4"], []),
        (["GX010041.MP4", "GX020041.MP4", "GX010043.MP4"], [("GX0042.MP4", "GX0042.MP4", 1)]),
        (["front/V_001.MP4", "rear/V_001.MP4", "front/V_002.MP4", "rear/V_002.MP4"], []),
        (["x", "", "/", "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")], []),
    ],
)
def test_a_number_lacks_where_those_around_it_came(
    paths: list[str], found: list[tuple[str, str, int]]
) -> None:
    assert lacks(*paths) == found


def test_a_sidecar_tells_that_its_recording_was_there() -> None:
    paths = [*vids(1), *vids(2, ending="THM"), *vids(3)]
    [gap] = number_gaps(files(paths))

    assert (gap.before, gap.after, gap.sidecars) == ("c-0", "c-2", ("c-1",))


@settings(deadline=None)
@given(
    st.integers(2, 60),
    st.data(),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
)
def test_a_withheld_clip_is_found_in_whatever_order_the_others_come(
    count: int, data: st.DataObject, rounds: int, chance: object
) -> None:
    paths = [path for _ in range(rounds) for path in vids(*range(1, count + 2))]
    round_, number = data.draw(st.integers(0, rounds - 1)), data.draw(st.integers(1, count - 1))
    handed_in = files(paths)
    gone = handed_in.pop(round_ * (count + 1) + number)

    chance.shuffle(handed_in)  # type: ignore[attr-defined]
    [gap] = number_gaps(handed_in)

    assert gap.first == gap.last == gone.path.decode().rpartition("/")[2]
