"""The main job on the embedded default, as a newcomer sees it: four cameras dock, one by one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evidence.note import VerifierKey
from tests.conftest import Verify
from tests.e2e.command import Outcome, evidock


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture(scope="module")
def shown(home: Path) -> Outcome:
    return evidock("demo", "--once", "--json", "--home", home)


@pytest.fixture(scope="module")
def clips(shown: Outcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shown.json["clips"]
    return found


def test_everything_on_the_four_cards_is_archived(
    shown: Outcome, clips: list[dict[str, Any]]
) -> None:
    assert shown.code == 0, shown.stderr
    assert shown.json["counts"] == {
        "state": {"ARCHIVED": 20},
        "class": {"sidecar": 12, "video": 8},
    }
    assert len({clip["camera"] for clip in clips}) == 4


def test_all_footage_is_linked_to_its_incident(clips: list[dict[str, Any]]) -> None:
    footage = [clip for clip in clips if clip["class"] == "video"]

    assert Counter(len(clip["incidents"]) for clip in footage) == {1: 8}
    assert len({clip["incidents"][0] for clip in footage}) == 8
    assert sum(bool(clip["cases"]) for clip in footage) == 4


def test_each_codec_gets_the_rendition_that_browsers_can_show(clips: list[dict[str, Any]]) -> None:
    kinds = Counter(clip["rendition"]["kind"] for clip in clips if clip["rendition"])

    assert kinds == {"copy": 4, "transcoded": 4}


def test_every_receipt_verifies_with_software_we_did_not_write(
    home: Path, clips: list[dict[str, Any]], verify: Verify
) -> None:
    key = VerifierKey.parse((home / "public" / "log.vkey").read_text().strip())

    for clip in clips:
        receipt = home / clip["receipt"]
        assert verify("receipt", key, receipt, receipt.with_suffix(".entry.json")) == ""


def test_the_entry_a_receipt_proves_names_the_digest_and_no_names(
    home: Path, clips: list[dict[str, Any]]
) -> None:
    for clip in clips:
        raw = (home / clip["receipt"]).with_suffix(".entry.json").read_text()
        assert json.loads(raw)["digests"]["sha256"] == clip["sha256"]
        assert clip["officer"] not in raw
        assert clip["original_name"] not in raw


def test_the_whole_log_is_true_to_software_we_did_not_write(home: Path, verify: Verify) -> None:
    key = VerifierKey.parse((home / "public" / "log.vkey").read_text().strip())

    assert verify("log", key, home / "archive" / "log") == ""


def test_no_officer_camera_or_file_name_is_in_the_log(
    home: Path, clips: list[dict[str, Any]]
) -> None:
    leaves = b"".join(
        path.read_bytes()
        for path in (home / "archive" / "log" / "tile" / "entries").rglob("*")
        if path.is_file()
    )

    for clip in clips:
        for name in (clip["officer"], clip["camera"], clip["original_name"]):
            assert name.encode() not in leaves
