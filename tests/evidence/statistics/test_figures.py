from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.acquisition import Acquisition
from evidence.clip import ClipClass
from evidence.statistics.facts import ClipFact
from evidence.statistics.figures import Rate, figures
from evidence.statistics.verdicts import CLIP_MEASURES, Basis, Measure, Verdict, delay, of_clip

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLIP = ClipFact(
    clip="c-1",
    clip_class=ClipClass.VIDEO,
    size=7,
    received=NOW,
    started=NOW - 30 * HOUR,
    duration=2 * HOUR,
)
counts = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, (28 * HOUR, Basis.RECORDING)),
        ({"duty_end": NOW - 24 * HOUR}, (24 * HOUR, Basis.DUTY)),
        ({"duty_end": NOW - 29 * HOUR}, (28 * HOUR, Basis.DUTY)),
        ({"duty_end": NOW + HOUR}, (0 * HOUR, Basis.DUTY)),
        ({"duty_end": NOW - 9 * HOUR, "duration": None}, (9 * HOUR, Basis.DUTY)),
        ({"duration": None}, Verdict.NO_END),
        ({"started": None}, Verdict.NO_START),
        ({"started": NOW + HOUR}, Verdict.NO_START),
        ({"started": NOW - timedelta(days=367)}, Verdict.NO_START),
        ({"acquisition": Acquisition.IMPORTED}, Verdict.IMPORTED),
        ({"clip_class": ClipClass.IMAGE}, Verdict.NOT_A_RECORDING),
        ({"started": NOW - HOUR}, (0 * HOUR, Basis.RECORDING)),
    ],
)
def test_the_delay_of_an_upload(changed: dict[str, object], found: object) -> None:
    assert delay(replace(CLIP, **changed)) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(("late", "is_met"), [(0, True), (1, False)])
def test_in_time_is_24_hours_to_the_last_millisecond(late: int, *, is_met: bool) -> None:
    clip = replace(CLIP, duty_end=NOW - 24 * HOUR - late * timedelta(milliseconds=1))

    assert (of_clip(Measure.TIMELINESS, clip) is Verdict.MET) is is_met


def test_a_clip_without_a_start_that_can_be_belongs_to_the_day_it_came() -> None:
    assert CLIP.at == CLIP.started
    assert replace(CLIP, started=NOW + HOUR).at == NOW


def test_a_rate_of_nothing_is_no_rate() -> None:
    assert (Rate().value, Rate().interval) == (None, None)
    assert figures([], []).rates[Measure.COVERAGE] == Rate()


@pytest.mark.parametrize(
    ("met", "whole", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (7, 10, 0.3968, 0.8922),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_the_interval_is_wilsons(met: int, whole: int, low: float, high: float) -> None:
    """The last one is the example of Newcombe (1998), *Statistics in Medicine* 17, table I."""
    interval = Rate(met=met, unmet=whole - met).interval

    assert interval == pytest.approx((low, high), abs=5e-5)


@given(counts, counts)
def test_the_interval_holds_the_rate_and_mirrors(met: int, unmet: int) -> None:
    rate, mirror = Rate(met=met, unmet=unmet), Rate(met=unmet, unmet=met)
    if rate.value is None or rate.interval is None or mirror.interval is None:
        assert met == unmet == 0
        return

    assert 0 <= rate.interval[0] <= rate.value <= rate.interval[1] <= 1
    assert rate.interval[0] == pytest.approx(1 - mirror.interval[1], abs=1e-9)


@given(st.lists(st.builds(replace, st.just(CLIP), linked=st.booleans(), size=counts), max_size=9))
def test_every_clip_is_met_unmet_or_left_out(clips: list[ClipFact]) -> None:
    found = figures(clips, [])

    for measure in CLIP_MEASURES:
        rate = found.rates[measure]
        assert rate.whole + sum(rate.left_out.values()) == found.clips == len(clips)
    assert sum(found.delays) == found.rates[Measure.TIMELINESS].whole
