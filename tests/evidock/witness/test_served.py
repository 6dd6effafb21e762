"""The witness as another machine meets it: a process of its own, over HTTP, killed and full."""

from __future__ import annotations

import errno
import json
import sys
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import cv2
import pytest

from evidence.clock import SetClock, SystemClock, stamp
from evidence.cosignature import Kind, cosignatures
from evidence.note import add_signatures
from evidock.__main__ import main
from tests.archive.log.logs import SIGNER
from tests.court import asked, made, post, process, witness
from tests.crash.mounted import forgetful_disk

KILLED_AFTER_STORE = """
import os, signal, sys
from evidock.witness.memory import Memory
store = Memory.store
def then_die(self, origin, note):
    store(self, origin, note)
    os.kill(os.getpid(), signal.SIGKILL)
Memory.store = then_die
from evidock.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_served_witness_answers_as_c2sp_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made(tmp_path)
    with process(tmp_path) as url:
        status, line, _ = post(url, asked(0, 8).body)
        assert status == 200
        assert cosignatures(add_signatures(asked(0, 8).note, line), [folder.key()])
        assert post(url, asked(0, 9).body) == (409, b"8\n", "text/x.tlog.size")
        assert post(url, asked(8, 8, rewritten=True).body)[:2] == (409, b"8\n")
        assert post(url, asked(8, 9, rewritten=True).body)[0] == 422
        assert post(url, b"x" * 70_000)[0] == 413
        assert main(["witness", "serve", "--dir", str(tmp_path)]) == 24
    assert main(["witness", "show", "--dir", str(tmp_path), "--json"]) == 0

    shown = json.loads(capsys.readouterr().out)
    assert shown["logs"][0]["size"] == 8
    assert [kept["kind"] for kept in shown["kept"]] == ["fork", "doubt"]


def test_killed_between_memory_and_answer_it_never_forgets(tmp_path: Path) -> None:
    made(tmp_path)
    with (
        process(tmp_path, sys.executable, "-c", KILLED_AFTER_STORE) as url,
        pytest.raises((urllib.error.URLError, ConnectionError)),
    ):
        post(url, asked(0, 8).body)
    with process(tmp_path) as url:
        assert post(url, asked(0, 8).body)[:2] == (409, b"8\n")
        assert post(url, asked(8, 8).body)[0] == 200
        assert post(url, asked(0, 5).body)[0] == 409


def test_a_full_disk_cosigns_nothing_and_passes(tmp_path: Path) -> None:
    with forgetful_disk(tmp_path / "disk") as disk:
        folder = disk.folder / "court"
        made(folder)
        with process(folder) as url:
            assert post(url, asked(0, 8).body)[0] == 200
            disk.tell("record")
            disk.tell("refuse", errno.ENOSPC, 0)
            assert post(url, asked(8, 9).body)[0] == 503
            assert post(url, asked(8, 8, rewritten=True).body)[0] == 409
            disk.tell("allow")
            assert post(url, asked(8, 9).body)[0] == 200


def test_a_request_is_carried_there_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, request, answer = tmp_path / "court", tmp_path / "request", tmp_path / "answer"
    at = ["--dir", str(folder)]
    assert main(["witness", "init", *at, "--name", "court.example/w", "--ml-dsa"]) == 0
    key = capsys.readouterr().out.strip()
    assert main(["witness", "trust", *at, str(SIGNER.key)]) == 0
    request.write_bytes(asked(0, 8).body.replace(b"\n", b"\r\n"))

    assert main(["witness", "sign", *at, str(request), "--out", str(answer)]) == 0
    with witness(folder) as court:
        assert str(court.signer.key) == key
        assert cosignatures(answer.read_bytes(), [court.signer.key])
    request.write_bytes(asked(0, 9).body)
    capsys.readouterr()
    assert main(["witness", "sign", *at, str(request)]) == 34
    refused = capsys.readouterr()
    assert (refused.out, "409" in refused.err) == ("", True)


def test_a_witness_whose_clock_was_ahead_says_so_to_everybody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ahead = SystemClock().now().replace(microsecond=0) + timedelta(days=3650)
    with witness(tmp_path, SetClock(ahead)) as court:
        court.answer(asked(0, 8).body)

    with process(tmp_path) as url:
        status, body, _ = post(url, asked(8, 9).body)

    assert (status, stamp(ahead).encode() in body[:200]) == (503, True)
    assert b"evidock witness init" in body
    assert main(["witness", "show", "--dir", str(tmp_path)]) == 0
    assert "cosigns nothing before then" in capsys.readouterr().out
    (tmp_path / "request").write_bytes(asked(8, 9).body)
    at = ["--dir", str(tmp_path), str(tmp_path / "request")]
    assert main(["witness", "sign", *at]) == 28


def read_off(path: Path) -> str:
    """What the code in the picture at *path* says."""
    picture = cv2.imread(str(path))
    assert picture is not None
    read, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(picture)  # the other one misses 2 %
    return read


def test_an_answer_is_read_off_its_code_byte_for_byte(tmp_path: Path) -> None:
    folder = made(tmp_path / "court")
    (tmp_path / "request").write_bytes(asked(0, 300).body)
    sign = ["witness", "sign", "--dir", str(folder.folder), str(tmp_path / "request")]

    assert main([*sign, "--out", str(tmp_path / "code.svg")]) == 0
    assert main(["witness", "sign", *sign[2:4], str(tmp_path / "request")]) == 34, "seen already"
    (tmp_path / "request").write_bytes(asked(300, 300).body)
    assert main([*sign, "--out", str(tmp_path / "code.png")]) == 0

    assert cosignatures(read_off(tmp_path / "code.png").encode(), [folder.key()])
    assert (tmp_path / "code.svg").read_text().startswith("<?xml")


def test_what_does_not_fit_a_code_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path / "court", kind=Kind.ML_DSA_44)
    (tmp_path / "request").write_bytes(asked(0, 300).body)
    sign = ["witness", "sign", "--dir", str(tmp_path / "court"), str(tmp_path / "request")]

    assert main([*sign, "--qr"]) == 40
    assert "do not fit into a QR code" in capsys.readouterr().err
