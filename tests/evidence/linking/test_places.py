from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.linking import Place, groups, window_problem
from evidence.linking.places import metres, nearest
from tests.evidence.linking.days import AWAY, HERE, NEAR, at, clip

places = st.builds(Place, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))


def test_a_minute_of_latitude_is_a_sea_mile() -> None:
    there = Place(latitude=HERE.latitude + 1 / 60, longitude=HERE.longitude)

    assert metres(HERE, there) == pytest.approx(1853, abs=1)


@given(places, places)
def test_it_is_as_far_there_as_back_and_never_beyond_the_other_side(a: Place, b: Place) -> None:
    assert metres(a, b) == pytest.approx(metres(b, a))
    assert 0 <= metres(a, b) <= 20_015_200


def test_distances_are_told_in_tens_and_by_the_nearest() -> None:
    assert nearest([AWAY, NEAR], HERE) == 110
    assert nearest([], HERE) is None
    assert nearest([NEAR], None) is None


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("0", "0"), ("91", "0"), ("24.4", "181"), ("nan", "1"), ("", "1"), (None, None), ("N", "E")],
)
def test_what_is_no_place_on_earth_is_none(latitude: object, longitude: object) -> None:
    assert Place.told(latitude, longitude) is None
    assert Place.told("24.48", "118.09") == HERE


def test_cameras_that_saw_the_same_are_a_group() -> None:
    first = clip(0, 10, name="c-1", camera="a", place=HERE)
    second = clip(5, 15, name="c-2", camera="b", place=NEAR)
    elsewhere = clip(5, 15, name="c-3", camera="c", place=AWAY)
    later = clip(14, 20, name="c-4", camera="d")

    (group,) = groups([later, elsewhere, second, first])

    assert [each.clip for each in group] == ["c-1", "c-2", "c-3", "c-4"]
    assert groups([first, elsewhere]) == []
    assert groups([first, clip(10, 20, name="c-5", camera="a", place=HERE)]) == []


def test_a_window_that_cannot_be_meant_is_named() -> None:
    assert window_problem(at(0), at(0)) == "cleared is not after dispatched"
    assert "8:00:00" in (window_problem(at(0), at(540)) or "")
    assert window_problem(at(0), at(60)) is None
