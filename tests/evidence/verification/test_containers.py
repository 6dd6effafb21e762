"""Folders and zip files by people who mean harm."""

from __future__ import annotations

import os
import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.verification.bag import PAYLOAD, TAGS, manifest_text
from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Report, Verdict
from evidence.verification.zipped import files_in
from tests.packages.house import NOON, POLICY, house
from tests.packages.writing import bagged, put, selected

DOCS = Path(__file__).parents[3] / "docs" / "packages.md"
BROUGHT = Brought(policy=POLICY.encode(), now=NOON + timedelta(days=1))


def in_zip(path: Path, **more: bytes) -> Path:
    """The package in *path* as a zip file, with *more* members."""
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(each for each in path.rglob("*") if each.is_file()):
            archive.write(file, file.relative_to(path).as_posix())
        for name, data in more.items():
            archive.writestr(name, data)
    return packed


def judged_zip(packed: Path) -> Report:
    with files_in(packed) as files:
        return judge_package(files, BROUGHT, lambda *_: None)


def judged(folder: Path) -> Report:
    return judge_package(Folder(folder), BROUGHT, lambda *_: None)


def refusals(report: Report) -> dict[str, str]:
    return {each.subject: each.problem for each in report.findings if "refused" in each.problem}


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "data/../../outside",
        "/etc/passwd",
        "data//x",
        "data/./x",
        "C:/x",
        "data\\x",
        "data/\u202eexe.mp4",
        "data/" + "d/" * 40 + "x",
        "data/" + "n" * 2000,
        "DATA/statement.json",
        "data/statement.json\u0000.txt",
    ],
)
def test_a_name_that_no_package_has_is_refused(tmp_path: Path, name: str) -> None:
    packed = in_zip(selected(house(), tmp_path / "package"))
    with zipfile.ZipFile(packed, "a") as archive:
        member = zipfile.ZipInfo("x")
        member.filename = name
        archive.writestr(member, b"x")

    report = judged_zip(packed)

    assert report.verdict is Verdict.FALSE
    assert len(refusals(report)) == 1


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    packed = in_zip(selected(house(), tmp_path / "package"))
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("data/statement.json", b"{}")

    assert "data/statement.json" in refusals(judged_zip(packed))


def test_a_link_in_a_zip_file_is_refused(tmp_path: Path) -> None:
    packed = in_zip(selected(house(), tmp_path / "package"))
    with zipfile.ZipFile(packed, "a") as archive:
        member = zipfile.ZipInfo("data/originals/link.mp4")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")

    assert "data/originals/link.mp4" in refusals(judged_zip(packed))


def test_bytes_before_the_first_part_are_refused(tmp_path: Path) -> None:
    packed = in_zip(selected(house(), tmp_path / "package"))
    packed.write_bytes(b"#!/bin/sh\n" + packed.read_bytes())

    assert packed.name in refusals(judged_zip(packed))


def test_an_altered_byte_in_a_zip_file_is_found(tmp_path: Path) -> None:
    packed = in_zip(selected(house(), tmp_path / "package"))
    data = bytearray(packed.read_bytes())
    data[data.index(b"evidock-package/v1")] ^= 1
    packed.write_bytes(data)

    report = judged_zip(packed)

    assert report.verdict is Verdict.FALSE
    assert "data/statement.json" in {each.subject for each in report.findings}


def test_what_is_no_zip_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and nothing more")

    with pytest.raises(DigestMismatch, match="no zip file"), files_in(tmp_path / "x.zip"):
        pass


def test_a_folder_with_links_pipes_and_strange_names(tmp_path: Path) -> None:
    folder = selected(house(), tmp_path / "package")
    bagged(folder)
    (folder / "data/link").symlink_to("/etc")
    os.mkfifo(folder / "data/pipe")
    (folder / "data/Statement.JSON").write_bytes(b"{}")
    (Path(os.fsdecode(os.fsencode(folder) + b"/data/\xff.mp4"))).write_bytes(b"x")

    found = refusals(judged(folder))

    assert {"data/link", "data/pipe", "data/statement.json", "data/\\xff.mp4"} <= found.keys()


@pytest.mark.parametrize("name", ["bag-info.txt", "README.txt", "verify.html", "data/timeline.pdf"])
def test_what_the_docs_call_unproven_can_be_written_anew(tmp_path: Path, name: str) -> None:
    folder = selected(house(), tmp_path / "package")
    old = (folder / name).read_bytes() if (folder / name).exists() else b"?"
    put(folder / name, b"x" * len(old) if name.startswith("data/") else b"Organization: x\n")
    lines = (folder / PAYLOAD).read_text().splitlines()
    payload = {line[66:]: Sha256.of_file(folder / line[66:]).hex for line in lines}
    put(folder / PAYLOAD, manifest_text(payload).encode())
    tags = [path for path in folder.iterdir() if path.is_file() and path.name != TAGS]
    listed = {path.name: Sha256.of_file(path).hex for path in tags}
    put(folder / TAGS, manifest_text(listed).encode())

    (told,) = [line for line in DOCS.read_text().splitlines() if "by the bag's manifests" in line]

    assert judged(folder).findings == []
    assert f"`{Path(name).name}`" in told.split(" are covered")[0]


@pytest.mark.parametrize(
    "hostile",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"format":"evidock-package/v1","format":"evidock-package/v1"}',
        b'{"n":' + b"9" * 10_000 + b"}",
        b'{"n":1e999}',
        b'{"n":NaN}',
        b"null",
        b'"\\ud800"',
        b"\xff\xfe",
        b"",
    ],
)
@pytest.mark.parametrize("name", ["statement.json", "manifests", "entries"])
def test_hostile_json_is_a_finding(tmp_path: Path, hostile: bytes, name: str) -> None:
    folder = selected(house(), tmp_path / "package")
    place = folder / "data" / name
    path = place if place.is_file() else min(place.glob("*.json"))
    path.write_bytes(hostile)

    report = judged(bagged(folder))

    assert report.verdict is Verdict.FALSE
    assert all("Traceback" not in each.problem for each in report.findings)


def test_a_size_that_no_log_has_ends_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    (folder / "data/log/tile/0").mkdir(parents=True)
    (folder / "data/log/tile/0/000").write_bytes(bytes(32 * 256))
    note = f"police.example/custody\n{10**18}\n{'A' * 43}=\n\n— police.example/custody AAAAAAAA\n"
    (folder / "data/log/checkpoint").write_text(note)

    report = judged(bagged(folder))

    assert any("cannot lie in so few files" in each.problem for each in report.findings)
