from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.clock import SetClock
from evidence.cosignature import Kind, cosignatures
from evidence.errors import ClockWrong, HomeBusy, LogBroken, SetupError
from evidence.note import add_signatures, open_checkpoint
from evidence.witnessing import AddCheckpoint
from evidock.witness.folder import WitnessFolder
from evidock.witness.memory import Seen
from evidock.witness.misconduct import DOUBT, FORK, MOST
from evidock.witness.witness import Answer, Witness
from tests.archive.log.logs import ORIGIN, SIGNER
from tests.court import NAME, THIEF, asked, made, witness

SIZES = [0, 1, 255, 256, 257, 300]


def seen(of: Witness) -> int:
    """The size that *of* remembers of the log."""
    last = of.folder.memory.last(ORIGIN, of.signer.key)
    return 0 if last is None else last.checkpoint.size


def says_yes(of: Witness, request: AddCheckpoint, answer: Answer) -> None:
    assert answer.status == 200, answer.body
    (said,) = cosignatures(add_signatures(request.note, answer.body), [of.signer.key])
    assert said.witness == of.signer.key


@pytest.mark.parametrize("kind", list(Kind))
def test_a_log_that_only_grows_is_cosigned_at_every_size(tmp_path: Path, kind: Kind) -> None:
    made(tmp_path, kind=kind)
    with witness(tmp_path) as court:
        for old, new in zip([0, *SIZES], SIZES, strict=False):
            says_yes(court, asked(old, new), court.answer(asked(old, new).body))
            assert seen(court) == new


def test_what_was_cosigned_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    with witness(tmp_path) as court:
        court.answer(asked(0, 8).body)
    with witness(tmp_path) as court:
        answer = court.answer(asked(0, 8).body)

        assert (answer.status, answer.body, answer.content_type) == (
            409,
            b"8\n",
            "text/x.tlog.size",
        )
        says_yes(court, asked(8, 8), court.answer(asked(8, 8).body))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(asked(8, 20).body[:-1], 403, id="cut off"),
        pytest.param(b"old 08\n\n" + asked(8, 20).note, 400, id="leading zero"),
        pytest.param(b"", 400, id="nothing"),
        pytest.param(asked(8, 20, by=THIEF).body, 403, id="wrong key"),
        pytest.param(asked(9, 8).body, 400, id="old beyond new"),
        pytest.param(asked(0, 6).body, 409, id="rollback"),
        pytest.param(asked(8, 8, rewritten=True).body, 409, id="fork, same size"),
        pytest.param(asked(8, 20, rewritten=True).body, 422, id="fork, grown"),
        pytest.param(asked(8, 20).body.replace(ORIGIN.encode(), b"x.example/y"), 404, id="unknown"),
    ],
)
def test_nothing_else_is_and_nothing_is_forgotten_by_it(
    tmp_path: Path, request_: bytes, status: int
) -> None:
    with witness(tmp_path) as court:
        court.answer(asked(0, 8).body)

        answer = court.answer(request_)

        assert (answer.status, answer.note) == (status, None)
        assert seen(court) == 8


def test_a_fork_is_kept_once_with_what_was_seen_before(tmp_path: Path) -> None:
    fork = asked(8, 8, rewritten=True)
    with witness(tmp_path) as court:
        court.answer(asked(0, 8).body)
        for _ in range(3):
            court.answer(fork.body)

        (kept,) = court.folder.misconduct.all()

    assert (kept.kind, kept.origin, kept.file.read_bytes()) == (FORK, ORIGIN, fork.body)
    ours = open_checkpoint(kept.file.with_suffix(".seen").read_bytes(), [SIGNER.key])
    theirs = open_checkpoint(fork.note, [SIGNER.key])
    assert ours.size == theirs.size
    assert ours.root != theirs.root


def test_doubts_never_take_the_room_of_proofs(tmp_path: Path) -> None:
    with witness(tmp_path) as court:
        court.answer(asked(0, 8).body)
        court.answer(asked(8, 20, rewritten=True).body)
        for number in range(MOST[DOUBT]):
            (tmp_path / "kept" / f"doubt-{number}.request").write_bytes(asked(0, 1).body)
        court.answer(asked(8, 21, rewritten=True).body)
        court.answer(asked(8, 8, rewritten=True).body)

        kinds = [kept.kind for kept in court.folder.misconduct.all()]

    assert kinds.count(DOUBT) == MOST[DOUBT] + 1
    assert kinds.count(FORK) == 1


def test_requests_at_once_never_roll_back(tmp_path: Path) -> None:
    requests = [asked(0, size) for size in range(1, 17)]
    together = threading.Barrier(len(requests))
    with witness(tmp_path) as court, ThreadPoolExecutor(len(requests)) as pool:

        def send(request: AddCheckpoint) -> Answer:
            together.wait()
            return court.answer(request.body)

        answers = list(pool.map(send, requests))
        (agreed,) = [n for n, answer in enumerate(answers, start=1) if answer.status == 200]

        assert seen(court) == agreed
        assert {answer.body for answer in answers if answer.status == 409} == {b"%d\n" % agreed}


