"""``evidock receipt``: what it writes is believed by ``evidock verify``, which knows no home."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import cv2
import pytest

from archive.log.key import load_or_make_signer
from evidence.settings import AgencySettings, WitnessesSettings
from evidence.vault.s3 import S3Vault
from evidock.__main__ import main
from evidock.home import Home
from evidock.receipts import why_no_page
from tests.court import served
from tests.station.yard import Yard, once

HAS_FONT = why_no_page() is None


def resting(yard: Yard, *, witnessed: bool) -> str:
    """Leave a home at rest that archived one clip; its id."""
    home = Home(yard.home)
    home.mark()
    yard.card("cam-1", {"DCIM/#执法 *not markup* $1$.MP4".encode(): b"footage"})
    key = load_or_make_signer(home.archive / "log.key", AgencySettings().origin).key

    async def work() -> str:
        async with served(yard.home.parent / "court", log=key) as court:
            policy = yard.home.parent / "policy"
            policy.write_bytes(court.policy())
            if witnessed:
                yard.witnesses = WitnessesSettings(policy=str(policy), every_seconds=0.2)
                home.settings_file.write_text(f'[witnesses]\npolicy = "{policy}"\n')
            (item,) = await once(yard)
        policy.write_text(f"log {key}\n" + policy.read_text())
        return item.id

    return asyncio.run(work())


def receipt(yard: Yard, clip: str, *more: str) -> int:
    """Run the command; what it writes goes beside the home."""
    home, out = str(yard.home), str(yard.home.parent / "out")
    return main(["receipt", clip, "--home", home, "--out", out, "--json", *more])


def scanned(picture: str) -> str:
    """What OpenCV reads out of *picture*."""
    read = cv2.imread(picture)
    assert read is not None
    return cv2.QRCodeDetectorAruco().detectAndDecode(read)[0]


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    (tmp_path / "home" / "archive").mkdir(parents=True)
    return Yard(home=tmp_path / "home", vault=agency_vault)


def test_a_receipt_is_believed_where_nobody_knows_the_home(
    yard: Yard, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, policy = resting(yard, witnessed=True), str(yard.home.parent / "policy")
    assert receipt(yard, clip) == 0
    told = json.loads(capsys.readouterr().out)

    assert told["quorum"] is True
    assert [each["witness"] for each in told["cosigned_by"]] == ["court"]
    proof, entry = map(Path, told["files"])
    assert entry.name == f"{clip}.entry.json"
    assert main(["verify", str(proof), "--policy", policy]) == 0
    entry.write_bytes(entry.read_bytes().replace(b'"v":1', b'"v":2'))
    assert main(["verify", str(proof), "--policy", policy]) == 1


def test_its_codes_are_scanned_and_believed(
    yard: Yard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, policy = resting(yard, witnessed=True), str(tmp_path / "policy")
    assert receipt(yard, clip, "--qr", str(tmp_path / "code.png")) == 0
    _, _, *pictures = json.loads(capsys.readouterr().out)["files"]

    assert len(pictures) == 2, "this log is small"
    read = [scanned(each) for each in pictures]
    (tmp_path / "codes.txt").write_text("\n".join(read))
    assert main(["verify", str(tmp_path / "codes.txt"), "--policy", policy]) == 0
    assert "receipt: genuine" in capsys.readouterr().out
    (tmp_path / "codes.txt").write_text(read[0])
    assert main(["verify", str(tmp_path / "codes.txt"), "--policy", policy]) == 34
    assert "there lack: 2" in capsys.readouterr().err


@pytest.mark.skipif(not HAS_FONT, reason="fonts-noto-cjk is not installed")
def test_the_page_says_what_is_proven_in_both_languages(
    yard: Yard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = resting(yard, witnessed=False)
    assert receipt(yard, clip, "--pdf") == 0
    told = json.loads(capsys.readouterr().out)

    assert told["quorum"] is None
    page = Path(told["files"][2]).read_bytes()
    assert page.startswith(b"%PDF-")
    (tmp_path / "again").mkdir()
    assert main(["receipt", clip, "--home", str(yard.home), "--out", str(tmp_path), "--pdf"]) == 0
    assert (tmp_path / f"{clip}.receipt.pdf").read_bytes() == page, "equal input, equal page"


def test_what_cannot_be_had_is_said(yard: Yard, capsys: pytest.CaptureFixture[str]) -> None:
    clip = resting(yard, witnessed=False)

    assert receipt(yard, clip, "--qr", "code.jpeg") != 0
    assert "ends in neither of" in capsys.readouterr().err
    assert receipt(yard, f"c-{'0' * 32}") != 0
    assert "there is no archived clip" in capsys.readouterr().err
