"""Signatures of cameras in coded pictures: seen wherever they stand; nothing else is taken for one.

No sample of a real signing camera is at hand: the messages are made here, with the UUIDs that the
published frameworks name.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.camera_signature import CameraSignature
from ingest.classify import Kind
from ingest.rendition.make import make
from ingest.rendition.picture import Coding, PictureHash
from ingest.rendition.rendition import Rendition
from ingest.rendition.signatures import MOST_MESSAGES, UUIDS, signatures_in
from ingest.rendition.tools import Tools

ONVIF = UUID("005bc93f-2d71-5e95-ada4-796f90877a6f")
AXIS = UUID("5369676e-6564-2056-6964-656f2e2e2e30")
AN_ENCODERS = UUID("dc45e9bd-e6d9-48b7-962c-d820d923eeef")


Look = Callable[[Path], Awaitable[Rendition]]


@pytest.fixture
def look(tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]) -> Look:
    async def made(original: Path) -> Rendition:
        return await make(original, tmp_path / "into", kind(original), tools=tools)

    return made


def message(kind: int, payload: bytes) -> bytes:
    """One SEI message."""
    size = len(payload)
    return bytes([kind]) + b"\xff" * (size // 255) + bytes([size % 255]) + payload


def escaped(raw: bytes) -> bytes:
    """*raw* with emulation prevention, byte by byte (H.264, 7.4.1)."""
    out, zeros = bytearray(), 0
    for byte in raw:
        if zeros == 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


@pytest.mark.parametrize(
    ("uuid", "found"), [(ONVIF, {"onvif"}), (AXIS, {"axis"}), (AN_ENCODERS, set())]
)
@pytest.mark.parametrize("size", [0, 238, 239, 240, 5000])
def test_a_message_is_known_by_its_uuid(uuid: UUID, found: set[str], size: int) -> None:
    other = message(6, b"\0\0\0\1") + message(5, AN_ENCODERS.bytes + b"x264")
    unit = other + message(5, uuid.bytes + bytes(size)) + b"\x80"

    assert set(signatures_in(escaped(unit))) == found


@pytest.mark.parametrize(
    "unit",
    [
        b"",
        b"\x05",
        b"\xff" * 100,
        message(4, ONVIF.bytes),
        message(5, ONVIF.bytes[:15]),
        message(5, b"x" + ONVIF.bytes),
        b"\x05\x0f" + ONVIF.bytes,
    ],
)
def test_what_is_no_such_message_is_none(unit: bytes) -> None:
    assert list(signatures_in(unit)) == []


def test_a_unit_of_countless_messages_is_not_looked_at_one_by_one() -> None:
    """Else a file of zeros would take the station minutes a gigabyte."""
    signed = message(5, ONVIF.bytes)

    assert set(signatures_in(b"\0\0" * (MOST_MESSAGES - 1) + signed)) == {CameraSignature.ONVIF}
    assert set(signatures_in(b"\0\0" * MOST_MESSAGES + signed)) == set()


@given(st.binary(max_size=600))
def test_any_bytes_are_looked_at_to_their_end(unit: bytes) -> None:
    assert set(signatures_in(unit)) <= set(UUIDS.values())


@pytest.mark.parametrize(
    ("coding", "header", "found"),
    [
        (Coding.H264, b"\x06", {CameraSignature.ONVIF}),
        (Coding.H264, b"\x41", set()),
        (Coding.HEVC, b"\x4e\x01", {CameraSignature.ONVIF}),
        (Coding.HEVC, b"\x50\x01", {CameraSignature.ONVIF}),
        (Coding.HEVC, b"\x42\x01", set()),
    ],
)
def test_only_units_that_hold_messages_are_looked_into(
    coding: Coding, header: bytes, found: set[CameraSignature]
) -> None:
    state = PictureHash(coding)
    state.add(header + escaped(message(5, ONVIF.bytes + b"signed")) + b"\x80")

    assert state.digests().signatures == found


def sign(plain: Path, signed: Path, uuid: UUID | None) -> Path:
    """*plain* in the container that *signed* is named by, with such messages in its pictures."""
    bsf = ["-bsf:v", f"h264_metadata=sei_user_data={uuid.hex}+x"] if uuid else []
    given = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(plain), "-c", "copy"]
    subprocess.run([*given, *bsf, str(signed)], check=True)
    return signed


@pytest.mark.parametrize("container", ["mp4", "ts", "mkv"])
@pytest.mark.parametrize("uuid", [ONVIF, AXIS, None])
async def test_the_rendition_tells_what_its_original_carries(
    clips: Path, tmp_path: Path, look: Look, container: str, uuid: UUID | None
) -> None:
    signed = sign(clips / "plain.mp4", tmp_path / f"signed.{container}", uuid)

    made = await look(signed)

    found = [] if uuid is None else [UUIDS[uuid.bytes]]
    assert list(made.signatures or ()) == found
    told = json.loads((tmp_path / "into" / "rendition.json").read_bytes())
    assert told["original"]["camera_signatures"] == [each.value for each in found]
