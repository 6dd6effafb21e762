"""The embedded engine below S3, as root of its machine can reach it: no lock holds there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from evidence.vault.embedded import Engine
from evidence.vault.embedded.ports import GRPC_OFFSET

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


def destroy(engine: Engine, buckets: Iterable[str]) -> None:
    """Remove *buckets* with all in them, locks or not, with the engine's own shell and keys."""
    ports, process = engine._ports, Path(f"/proc/{engine.pid}")
    assert ports is not None
    addresses = {
        service: f"127.0.0.1:{number}.{number + GRPC_OFFSET}"
        for service, number in (("master", ports.master), ("filer", ports.filer))
    }
    lines = ["lock", *(f"fs.rm -r -f /buckets/{name}" for name in buckets), "unlock", "exit"]
    variables = process.joinpath("environ").read_text("utf-8").split("\0")
    subprocess.run(
        [process.joinpath("exe").readlink(), "shell", *(f"-{k}={v}" for k, v in addresses.items())],
        input="\n".join(lines) + "\n",
        text=True,
        cwd=engine._state,
        env=dict(each.split("=", 1) for each in variables if "=" in each),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=True,
    )
