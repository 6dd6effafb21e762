import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.clip import ClipClass
from ingest.classify import HEAD, Kind, classify

_TS = b"\x47\x40\x00\x10" + bytes(184)
_ADTS = bytes.fromhex("fff15080022000") + bytes(10)
_MP3 = bytes.fromhex("fffb9064") + bytes(413)


def _kind(head: bytes, name: bytes = b"CLIP.MP4", size: int | None = None) -> Kind:
    return classify(head, name, len(head) if size is None else size)


@pytest.mark.parametrize(
    ("head", "clip_class", "demuxer"),
    [
        (b"\x00\x00\x00\x20ftypisom" + bytes(20), ClipClass.VIDEO, "mov"),
        (b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat", ClipClass.VIDEO, "mov"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(20), ClipClass.AUDIO, "mov"),
        (b"\x00\x00\x00\x20ftypheic" + bytes(20), ClipClass.IMAGE, "mov"),
        (b"\x1a\x45\xdf\xa3" + bytes(30), ClipClass.VIDEO, "matroska"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", ClipClass.VIDEO, "avi"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", ClipClass.AUDIO, "wav"),
        (_TS * 5, ClipClass.VIDEO, "mpegts"),
        (b"junk" + _TS * 5, ClipClass.VIDEO, "mpegts"),
        ((bytes(4) + _TS) * 5, ClipClass.VIDEO, "mpegts"),
        (b"\x00\x00\x01\xba\x44" + bytes(30), ClipClass.VIDEO, "mpeg"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), ClipClass.VIDEO, "asf"),
        (b"OggS" + bytes(24) + b"\x80theora", ClipClass.VIDEO, "ogg"),
        (b"OggS" + bytes(24) + b"OpusHead", ClipClass.AUDIO, "ogg"),
        (b"fLaC" + bytes(30), ClipClass.AUDIO, "flac"),
        (b"ID3\x04" + bytes(30), ClipClass.AUDIO, "mp3"),
        (_MP3 * 3, ClipClass.AUDIO, "mp3"),
        (_ADTS * 3, ClipClass.AUDIO, "aac"),
        (b"\xff\xd8\xff\xe1" + bytes(30), ClipClass.IMAGE, "jpeg_pipe"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), ClipClass.IMAGE, "png_pipe"),
    ],
)
def test_the_bytes_name_the_one_demuxer(head: bytes, clip_class: ClipClass, demuxer: str) -> None:
    found = _kind(head, b"name.txt")

    assert (found.clip_class, found.demuxer) == (clip_class, demuxer)


@pytest.mark.parametrize(
    ("head", "name", "reason"),
    [
        (b"", b"CLIP.MP4", "empty file"),
        (b"hello\n", b"CLIP.MP4", "text named .mp4: not a recording"),
        (b"#EXTM3U\n", b"CLIP.mp4", "a playlist named .mp4: not a recording"),
        (b"ffconcat version 1.0\n", b"a.ts", "a playlist named .ts: not a recording"),
        (bytes(1000), b"CLIP.MP4", "only zero bytes in the first 1000: a recording never written"),
        (b"\x8f\x00\x13\x9a" * 99, b"GPS.DAT", "no known file format begins like this"),
        (b"\x8f\x00\x13\x9a" * 99, b"no-dot", "no known file format begins like this"),
    ],
)
def test_what_is_no_recording_is_set_apart_with_the_reason(
    head: bytes, name: bytes, reason: str
) -> None:
    assert _kind(head, name) == Kind(clip_class=ClipClass.QUARANTINE, demuxer=None, reason=reason)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"$GPRMC,123519,A,4807.038,N\r\n", b"0001.NMEA"),
        ("设备编号：12345\r\n".encode("gb18030"), b"para.ini"),
        ("设备编号：12345\r\n".encode(), b"anything"),
        (codecs.BOM_UTF16_LE + "log".encode("utf-16-le"), b"a.log"),
        (b'{"a": 1}', b"meta.json"),
        ("é".encode()[:1].join([b"ok "] * 2)[:3] + "é".encode(), b"x.srt"),
    ],
)
def test_clean_text_is_a_sidecar(head: bytes, name: bytes) -> None:
    assert _kind(head, name).clip_class is ClipClass.SIDECAR


@pytest.mark.parametrize("head", [b"The free text of a note\n", b"Its wide margins\n"])
def test_text_whose_fifth_letters_name_a_box_is_text(head: bytes) -> None:
    assert _kind(head, b"NOTE.TXT", len(head)).clip_class is ClipClass.SIDECAR


def test_a_gps_track_whose_lines_beat_like_packets_is_text() -> None:
    line = b"$GPRMC,001507.00,A,2428.7880,N,11805.3640,E,2.7,27.0,231126,,,A*53\r\n"

    kind = classify(line * 12, b"track.nmea", 12 * len(line))

    assert 3 * len(line) == 204
    assert kind.clip_class is ClipClass.SIDECAR


def test_a_character_cut_by_the_end_of_the_head_is_still_text() -> None:
    head = ("a" + "é" * HEAD).encode()[:HEAD]

    assert _kind(head, b"big.log", size=HEAD * 3).clip_class is ClipClass.SIDECAR


def test_chinese_bytes_without_a_sidecar_name_are_not_guessed_to_be_text() -> None:
    head = "设备编号".encode("gb18030")

    assert _kind(head, b"data.bin").clip_class is ClipClass.QUARANTINE


@given(head=st.binary(max_size=600), name=st.binary(max_size=40), size=st.integers(0, 2**63))
def test_no_bytes_and_no_name_make_it_fail(head: bytes, name: bytes, size: int) -> None:
    found = classify(head, name, size)

    assert found.reason
    assert (found.demuxer is not None) == (
        found.clip_class in {ClipClass.VIDEO, ClipClass.AUDIO, ClipClass.IMAGE}
    )
