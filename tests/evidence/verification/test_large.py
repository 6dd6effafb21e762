"""Packages with many clips: lists and statements that are larger than most."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.package import LARGEST_READ, LARGEST_STATEMENT, Selection
from evidence.verification.bag import PAYLOAD, listed, manifest_text
from evidence.verification.case import Brought
from evidence.verification.files import read
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_package
from tests.packages import writing
from tests.packages.house import NOON, POLICY, house

ONE = "a" * 64
TWO = "b" * 64


def test_a_package_with_a_large_statement_is_genuine(tmp_path: Path) -> None:
    made, folder = house(), tmp_path / "package"
    selection = Selection(kind="clips", clips=[made.clips[0].id])
    statement = writing.state(made, made.clips[:1], selection)
    long = ["case.jsonld", "x" * LARGEST_READ]
    statement = msgspec.structs.replace(statement, left_out=long)
    index = writing.exported(made, statement)
    writing._payload(made, folder, statement, made.clips[:1])
    note = made.checkpoint()
    writing.put(folder / "data/log/checkpoint", note)
    writing.receipts(made, folder, [*statement.entries, index], note)
    brought = Brought(policy=POLICY.encode(), now=NOON)

    report = judge_package(Folder(writing.bagged(folder)), brought, lambda *_: None)

    assert (folder / "data/statement.json").stat().st_size > LARGEST_READ
    assert report.findings == []


@pytest.mark.parametrize(
    ("name", "most"), [("data/statement.json", LARGEST_STATEMENT), ("data/x", LARGEST_READ)]
)
def test_what_is_too_large_is_not_read(tmp_path: Path, name: str, most: int) -> None:
    path = tmp_path / name
    path.parent.mkdir()
    with path.open("wb") as stream:
        stream.truncate(most + 1)

    with pytest.raises(DigestMismatch, match=f"more than {most} bytes"):
        read(Folder(tmp_path), name)


def test_a_list_of_a_bag_may_be_of_any_length(tmp_path: Path) -> None:
    names = [f"data/originals/{Sha256.of(bytes([n % 256]))}-{n:07}.mp4" for n in range(430_000)]
    text = manifest_text(dict.fromkeys(names, ONE))
    (tmp_path / PAYLOAD).write_text(text)

    assert len(text) > LARGEST_READ
    assert listed(Folder(tmp_path), PAYLOAD) == dict.fromkeys(names, ONE)


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}  data/b\n{TWO}  data/a\n",
        f"{ONE}  data/a\n{TWO}  data/a\n",
        f"{ONE}  data/a",
        f"{ONE}  data/a\r\n",
        f"{ONE} *data/a\n",
        f"\n{ONE}  data/a\n",
        f"{ONE}  data/a\n\n",
        f"{ONE}  data/%0a\n",
        f"{ONE}  data/{'a' * 10_000}\n",
    ],
)
def test_a_list_that_is_written_otherwise_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / PAYLOAD).write_bytes(text.encode())

    with pytest.raises(DigestMismatch, match="not sorted"):
        listed(Folder(tmp_path), PAYLOAD)