def test_a_memory_that_is_gone_is_noticed(tmp_path: Path) -> None:
    with witness(tmp_path) as court:
        court.answer(asked(0, 8).body)
    (memory,) = (tmp_path / "seen").iterdir()
    memory.unlink()

    with pytest.raises(LogBroken, match="is gone"), witness(tmp_path):
        pass
    where = WitnessFolder(tmp_path)
    with where.locked(), pytest.raises(LogBroken, match="is gone"):
        where.trust(THIEF.key)


def test_a_memory_that_it_did_not_write_is_noticed(tmp_path: Path) -> None:
    with witness(tmp_path) as court:
        court.answer(asked(0, 8).body)
    (memory,) = (tmp_path / "seen").iterdir()
    memory.write_bytes(asked(0, 4).note)

    with pytest.raises(LogBroken), witness(tmp_path):
        pass


def test_another_key_is_another_witness(tmp_path: Path) -> None:
    made(tmp_path / "one")
    made(tmp_path / "two")
    (tmp_path / "two" / "witness.key").replace(tmp_path / "one" / "witness.key")

    with pytest.raises(SetupError, match="is not the key"), witness(tmp_path / "one"):
        pass
    with pytest.raises(SetupError, match="already"):
        WitnessFolder(tmp_path / "one").make(NAME, Kind.ED25519)


def test_a_log_with_two_keys_is_known_by_either(tmp_path: Path) -> None:
    where = made(tmp_path)
    with where.locked():
        assert where.trust(THIEF.key)
        assert not where.trust(THIEF.key)
    with witness(tmp_path) as court:
        assert court.answer(asked(0, 8, by=THIEF).body).status == 200
        assert court.answer(asked(8, 9).body).status == 200


NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_a_clock_that_was_ahead_is_named_with_a_way_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with witness(tmp_path / "ahead", SetClock(NOON.replace(year=2036))) as court:
        court.answer(asked(0, 8).body)
    with witness(tmp_path / "ahead", SetClock(NOON)) as court:
        with pytest.raises(ClockWrong, match="latest time it signed is 2036-11-28T12") as told:
            court.answer(asked(8, 9).body)
        assert court.answer(asked(8, 8, rewritten=True).body).status == 409, "a fork is seen still"
        assert seen(court) == 8
    assert "2036-11-28T12" in caplog.records[0].message, "its owner hears of it at the start"
    assert ["wait until then" in told.value.advice, "new folder" in told.value.advice] == [True] * 2
    with witness(tmp_path / "ahead", SetClock(NOON.replace(year=2036))) as court:
        says_yes(court, asked(8, 9), court.answer(asked(8, 9).body))
    with witness(tmp_path / "new", SetClock(NOON)) as court:
        says_yes(court, asked(0, 9), court.answer(asked(0, 9).body))


def test_a_clock_that_goes_back_little_by_little_never_says_an_earlier_time(tmp_path: Path) -> None:
    clock, times = SetClock(NOON), []
    with witness(tmp_path, clock) as court:
        for size in range(1, 4):
            court.answer(asked(size - 1, size).body)
            times.append(memory_of(court).at)
            clock.advance(-150)
        with pytest.raises(ClockWrong, match="2026-11-28T12:00:00"):
            court.answer(asked(3, 4).body)
    assert times == [NOON] * 3


def memory_of(of: Witness) -> Seen:
    last = of.folder.memory.last(ORIGIN, of.signer.key)
    assert last is not None
    return last


@pytest.mark.parametrize("kind", list(Kind))
def test_a_public_key_that_is_lost_comes_back_from_the_private_one(
    tmp_path: Path, kind: Kind
) -> None:
    where = made(tmp_path, kind=kind)
    with witness(tmp_path) as court:
        court.answer(asked(0, 8).body)
    key, private = where.key(), (tmp_path / "witness.key").read_bytes()
    (tmp_path / "witness.vkey").unlink()

    (other,) = set(Kind) - {kind}
    with pytest.raises(SetupError, match="another kind"):
        where.make(NAME, other)
    with pytest.raises(SetupError, match="is not the witness of"):
        where.make("court.example/other", kind)
    assert not (tmp_path / "witness.vkey").exists()
    assert where.make(NAME, kind) == where.key() == key

    assert (tmp_path / "witness.key").read_bytes() == private
    with witness(tmp_path) as court:
        says_yes(court, asked(8, 9), court.answer(asked(8, 9).body))


def test_a_key_that_cannot_be_read_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "witness.key").write_bytes(b"torn")
    (tmp_path / "witness.key").chmod(0o600)

    with pytest.raises(SetupError, match="no private key"):
        WitnessFolder(tmp_path).make(NAME, Kind.ED25519)
    with pytest.raises(SetupError, match="cannot be called so"):
        WitnessFolder(tmp_path / "new").make("two words", Kind.ED25519)

    assert (tmp_path / "witness.key").read_bytes() == b"torn"
    assert not (tmp_path / "new").exists()


def test_one_folder_is_one_process_s(tmp_path: Path) -> None:
    with witness(tmp_path), pytest.raises(HomeBusy), witness(tmp_path):
        pass
