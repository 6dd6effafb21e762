"""A volume of the embedded engine, edited as root of its machine can: checksum and all."""

from __future__ import annotations

from pathlib import Path

_BEFORE_DATA, _SIZE, _POLYNOMIAL = 20, slice(12, 16), 0x82F63B78
"""A needle begins with cookie, id, size (big-endian, of all up to its checksum), length of data."""


def crc32c(data: bytes) -> int:
    """CRC-32C (RFC 3720), the checksum of a needle."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def forge(folder: Path, name: str, held: bytes, other: bytes) -> None:
    """Put *other* in the place of the object *held* in volumes *name*, under a fitting checksum."""
    assert len(held) == len(other)
    (volume,) = (path for path in folder.glob(f"{name}_*.dat") if held in path.read_bytes())
    whole = volume.read_bytes()
    start = whole.index(held)
    header = whole[start - _BEFORE_DATA : start]
    end = start - 4 + int.from_bytes(header[_SIZE], "big")
    assert whole[end : end + 4] == crc32c(held).to_bytes(4, "big"), "no checksum of this kind"
    with volume.open("r+b") as stream:
        stream.seek(start)
        stream.write(other)
        stream.seek(end)
        stream.write(crc32c(other).to_bytes(4, "big"))
