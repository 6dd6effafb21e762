from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from player.pages import bytes_size, duration, moment
from player.session import local


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (734003200, "700.0 MiB"),
        (2**60, "1024.0 PiB"),
    ],
)
def test_sizes_are_in_binary_units(size: int, shown: str) -> None:
    assert bytes_size(size) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"), [(0, "0:00"), (61_400, "1:01"), (3_723_000, "1:02:03")]
)
def test_durations_read_like_a_clock(milliseconds: int, shown: str) -> None:
    assert duration(milliseconds) == shown


def test_times_say_their_zone() -> None:
    assert moment("2026-11-23T08:00:00.123Z") == "2026-11-23 08:00:00 UTC"


@given(st.text() | st.sampled_from(["//evil/", "/\\evil", "/\t/evil", "https://evil", "/a?b=c"]))
def test_nobody_is_sent_away(address: str) -> None:
    here = URL("http://player.example/")

    assert here.join(URL(local(address))).host == "player.example"
