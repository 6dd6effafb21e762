"""The whole product over cards nobody prepared for it: every file accounted for, bit for bit."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence.note import VerifierKey
from tests.conftest import Verify
from tests.e2e.command import Outcome, demo, evidock
from tests.e2e.hostile import NAMES, Original, hostile_cards, make_footage, originals


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run over hostile cards."""

    home: Path
    cards: Path
    before: dict[str, Original]
    outcome: Outcome

    @property
    def clips(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.outcome.json["clips"]
        return found

    @property
    def held(self) -> list[dict[str, Any]]:
        """The clips that have an original in the vault."""
        return [clip for clip in self.clips if clip["vault"]]

    def clip(self, name: str) -> dict[str, Any]:
        (found,) = [clip for clip in self.clips if clip["source_path"].endswith(name)]
        return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    place = tmp_path_factory.mktemp("hostile")
    footage = make_footage(place / "footage.mp4")
    (place / "footage.mp4").unlink()
    hostile_cards(place / "cards", footage)
    before = originals(place / "cards")
    return Run(place / "home", place / "cards", before, demo(place / "home", place / "cards"))


def test_it_ends_with_the_code_for_some_refused(run: Run) -> None:
    assert run.outcome.code == 4, run.outcome.stderr


def test_every_file_is_archived_with_the_digest_of_its_source(run: Run) -> None:
    told = {c["source_path"]: (c["sha256"], c["bytes"]) for c in run.clips if c["vault"]}

    assert told == {path: (file.sha256, file.size) for path, file in run.before.items()}


def test_what_is_no_file_is_refused_with_its_reason(run: Run) -> None:
    refused = {c["original_name"]: c for c in run.clips if c["class"] == "refused"}

    assert set(refused) == {"link-to-file.mp4", "link-to-folder", "dangling.mp4", "pipe.mp4"}
    assert all(clip["problem"] and clip["sha256"] is None for clip in refused.values())


def test_names_are_kept_as_the_bytes_they_were(run: Run) -> None:
    told = {bytes.fromhex(clip["original_name_hex"]) for clip in run.clips}

    assert set(NAMES) <= told


@pytest.mark.parametrize("name", ["text.mp4", "playlist.mp4", "noise.avi"])
def test_what_is_no_recording_is_quarantined_and_archived(run: Run, name: str) -> None:
    clip = run.clip(name)

    assert (clip["class"], clip["state"], clip["rendition"]) == ("quarantine", "ARCHIVED", None)
    assert clip["problem"]


def test_a_truncated_recording_is_archived_and_says_why_it_does_not_play(run: Run) -> None:
    clip = run.clip("truncated.mp4")

    assert (clip["state"], clip["rendition"]) == ("ARCHIVED", None)
    assert clip["problem"]


def test_an_empty_file_on_each_card_is_a_clip_of_its_own(run: Run) -> None:
    empty = [clip for clip in run.clips if clip["original_name"] == "empty.mp4"]

    assert Counter(clip["state"] for clip in empty) == {"ARCHIVED": 2}
    assert len({clip["id"] for clip in empty}) == 2


def test_every_original_is_locked_and_has_a_receipt(run: Run) -> None:
    assert {clip["vault"]["mode"] for clip in run.held} == {"COMPLIANCE"}
    assert all((run.home / clip["receipt"]).is_file() for clip in run.held)


def test_the_cards_are_as_they_were(run: Run) -> None:
    assert originals(run.cards) == run.before


def test_nothing_is_written_outside_the_home(run: Run) -> None:
    assert sorted(os.listdir(run.home.parent)) == ["cards", "home"]


def test_a_second_run_changes_nothing(run: Run) -> None:
    again = demo(run.home, run.cards)

    assert again.code == 4, again.stderr
    assert again.json == run.outcome.json


def test_clips_are_listed_while_the_home_is_at_rest(run: Run) -> None:
    listed = evidock("clips", "--home", run.home, "--json")

    assert listed.json == run.outcome.json


def test_every_receipt_verifies_with_software_we_did_not_write(run: Run, verify: Verify) -> None:
    key = VerifierKey.parse((run.home / "public" / "log.vkey").read_text().strip())

    for clip in run.held:
        receipt = run.home / clip["receipt"]
        assert verify("receipt", key, receipt, receipt.with_suffix(".entry.json")) == ""


def test_the_entry_a_receipt_proves_names_the_digest(run: Run) -> None:
    for clip in run.held:
        entry = json.loads((run.home / clip["receipt"]).with_suffix(".entry.json").read_text())
        assert entry["digests"]["sha256"] == clip["sha256"]
        assert entry["clip"] == clip["id"]


def test_the_whole_log_is_true_to_software_we_did_not_write(run: Run, verify: Verify) -> None:
    key = VerifierKey.parse((run.home / "public" / "log.vkey").read_text().strip())

    assert verify("log", key, run.home / "archive" / "log") == ""


def test_no_camera_and_no_file_name_is_in_the_log(run: Run) -> None:
    bundles = (run.home / "archive" / "log" / "tile" / "entries").rglob("*")
    leaves = b"".join(path.read_bytes() for path in bundles if path.is_file())

    for clip in run.clips:
        assert clip["camera"].encode() not in leaves
        assert bytes.fromhex(clip["original_name_hex"]) not in leaves
