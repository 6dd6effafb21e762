from __future__ import annotations

from evidence.linking import PartCode
from evidence.linking.recordings import recordings
from tests.evidence.linking.days import call, clip, links, standings


def names(*spans: tuple[float, float | None]) -> list[list[str]]:
    clips = [clip(begin, end, name=f"c-{n}") for n, (begin, end) in enumerate(spans)]
    return [[each.clip for each in recording] for recording in recordings(clips)]


def test_clips_that_follow_each_other_are_one_recording() -> None:
    assert names((0, 5), (5, 10), (10.04, 12)) == [["c-0", "c-1", "c-2"]]
    assert names((0, 5), (5.1, 10)) == [["c-0"], ["c-1"]]


def test_a_track_beside_a_recording_does_not_cut_it() -> None:
    assert names((0, 5), (0, None), (5, 10)) == [["c-1"], ["c-0", "c-2"]]


def test_a_whole_shift_is_no_account_of_one_incident() -> None:
    assert len(names(*((n * 10, n * 10 + 10) for n in range(10)))) == 10
    assert len(names(*((n * 10, n * 10 + 10) for n in range(9)))) == 1


def test_the_parts_of_one_recording_are_linked_together() -> None:
    parts = [clip(n * 5, n * 5 + 5, name=f"c-{n}") for n in range(6)]

    found = links(parts, call(0, 15))

    assert standings(found) == {(f"c-{n}", "E-1"): "automatic" for n in range(6)}
    assert all(link.parts[-1].code is PartCode.RECORDING for link in found)
    assert {link.parts[-1].value for link in found} == {6}


def test_a_recording_of_two_calls_is_shared_out_by_its_parts() -> None:
    parts = [clip(n * 5, n * 5 + 5, name=f"c-{n}") for n in range(8)]

    found = standings(links(parts, call(0, 20, event="E-1"), call(20, 40, event="E-2")))

    sure = {pair for pair, standing in found.items() if standing == "automatic"}
    assert sure == {(f"c-{n}", "E-1" if n < 4 else "E-2") for n in range(8)}
