import pytest

from evidence.clip import MOVES, ClipState, may_move, new_id

ORDER = list(ClipState)
_UNRELEASED = (ClipState.ARCHIVED, ClipState.DISPOSED)


@pytest.mark.parametrize("old", ORDER)
@pytest.mark.parametrize("new", ORDER)
def test_a_clip_moves_one_step_forward_and_never_otherwise(old: ClipState, new: ClipState) -> None:
    forward = ORDER.index(new) == ORDER.index(old) + 1
    # A clip whose camera was never erased is disposed of like any other.
    assert may_move(old, new) == (forward or (old, new) == _UNRELEASED)


def test_only_an_archived_clip_may_be_released() -> None:
    allowed = [old for old, news in MOVES.items() if ClipState.RELEASED in news]

    assert allowed == [ClipState.ARCHIVED]


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(MOVES) == set(ClipState)


def test_ids_are_fresh_and_say_what_kind_of_thing_they_name() -> None:
    first, second = new_id("c"), new_id("c")

    assert first != second
    assert first.startswith("c-")
    assert len(first) == len("c-") + 32
