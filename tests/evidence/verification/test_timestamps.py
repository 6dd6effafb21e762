"""Step 11 with tokens of a real time stamping authority: that of openssl."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_log, judge_package
from evidence.verification.verdict import Outcome, Report, Step, Verdict
from tests.packages.house import POLICY, house
from tests.packages.writing import bagged, log, put, selected

CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """A time stamping authority with its own certificate authority."""

    def __init__(self, folder: Path, name: str) -> None:
        self._at = folder / name
        self._at.mkdir()
        (self._at / "config").write_text(CONFIG.format(folder=self._at))
        (self._at / "serial").write_text("01\n")
        subject = f"-subj /CN={name} -config config -days 3650 -nodes -newkey ec:curve"
        self._run("ecparam -name prime256v1 -out curve")
        self._run(f"req -x509 {subject} -extensions ca -keyout ca.key -out ca.pem")
        self._run(f"req -new {subject.replace('-days 3650 ', '')} -keyout leaf.key -out leaf.csr")
        self._run(
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650"
            " -extfile config -extensions leaf -out leaf.pem"
        )

    @property
    def certificate(self) -> bytes:
        return (self._at / "ca.pem").read_bytes()

    def stamp(self, data: bytes) -> bytes:
        """Its token over *data*."""
        (self._at / "data").write_bytes(data)
        self._run("ts -query -data data -sha256 -cert -out query")
        self._run(
            "ts -reply -config config -queryfile query -signer leaf.pem -inkey leaf.key -out reply"
        )
        return (self._at / "reply").read_bytes()

    def _run(self, command: str) -> None:
        argv = ["openssl", *command.replace("ec:curve", "ec:" + str(self._at / "curve")).split()]
        subprocess.run(argv, cwd=self._at, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"), "authority")


def stamped(folder: Path, authority: Authority, over: bytes | None = None) -> Path:
    selected(house(), folder)
    note = (folder / "data/log/checkpoint").read_bytes() if over is None else over
    put(folder / "data/timestamps/court.tsr", authority.stamp(note))
    return bagged(folder)


def judged(folder: Path, tsa_ca: bytes | None) -> Report:
    brought = Brought(policy=POLICY.encode(), tsa_ca=tsa_ca, now=datetime.now(UTC))
    return judge_package(Folder(folder), brought, lambda *_: None)


def test_a_token_under_the_readers_certificate_passes(tmp_path: Path, authority: Authority) -> None:
    report = judged(stamped(tmp_path / "package", authority), authority.certificate)

    assert report.findings == []
    assert report.verdict is Verdict.GENUINE
    assert report.steps[Step.TIME - 1].outcome is Outcome.PASSED


def test_without_certificates_the_step_stays_open(tmp_path: Path, authority: Authority) -> None:
    report = judged(stamped(tmp_path / "package", authority), None)

    assert report.verdict is Verdict.CONSISTENT
    assert report.steps[Step.TIME - 1].outcome is Outcome.NOT_DONE


def test_a_token_of_another_checkpoint_is_named(tmp_path: Path, authority: Authority) -> None:
    folder = stamped(tmp_path / "package", authority, b"another checkpoint")

    for certificate in (authority.certificate, None):
        report = judged(folder, certificate)
        assert [each.step for each in report.findings] == [Step.TIME]


def test_a_token_of_somebody_else_is_named(tmp_path: Path, authority: Authority) -> None:
    other = Authority(tmp_path, "other")

    report = judged(stamped(tmp_path / "package", other), authority.certificate)

    assert [each.step for each in report.findings] == [Step.TIME]


def test_an_altered_token_is_named(tmp_path: Path, authority: Authority) -> None:
    folder = stamped(tmp_path / "package", authority)
    path = folder / "data/timestamps/court.tsr"
    whole = path.read_bytes()
    for place in range(20, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert judged(bagged(folder), authority.certificate).verdict is Verdict.FALSE, place


def test_certificates_without_a_token_find_one_missing(
    tmp_path: Path, authority: Authority
) -> None:
    report = judged(selected(house(), tmp_path / "package"), authority.certificate)

    assert [each.step for each in report.findings] == [Step.TIME]


NAME = "timestamps/300-20261127T120000Z-0badf00d"


def stamped_log(folder: Path, authority: Authority) -> Path:
    """A log as a home has it, stamped when it was shorter, and with what a crash leaves."""
    made = house()
    about = made.checkpoint(witnesses=())
    put(folder / f"{NAME}.checkpoint", about)
    put(folder / f"{NAME}.tsr", authority.stamp(about))
    for _ in range(300):
        made.record("view", "p-1")
    put(folder / "timestamps/no-token.checkpoint", made.checkpoint())
    made.record("view", "p-1")
    return log(made, folder)


def judged_log(folder: Path, tsa_ca: bytes | None) -> Report:
    brought = Brought(policy=POLICY.encode(), tsa_ca=tsa_ca, now=datetime.now(UTC))
    return judge_log(Folder(folder), brought, lambda *_: None)


def test_a_log_with_its_time_stamps_is_genuine(tmp_path: Path, authority: Authority) -> None:
    report = judged_log(stamped_log(tmp_path / "log", authority), authority.certificate)

    assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
    assert report.steps[Step.TIME - 1].checked == 1


def test_a_log_says_that_its_time_stamps_were_not_checked(
    tmp_path: Path, authority: Authority
) -> None:
    report = judged_log(stamped_log(tmp_path / "log", authority), None)

    assert (report.verdict, report.findings) == (Verdict.CONSISTENT, [])
    assert "--tsa-ca" in report.steps[Step.TIME - 1].why


def test_a_log_without_time_stamps_needs_none(tmp_path: Path, authority: Authority) -> None:
    folder = log(house(), tmp_path / "log")

    assert judged_log(folder, None).verdict is Verdict.GENUINE
    found = judged_log(folder, authority.certificate).findings
    assert [(each.step, each.subject) for each in found] == [(Step.TIME, "timestamps")]


def test_heads_whose_time_stamps_are_gone_are_no_time_stamps(
    tmp_path: Path, authority: Authority
) -> None:
    folder = stamped_log(tmp_path / "log", authority)
    (folder / f"{NAME}.tsr").unlink()

    found = judged_log(folder, authority.certificate).findings

    assert [(each.step, each.subject) for each in found] == [(Step.TIME, "timestamps")]


def other_history() -> bytes:
    made = house()
    made.entries[7] = made.entries[8]
    return made.checkpoint()


def later_history() -> bytes:
    made = house()
    for _ in range(900):
        made.record("view", "p-1")
    return made.checkpoint()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (f"{NAME}.checkpoint", None),
        (f"{NAME}.checkpoint", house().checkpoint(witnesses=()) + b"\n"),
        (f"{NAME}.tsr", b"no token"),
        (f"{NAME}.tsr", b""),
        ("timestamps/notes.txt", b"x"),
        ("timestamps/1.checkpoint", other_history()),
        ("timestamps/1.checkpoint", later_history()),
        ("timestamps/1.checkpoint", b"no head"),
        ("timestamps/1.checkpoint", b"\xff\n\n"),
        ("timestamps/1.tsr", b"without its head"),
    ],
)
def test_what_is_no_time_stamp_of_this_log_is_named(
    tmp_path: Path, authority: Authority, name: str, data: bytes | None
) -> None:
    folder = stamped_log(tmp_path / "log", authority)
    put(folder / name, data or b"")
    if data is None:
        (folder / name).unlink()

    for certificate in (authority.certificate, None):
        report = judged_log(folder, certificate)
        assert {each.step for each in report.findings} == {Step.TIME}


def test_a_token_over_another_log_is_named(tmp_path: Path, authority: Authority) -> None:
    """It is true, and of a head that lies beside it: only the log did not grow out of that."""
    folder = stamped_log(tmp_path / "log", authority)
    put(folder / f"{NAME}.checkpoint", other_history())
    put(folder / f"{NAME}.tsr", authority.stamp(other_history()))

    assert judged_log(folder, authority.certificate).verdict is Verdict.FALSE


def test_a_log_whose_tiles_are_false_proves_no_time(tmp_path: Path, authority: Authority) -> None:
    folder = stamped_log(tmp_path / "log", authority)
    edge = next(folder.glob("tile/0/*.p/*"))
    put(edge, bytes(edge.stat().st_size))

    report = judged_log(folder, authority.certificate)

    assert report.steps[Step.TIME - 1].outcome is Outcome.FAILED
