from __future__ import annotations

from tests.insider.acts import printed, scripted


def test_each_act_of_the_page_is_done_by_a_test_and_the_other_way_round() -> None:
    assert sorted(printed()) == sorted(scripted())
    assert len(set(scripted())) == len(scripted())
