"""A home and the court's witness, each a process of its own: what is erased was witnessed first."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.log.key import load_or_make_signer
from evidence.cosignature import WitnessKey
from evidence.note import VerifierKey
from evidence.policy import Policy
from evidence.receipt import believe_receipt
from evidence.settings import AgencySettings
from evidence.witnessing import AddCheckpoint
from evidock.home import Home
from tests.court import made, process
from tests.e2e.command import Outcome, evidock, up

pytestmark = pytest.mark.slow


def new_home(folder: Path) -> VerifierKey:
    """A home that never ran, and the key that its log will have."""
    home = Home(folder)
    home.prepare()
    return load_or_make_signer(home.archive / "log.key", AgencySettings().origin).key


def run(home: Path, cards: Path, policy: Path) -> Outcome:
    """The demo on *cards*, which erases only what a witness has seen."""
    Home(home).settings_file.write_text(
        f'[witnesses]\npolicy = "{policy}"\n[station]\nerase_witnesses = 1\n'
    )
    return evidock("demo", "--once", "--json", "--home", home, "--cards", cards, "--erase")


def seen_by(folder: Path, policy: Path) -> list[WitnessKey]:
    """Who cosigned the only receipt in *folder*, which a stranger with *policy* believes."""
    (receipt,) = folder.glob("*.tlog-proof")
    verified = evidock("verify", receipt, "--policy", policy)
    assert verified.code == 0, verified.stdout
    entry = receipt.with_suffix("").with_suffix(".entry.json").read_bytes()
    proven = believe_receipt(receipt.read_bytes(), entry, Policy.parse(policy.read_bytes()))
    return [each.witness for each in proven.cosignatures]


def test_what_a_card_forgets_a_witness_has_seen(tmp_path: Path) -> None:
    home, cards, policy = tmp_path / "home", tmp_path / "cards", tmp_path / "policy"
    (cards / "cam-1").mkdir(parents=True)
    (cards / "cam-1" / "note.txt").write_bytes(b"footage")
    court = made(tmp_path / "court", log=new_home(home))
    with process(court.folder) as url:
        policy.write_text(f"witness court {court.key()} {url}\nquorum court\n")
        shown = run(home, cards, policy)
        assert shown.code == 0, shown.stderr
        assert shown.json["counts"]["state"] == {"RELEASED": 1}
        with up(home):
            status = evidock("witnesses", "status", "--home", home, "--json")
            request = evidock("witnesses", "request", "--home", home, "--witness", "court")
            assert AddCheckpoint.parse(request.stdout.encode()).old > 0
            (clip,) = (each["id"] for each in shown.json["clips"])
            told = evidock("receipt", clip, "--home", home, "--out", tmp_path / "out", "--json")
            assert told.json["quorum"] is True, told.stderr
        assert (status.code, status.json["problems"]) == (0, []), status.stderr
    doctor = evidock("doctor", "--home", home, "--json").json
    assert [each["ok"] for each in doctor if each["name"] == "witnesses"] == [True]
    assert not (cards / "cam-1" / "note.txt").exists()
    for folder in (home / "receipts", tmp_path / "out"):
        assert seen_by(folder, home / "public" / "policy") == [court.key()]
