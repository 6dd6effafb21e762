"""A home at rest and a witness without network: what is carried between them, and what stops."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.log.key import load_or_make_signer
from evidence.cosignature import WitnessKey
from evidence.errors import LogBroken
from evidence.note import FileSigner
from evidence.settings import AgencySettings
from evidock.__main__ import main
from evidock.home import Home
from tests.court import asked, made, witness
from tests.evidock.homes import started


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A home and a witness that share no network."""

    home: Path
    court: Path
    key: WitnessKey
    log: FileSigner

    def carry(self, *request: str) -> int:
        """Take a request to the witness and its answer back; how the last command ended."""
        there, back = str(self.home.parent / "there"), str(self.home.parent / "back")
        home = ["--home", str(self.home)]
        code = main(["witnesses", "request", *home, "--witness", "far", "--out", there, *request])
        code = code or main(["witness", "sign", "--dir", str(self.court), there, "--out", back])
        return code or main(["witnesses", "answer", *home, back, "--json"])

    def start(self) -> list[str]:
        """Let the home sign what waits; what its log has then."""
        return asyncio.run(started(Home(self.home)))

    def witnesses(self, verb: str, *more: str) -> int:
        return main(["witnesses", verb, "--home", str(self.home), *more])


@pytest.fixture
def apart(tmp_path: Path) -> Apart:
    home = Home(tmp_path / "home")
    home.prepare()
    log = load_or_make_signer(home.archive / "log.key", AgencySettings().origin)
    key = made(tmp_path / "court", log=log.key).key()
    (tmp_path / "policy").write_text(f"witness far {key}\nquorum far\n")
    home.settings_file.write_text(f'[witnesses]\npolicy = "{tmp_path / "policy"}"\n')
    return Apart(home=home.folder, court=tmp_path / "court", key=key, log=log)


def test_a_cosignature_is_carried_home(apart: Apart, capsys: pytest.CaptureFixture[str]) -> None:
    person = ["person", "add", "reviewer", "--role", "auditor", "--generate"]
    assert main([*person, "--home", str(apart.home)]) == 0
    apart.start()
    assert apart.witnesses("status") == 1
    capsys.readouterr()

    assert apart.carry() == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cosigned_by"] == ["far"]
    assert told["quorum"] is True
    assert told["size"] >= 1
    assert apart.witnesses("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["witnesses"][0]["size"] == told["size"]
    assert apart.carry() == 0, "and again, from what it saw last"


def test_a_request_from_a_wrong_size_is_refused_with_the_right_one(
    apart: Apart, capsys: pytest.CaptureFixture[str]
) -> None:
    with witness(apart.court) as court:
        assert court.answer(asked(0, 0, by=apart.log).body).status == 200
    person = ["person", "add", "reviewer", "--role", "auditor", "--generate"]
    assert main([*person, "--home", str(apart.home)]) == 0
    apart.start()

    assert apart.carry("--since", "1") == 34
    assert "not cosigned (409): 0" in capsys.readouterr().err
    assert apart.carry("--since", "0") == 0


def test_an_answer_that_contradicts_the_log_stops_it_until_somebody_looked(
    apart: Apart, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with witness(apart.court) as court:
        forged = court.answer(asked(0, 5, by=apart.log).body)
    assert forged.note is not None
    (tmp_path / "forged").write_bytes(forged.note)
    person = ["person", "add", "reviewer", "--role", "auditor", "--generate"]

    assert apart.witnesses("answer", str(tmp_path / "forged")) == 34
    assert "cosigned 5 entries of it, and it has 0" in capsys.readouterr().err
    assert main([*person, "--home", str(apart.home)]) == 0, "it waits"
    assert apart.witnesses("resume") == 0
    told = capsys.readouterr()
    assert "it was stopped: witnesses cosigned 5 entries" in told.out
    assert "far cannot be asked from here whether more was signed" in told.err
    assert main(["person", "add", "other", *person[3:], "--home", str(apart.home)]) == 0
    assert apart.witnesses("resume") == 0
    assert "it was not stopped" in capsys.readouterr().out


def test_a_log_that_could_not_be_resumed_stays_stopped(apart: Apart, tmp_path: Path) -> None:
    """Whatever fails on the way, the mark is what goes last."""
    person = ["person", "add", "reviewer", "--role", "auditor", "--generate"]
    apart.start()
    assert apart.witnesses("request", "--witness", "far", "--since", "7") == 34
    assert main([*person, "--home", str(apart.home)]) == 0  # committed, and waits
    with pytest.raises(LogBroken, match="said to have seen 7"):
        apart.start()
    policy, mark = tmp_path / "policy", apart.home / "archive" / "halted"
    said = policy.read_bytes()
    policy.write_text("nonsense\n")
    before = (head := apart.home / "archive" / "log" / "checkpoint").read_bytes()

    assert apart.witnesses("resume") != 0
    assert "said to have seen 7 entries" in mark.read_text()
    assert head.read_bytes() == before
    policy.write_bytes(said)
    assert apart.witnesses("resume") == 0
    assert not mark.exists()
    assert len(apart.start()) >= 2, "what had waited, and why it goes on"


def test_a_size_beyond_the_log_stops_it(apart: Apart, capsys: pytest.CaptureFixture[str]) -> None:
    assert apart.carry("--since", "7") == 34
    assert "said to have seen 7 entries" in capsys.readouterr().err
    assert apart.witnesses("request", "--witness", "near") in {34, 38}


def test_codes_are_drawn_where_they_fit(
    apart: Apart, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert apart.witnesses("request", "--witness", "far", "--qr") == 0
    assert "█" in capsys.readouterr().out
    assert apart.witnesses("request", "--witness", "far", "--out", str(tmp_path / "q.svg")) == 0
    assert "<svg" in (tmp_path / "q.svg").read_text()
