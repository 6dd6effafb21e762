"""Which files of a card are taken for what they are, and which are still waited for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ingest.source import Listed, Sort
from station.shelf import Shelf

SECOND = 1_000_000_000
NOON = 1_790_000_000 * SECOND
WAIT = 1.0


def file(name: bytes, at: float, *, size: int = 1, problem: str | None = None) -> Listed:
    """A file that was last changed *at* seconds after noon, by the camera's clock."""
    mtime_ns = NOON + int(at * SECOND)
    return Listed(path=name, sort=Sort.FILE, size=size, mtime_ns=mtime_ns, problem=problem)


def settled(shelf: Shelf, now: float) -> list[bytes]:
    return [place.listed.path for place in shelf.settled(now, WAIT)]


def shelf_of(*listing: Listed) -> Shelf:
    shelf = Shelf()
    shelf.arrange(listing, 0.0)
    return shelf


def test_only_the_last_files_a_camera_wrote_are_waited_for() -> None:
    shelf = shelf_of(file(b"a", 0), file(b"b", 60), file(b"c", 119), file(b"d", 120))
    assert settled(shelf, 0.0) == [b"a", b"b"]
    assert settled(shelf, WAIT) == [b"a", b"b", b"c", b"d"]


@pytest.mark.parametrize(("later", "held"), [(2.9, []), (3.0, [b"a"])])
def test_the_cards_times_are_as_coarse_as_fat_keeps_them(
    later: float, held: Sequence[bytes]
) -> None:
    assert settled(shelf_of(file(b"a", 0), file(b"b", later)), 0.0) == held


def test_a_single_file_is_waited_for() -> None:
    shelf = shelf_of(file(b"a", 0))
    assert settled(shelf, 0.9) == []
    assert settled(shelf, 1.0) == [b"a"]


def test_a_camera_whose_clock_fell_back_is_believed_once_only() -> None:
    """Its battery was empty: what it writes now looks older than all before, and grows."""
    shelf = shelf_of(file(b"now", 0, size=5), file(b"old", 9000))
    assert settled(shelf, 0.0) == [b"now"]
    shelf.arrange([file(b"now", 0, size=6), file(b"old", 9000)], 1.0)
    assert settled(shelf, 1.9) == [b"old"]
    assert settled(shelf, 2.0) == [b"now", b"old"]


def test_a_file_that_changed_while_it_was_copied_must_hold_still_by_our_clock() -> None:
    shelf = shelf_of(file(b"a", 0), file(b"b", 9000))
    (place,) = shelf.settled(0.0, WAIT)
    shelf.unsettle(place, 0.5)
    assert settled(shelf, 1.4) == [b"b"]
    assert settled(shelf, 1.5) == [b"a", b"b"]


def test_a_time_the_card_does_not_tell_is_no_sign_of_age() -> None:
    nameless = Listed(path=b"timeless", sort=Sort.FILE, size=1)
    link = Listed(path=b"link", sort=Sort.LINK, mtime_ns=NOON)
    broken = file(b"broken", 0, problem="cannot be looked at")
    assert settled(shelf_of(nameless, link, broken, file(b"b", 9000)), 0.0) == []


def test_what_is_not_believed_makes_nothing_else_old() -> None:
    future = Listed(path=b"link", sort=Sort.LINK, mtime_ns=NOON + 10**9 * SECOND)
    assert settled(shelf_of(file(b"a", 0), future), 0.0) == []


@pytest.mark.parametrize(
    ("sidecars", "held"),
    [((), [b"a", b"p"]), ([b"p"], [b"a", b"p"]), ([b"q"], []), (None, [])],
)
def test_nothing_is_old_before_the_file_that_tells_whose_it_is(
    sidecars: Sequence[bytes] | None, held: Sequence[bytes]
) -> None:
    shelf = shelf_of(file(b"a", 0), file(b"p", 0), file(b"q", 60))
    assert [place.listed.path for place in shelf.settled(0.0, WAIT, sidecars)] == held
    assert len(shelf.settled(WAIT, WAIT, sidecars)) == 3
