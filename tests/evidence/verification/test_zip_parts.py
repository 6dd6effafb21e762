"""Zip files in which two unzip programs find different packages."""

from __future__ import annotations

import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.errors import DigestMismatch
from evidence.package import original_path
from evidence.verification.case import Brought
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Report, Verdict
from evidence.verification.zipped import files_in
from tests.packages.house import NOON, POLICY, house
from tests.packages.writing import bagged, put, selected

FAKE = b"FAKE FOOTAGE"
ORIGINAL = f"data/{original_path(house().clips[0].manifest.sha256, house().clips[0].ending)}"


def judged(packed: Path) -> Report:
    brought = Brought(policy=POLICY.encode(), now=NOON)
    with files_in(packed) as files:
        return judge_package(files, brought, lambda *_: None)


def other_name(name: str, other: str) -> bytes:
    """Info-ZIP's Unicode Path field: `unzip` takes *other* for the name, Python 3.11 does not."""
    body = b"\x01" + struct.pack("<L", zlib.crc32(name.encode())) + other.encode()
    return struct.pack("<HH", 0x7075, len(body)) + body


def zip_of(folder: Path, extras: dict[str, bytes] | None = None, hidden: int | None = None) -> Path:
    """A zip file of *folder*; before its part number *hidden* lies one that is not listed."""
    packed = folder.with_name("package.zip")
    with zipfile.ZipFile(packed, "w") as archive:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for number, path in enumerate(files):
            if number == hidden:
                archive.writestr("package/evil.exe", FAKE)
                archive.filelist.pop()
            info = zipfile.ZipInfo(f"package/{path.relative_to(folder)}")
            info.extra = (extras or {}).get(str(path.relative_to(folder)), b"")
            archive.writestr(info, path.read_bytes())
        if hidden == -1:
            archive.writestr("package/evil.exe", FAKE)
            archive.filelist.pop()
    return packed


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return selected(house(), tmp_path / "package", (0,))


def test_unzip_would_lay_other_bytes_than_are_verified(package: Path, tmp_path: Path) -> None:
    put(package / "data/timeline.pdf", FAKE)
    names = (ORIGINAL, "data/timeline.pdf")
    extras = {
        name: other_name(f"package/{name}", f"package/{other}")
        for name, other in zip(names, reversed(names), strict=True)
    }
    packed = zip_of(bagged(package), extras)
    subprocess.run(["unzip", "-q", packed, "-d", tmp_path / "unpacked"], check=True)

    report = judged(packed)

    assert (tmp_path / "unpacked/package" / ORIGINAL).read_bytes() == FAKE
    assert report.verdict is Verdict.FALSE
    assert any("extra field" in each.problem for each in report.findings)


@pytest.mark.parametrize("hidden", [0, 3, -1])
def test_a_part_that_is_not_listed_is_found(package: Path, hidden: int) -> None:
    packed = zip_of(package, hidden=hidden)

    assert FAKE in packed.read_bytes()
    assert judged(packed).verdict is Verdict.FALSE


def _time_stamp(data: bytes) -> bytes:
    """An extra field in the header before the bytes only: the directory does not show it."""
    size, extra = struct.unpack_from("<2H", data, 26)
    assert extra == 0
    grown = data[:28] + struct.pack("<H", 9) + data[30 : 30 + size]
    return grown + b"UT\x05\x00\x01abcd" + data[30 + size :]


def _size(data: bytes) -> bytes:
    return data[:22] + struct.pack("<L", 1) + data[26:]


FORGED: dict[str, Callable[[bytes], bytes]] = {
    "name": lambda data: data.replace(b"package/bag-info.txt", b"package/bag-evil.txt", 1),
    "sum": lambda data: data[:14] + b"abcd" + data[18:],
    "size": _size,
    "method": lambda data: data[:8] + b"\x08" + data[9:],
    "flags": lambda data: data[:6] + b"\x08" + data[7:],
    "extra field": _time_stamp,
    "signature": lambda data: b"PK\x07\x08" + data[4:],
    "byte before": lambda data: b"#" + data,
    "byte after the parts": lambda data: data.replace(b"PK\x01\x02", b"#PK\x01\x02", 1),
}
ENDS: dict[str, Callable[[bytes], bytes]] = {
    "byte after the directory": lambda data: data[:-22] + b"#" + data[-22:],
    "byte at the end": lambda data: data + b"#",
    "comment": lambda data: data[:-2] + b"\x01\x00#",
    "other disk": lambda data: data[:-18] + b"\x01\x00" + data[-16:],
    "other count": lambda data: data[:-14] + b"\x01\x00" + data[-12:],
    "cut short": lambda data: data[-30:],
}


@pytest.mark.parametrize("name", FORGED)
def test_parts_that_are_not_as_the_directory_says_are_found(package: Path, name: str) -> None:
    packed = zip_of(package)
    packed.write_bytes(FORGED[name](packed.read_bytes()))

    assert judged(packed).verdict is Verdict.FALSE


@pytest.mark.parametrize("name", ENDS)
def test_an_end_that_is_read_in_two_ways_is_no_zip_file(package: Path, name: str) -> None:
    packed = zip_of(package)
    packed.write_bytes(ENDS[name](packed.read_bytes()))

    with pytest.raises(DigestMismatch), files_in(packed):
        pass


def test_what_was_packed_is_refused_and_says_what_to_do(package: Path) -> None:
    packed = package.with_suffix(".zip")
    subprocess.run(["zip", "-qrX", packed, "package"], cwd=package.parent, check=True)

    report = judged(packed)

    assert report.verdict is Verdict.FALSE
    assert any("unpack the zip file" in each.problem for each in report.findings)


def test_what_info_zip_stores_without_extras_is_genuine(package: Path) -> None:
    packed = package.with_suffix(".zip")
    subprocess.run(["zip", "-qr0X", packed, "package"], cwd=package.parent, check=True)

    assert judged(packed).findings == []


def with_large_end(data: bytes) -> bytes:
    """The zip file *data* with the end records of one that has many files or is large."""
    end = data[-22:]
    count, size, offset = struct.unpack_from("<H2L", end, 10)
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(data) - 22, 1)
    return data[:-22] + large + locator + end[:8] + b"\xff" * 12 + end[20:]


def large(package: Path) -> Path:
    packed = package.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(each for each in package.rglob("*") if each.is_file()):
            name = f"package/{path.relative_to(package)}"
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as part:
                part.write(path.read_bytes())
    packed.write_bytes(with_large_end(packed.read_bytes()))
    return packed


def test_large_parts_and_many_files_are_read(package: Path) -> None:
    assert judged(large(package)).findings == []


@pytest.mark.parametrize("place", [4, 24, 40, -78, -30])
def test_a_zip64_record_that_says_otherwise_is_found(package: Path, place: int) -> None:
    packed = large(package)
    data = bytearray(packed.read_bytes())
    data[place + (data.index(b"PK\x06\x06") if place > 0 else len(data))] ^= 1
    packed.write_bytes(data)

    try:
        verdict = judged(packed).verdict
    except DigestMismatch:
        return
    assert verdict is Verdict.FALSE
