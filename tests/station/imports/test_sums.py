from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.vault.s3 import S3Vault
from evidock.commands.importing import compared, exit_code
from station.imports.desk import Stage
from station.imports.sums import given_of, read_sums
from tests.station.imports.test_journey import at_work, imported
from tests.station.imports.test_order import order
from tests.station.yard import Yard, settled

A, B = "a" * 64, "b" * 64


def written(folder: Path, text: bytes) -> Path:
    file = folder / "SHA256SUMS"
    file.write_bytes(text)
    return file


def test_a_list_is_read_as_sha256sum_writes_it(tmp_path: Path) -> None:
    lines = f"{A}  ./day 1/a.mp4\n{B} *b.mp4\r\n\n# note\n\\{A.upper()}  x\\\\y\\nz\n"

    found = read_sums(written(tmp_path, lines.encode()))

    assert found == {b"day 1/a.mp4": A, b"b.mp4": B, b"x\\y\nz": A}


@pytest.mark.parametrize(
    "text",
    [b"", b"# only words\n", b"abc  a.mp4\n", f"{A} a.mp4".encode(), f"{A}  a\n{B}  a\n".encode()],
)
def test_what_is_no_list_is_said_with_its_line(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(SetupError):
        read_sums(written(tmp_path, text))
    with pytest.raises(SetupError):
        read_sums(tmp_path / "not there")


def test_paths_count_from_the_named_folder_or_from_above_it() -> None:
    assert given_of(b"CCTV/a.mp4", {b"a.mp4": A}) == (b"a.mp4", A)
    assert given_of(b"CCTV/a.mp4", {b"a.mp4": A, b"CCTV/a.mp4": B}) == (b"CCTV/a.mp4", B)
    assert given_of(b"CCTV/x/a.mp4", {b"a.mp4": A}) is None


def test_the_report_tells_what_agrees_what_does_not_and_what_is_missing() -> None:
    files = [
        {"path_hex": path.hex(), "sha256": digest, "class": "video"}
        for path, digest in {b"C/a": A, b"C/b": A, b"C/c": None, b"C/d": A}.items()
    ]

    found, missing = compared(files, {b"a": A, b"b": B, b"c": B, b"e": A})

    assert [each["given_agrees"] for each in found] == [True, False, None, None]
    assert missing == [b"e"]


A_FILE: Mapping[str, object] = {
    "class": "video",
    "state": "ARCHIVED",
    "receipt": "receipts/x",
    "given_agrees": None,
}


@pytest.mark.parametrize(
    ("stage", "changes", "missing", "code"),
    [
        (Stage.DONE, [{}, {"given_agrees": True}], [], 0),
        (Stage.DONE, [], [], 4),
        (Stage.DONE, [{}, {"receipt": None}], [], 4),
        (Stage.DONE, [{"class": "refused"}], [], 4),
        (Stage.DONE, [{"state": "FOUND", "class": "partial"}], [], 4),
        (Stage.DONE, [{"given_agrees": False}], [], 6),
        (Stage.DONE, [{}], [b"lost"], 6),
        (Stage.GONE, [{}], [], 5),
    ],
)
def test_the_exit_code_claims_no_more_than_is_so(
    stage: Stage, changes: list[dict[str, object]], missing: list[bytes], code: int
) -> None:
    """Whoever reads 0 gives the disc back."""
    assert exit_code(stage, [{**A_FILE, **each} for each in changes], missing) == code


def test_with_a_list_one_path_is_imported(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).touch()
    with pytest.raises(SetupError, match="one PATH"):
        order(tmp_path / "a", tmp_path / "b", sums={b"a": A})


async def test_the_givers_digest_stands_with_the_clip_and_raises_an_alarm_if_it_is_false(
    tmp_path: Path, agency_vault: S3Vault
) -> None:
    yard = Yard(home=tmp_path / "home", vault=agency_vault)
    shop = tmp_path / "CCTV"
    shop.mkdir()
    for name in ("true", "false", "unlisted"):
        shop.joinpath(name).write_text(name, encoding="utf-8")
    true = Sha256.of(b"true").hex
    async with at_work(yard) as (station, archive):
        found = await imported(station, order(shop, sums={b"true": true, b"CCTV/false": A}))
        await settled(station)
        clips = {each.summary.name: each.imported for each in await archive.clips()}

    alarms = {path: each.clip.alarm for path, each in found.items()}
    assert A in str(alarms.pop(b"CCTV/false"))
    assert set(alarms.values()) == {None}
    given = {name: told.sha256 for name, told in clips.items() if told is not None}
    assert given == {"true": true, "false": A, "unlisted": None}
    with closing(sqlite3.connect(yard.home / "station" / "journal.sqlite")) as db:
        rows = db.execute("SELECT raw FROM entry WHERE kind = 'clip.pulled'").fetchall()
    told_in_log = [json.loads(raw).get("given") for (raw,) in rows]
    assert sorted(map(str, told_in_log)) == ["None", "differs", "same"]
