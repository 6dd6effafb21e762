from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.digest import Sha256
from evidence.errors import RenditionFailed
from ingest.rendition.picture import (
    ByteStream,
    Coding,
    PictureHash,
    pts_digest,
    relative_microseconds,
)

_SLICE, _SPS, _SEI = b"\x65slice", b"\x67set", b"\x06words"


def _hash(*units: bytes) -> PictureHash:
    state = PictureHash(Coding.H264)
    for unit in units:
        state.add(unit)
    return state


def test_the_picture_digest_is_what_its_definition_says() -> None:
    digests = _hash(_SPS, _SEI, _SLICE).digests()

    assert digests.picture == Sha256.of(len(_SLICE).to_bytes(4, "big") + _SLICE)
    assert digests.parameters == Sha256.of(len(_SPS).to_bytes(4, "big") + _SPS)
    assert digests.units == 1


def test_padding_repeats_and_messages_do_not_change_a_digest() -> None:
    plain = _hash(_SPS, _SLICE).digests()

    assert _hash(_SPS, _SEI, _SLICE + b"\0\0", _SPS).digests() == plain


@pytest.mark.parametrize("changed", [b"\x65slicf", b"\x41slice", b"\x65slice\x01"])
def test_another_slice_is_another_digest(changed: bytes) -> None:
    assert _hash(_SLICE).digests().picture != _hash(changed).digests().picture


def test_the_order_of_slices_matters() -> None:
    assert _hash(b"\x65a", b"\x41b").digests() != _hash(b"\x41b", b"\x65a").digests()


def test_hevc_units_are_told_apart_by_their_own_types() -> None:
    state = PictureHash(Coding.HEVC)
    for unit in (b"\x40\x01vps", b"\x42\x01sps", b"\x26\x01slice", b"\x4e\x01sei"):
        state.add(unit)

    assert state.digests().units == 1


@given(
    units=st.lists(st.binary(min_size=1, max_size=40).map(lambda b: b.replace(b"\0", b"\1"))),
    pieces=st.lists(st.integers(1, 9)),
    long_codes=st.booleans(),
)
def test_units_are_found_however_the_stream_is_cut(
    units: list[bytes], pieces: list[int], *, long_codes: bool
) -> None:
    code = b"\0\0\0\1" if long_codes else b"\0\0\1"
    stream = b"".join(code + unit for unit in units)
    reader, found, at = ByteStream(), [], 0

    for size in [*pieces, len(stream) + 1]:
        found += list(reader.feed(stream[at : at + size]))
        at += size
    found.append(reader.rest())

    assert [unit.rstrip(b"\0") for unit in found if unit] == units


def test_times_are_equal_in_any_time_scale_that_can_tell_them() -> None:
    in_mp4 = relative_microseconds([512 * n for n in range(90)], Fraction(1, 15360))
    in_ts = relative_microseconds([126000 + 3000 * n for n in range(90)], Fraction(1, 90000))

    assert pts_digest(in_mp4) == pts_digest(in_ts)


def test_a_moved_picture_changes_the_digest_of_times() -> None:
    assert pts_digest([0, 33333, 66667]) != pts_digest([0, 33334, 66667])


def test_parameter_sets_without_end_are_refused_before_they_fill_the_memory() -> None:
    sets = PictureHash(Coding.H264)

    for number in range(3):
        sets.add(b"\x67" + number.to_bytes(1, "big") + b"\x01" * (1 << 20))
        sets.add(b"\x67" + number.to_bytes(1, "big") + b"\x01" * (1 << 20))

    with pytest.raises(RenditionFailed, match="parameter sets"):
        sets.add(b"\x67\x03" + b"\x01" * (1 << 20))


def test_times_too_late_for_their_digest_are_refused() -> None:
    with pytest.raises(RenditionFailed, match="microseconds after the first"):
        pts_digest(relative_microseconds([0, 1 << 46], Fraction(1)))
