import pytest

from evidock.demo import lettering


def test_a_strip_has_the_size_that_video_wants() -> None:
    picture = lettering.lettered("2026-11-23 08:15:06 #00150")

    assert picture.shape == (lettering.HEIGHT, lettering.width(26))
    assert all(side % 2 == 0 for side in picture.shape)
    assert {int(value) for value in set(picture.flat)} == {16, 235}


def test_different_digits_look_different() -> None:
    assert len({lettering.lettered(digit).tobytes() for digit in map(str, range(10))}) == 10


def test_a_letter_without_a_glyph_is_named() -> None:
    with pytest.raises(KeyError, match="Q"):
        lettering.strips(["Q"])
