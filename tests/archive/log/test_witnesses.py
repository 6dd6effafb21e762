from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from archive.log.asking import Contradicted, Reply, Trouble, ask
from archive.log.cosigned import Said
from archive.log.seen import seen_by
from archive.log.witnesses import Witnesses
from evidence.clock import SetClock
from evidence.cosignature import Kind
from evidence.errors import LogBroken, NotKnown, SetupError, TemporaryError
from evidence.policy import Policy, Witness
from evidence.receipt import believe_receipt
from evidence.settings import WitnessesSettings
from evidence.witnessing import AddCheckpoint
from tests.archive.log.logs import SIGNER, entries, flip_bit, grown
from tests.court import THIEF, asked, made, served, witness

START = datetime.now(UTC)
Handler = Callable[[web.Request], Awaitable[web.Response]]


def opened(folder: Path, policy: bytes, size: int = 0, clock: SetClock | None = None) -> Witnesses:
    """The witnesses of *policy* of a log of *size* entries in *folder*."""
    folder.mkdir(exist_ok=True)
    (folder / "policy").write_bytes(policy)
    settings = WitnessesSettings(policy=str(folder / "policy"), patience_seconds=5)
    log = grown(folder / "log", [size] if size else [])
    return Witnesses.open(log, folder, settings, clock or SetClock(datetime.now(UTC)))


def published(of: Witnesses) -> Policy:
    return Policy.parse(of.published.encode())


@asynccontextmanager
async def liar(folder: Path, status: int, body: bytes) -> AsyncIterator[bytes]:
    """The policy of a witness that always answers so."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_post("/add-checkpoint", answer)
    async with TestServer(app) as server:
        yield f"witness court {made(folder).key()} {server.make_url('/')}\nquorum court\n".encode()


@pytest.mark.parametrize("kind", list(Kind))
async def test_receipts_carry_what_witnesses_said(tmp_path: Path, kind: Kind) -> None:
    async with served(tmp_path / "court", kind=kind) as court:
        ours = opened(tmp_path / "home", court.policy(), 300)
        for size in (300, 301, 513):
            ours.log.integrate(entries(ours.log.size, size))
            await ours.ask_all()

            for index in (0, 255, size - 1):
                receipt, entry = ours.receipt(index), ours.log.entry(index)
                proven = believe_receipt(receipt, entry, published(ours))
                assert proven.checkpoint.size == size
                assert [each.witness for each in proven.cosignatures] == [court.key]
    assert ours.problems() == []


async def test_an_entry_that_nobody_saw_yet_has_a_receipt_all_the_same(tmp_path: Path) -> None:
    async with served(tmp_path / "court") as court:
        ours = opened(tmp_path / "home", court.policy(), 3)
        await ours.ask_all()
        ours.log.integrate(entries(3, 5))

        with pytest.raises(LogBroken, match="court has not"):
            believe_receipt(ours.receipt(4), ours.log.entry(4), published(ours))
        await ours.covering(4, 1)
        believe_receipt(ours.receipt(4), ours.log.entry(4), published(ours))


async def test_what_was_said_survives_a_start_and_is_published(tmp_path: Path) -> None:
    async with served(tmp_path / "court") as court:
        policy = court.policy()
        await opened(tmp_path / "home", policy, 7).ask_all()
    again = opened(tmp_path / "home", policy)

    note = again.log.read("witnessed")
    assert note is not None
    assert published(again).believe(note).checkpoint.size == 7
    assert again.cosigned.size_of("court") == 7


async def test_a_witness_that_does_not_answer_stops_nothing(tmp_path: Path) -> None:
    async with served(tmp_path / "court") as court:
        policy = court.policy()
    ours = opened(tmp_path / "home", policy, 7)

    await ours.must_not_know_more()

    assert any("does not answer" in problem for problem in ours.problems())
    assert "no witness has cosigned the log yet" in ours.problems()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"broken"),
        (302, b""),
        (404, b"unknown log"),
        (403, b""),
        (200, b""),
        (200, b"no signature line\n"),
        (200, b"\xff\xfe"),
        (200, "— court.example/witness AAAAAAAAAAAAAAAAAAAAAAAA\n".encode()),
        (409, b"not a size"),
        (409, b"0\n"),
        (200, b"x" * 200_000),
    ],
)
async def test_an_answer_that_makes_no_sense_is_told_and_stops_nothing(
    tmp_path: Path, status: int, body: bytes
) -> None:
    async with liar(tmp_path / "court", status, body) as policy:
        ours = opened(tmp_path / "home", policy, 7)

        await ours.must_not_know_more()

    assert any("court" in problem for problem in ours.problems())
    assert ours.cosigned.newest() is None


async def test_another_key_than_the_policy_s_does_not_count(tmp_path: Path) -> None:
    other = made(tmp_path / "other").key()
    async with served(tmp_path / "court") as court:
        policy = court.policy().replace(str(court.key).encode(), str(other).encode())
        ours = opened(tmp_path / "home", policy, 7)

        await ours.must_not_know_more()

    assert any("none is of the key" in problem for problem in ours.problems())


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        pytest.param(asked(0, 9), "has seen 9 entries of it, and it has 7", id="an old backup"),
        pytest.param(asked(0, 7, rewritten=True), "another root", id="fork"),
        pytest.param(asked(0, 5, rewritten=True), "did not grow out of the 5", id="fork before"),
    ],
)
async def test_a_witness_that_has_seen_more_stops_the_log(
    tmp_path: Path, shown: AddCheckpoint, why: str
) -> None:
    with witness(tmp_path / "court") as told:
        assert told.answer(shown.body).status == 200
    async with served(tmp_path / "court") as court:
        ours = opened(tmp_path / "home", court.policy(), 7)
        with pytest.raises(LogBroken, match=why):
            await ours.must_not_know_more()
        policy = court.policy()

    later = opened(tmp_path / "home", policy)  # the witness is away now; the mark is not
    with pytest.raises(LogBroken, match=why):
        await later.must_not_know_more()
    assert why in later.problems()[0]


async def test_once_a_person_has_looked_the_witnesses_are_asked_anew(tmp_path: Path) -> None:
    with witness(tmp_path / "court") as told:
        told.answer(asked(0, 9).body)
    async with served(tmp_path / "court") as court:
        ours = opened(tmp_path / "home", court.policy(), 7)
        with pytest.raises(LogBroken):
            await ours.must_not_know_more()
        with pytest.raises(LogBroken, match=r"stays stopped: .*has seen 9"):
            await ours.ask_anew()
        ours.log.integrate(entries(7, 9))  # brought up from a copy

        await ours.ask_anew()
        assert "has seen 9" in str(ours.halt.why)  # who asked takes the mark away
        ours.halt.clear()
        await ours.must_not_know_more()

    assert ours.problems() == []


async def test_somebody_else_may_show_it_our_newest_checkpoint(tmp_path: Path) -> None:
    async with served(tmp_path / "court") as court:
        ours = opened(tmp_path / "home", court.policy(), 3)
        await ours.ask_all()
    ours.log.integrate(entries(3, 8))
    with witness(tmp_path / "court") as told:
        told.answer(asked(3, 8).body)
    async with served(tmp_path / "court") as court:
        again = opened(tmp_path / "home", court.policy())
        await again.must_not_know_more()

    assert again.problems() == []


async def test_a_witness_that_forgot_is_told_of(tmp_path: Path) -> None:
    async with served(tmp_path / "court") as court:
        ours = opened(tmp_path / "home", court.policy(), 7)
        await ours.ask_all()
    (memory,) = (tmp_path / "court" / "seen").iterdir()
    memory.write_bytes(b"")
    async with served(tmp_path / "court") as court:
        again = opened(tmp_path / "home", court.policy())
        await again.ask_all()

    assert again.problems() == ["court cosigned 7 entries before and now knows of 0"]


async def test_a_word_that_is_a_day_old_is_told_of(tmp_path: Path) -> None:
    clock = SetClock(datetime.now(UTC))
    async with served(tmp_path / "court") as court:
        ours = opened(tmp_path / "home", court.policy(), 7, clock)
        await ours.ask_all()
    assert ours.problems() == []

    clock.advance(25 * 3600)

    assert any("more than a day ago" in problem for problem in ours.problems())


def carried(ours: Witnesses, court: Path) -> Said:
    """Carry a request to the witness in *court*, and its answer back."""
    with witness(court) as told:
        answer = told.answer(ours.request("far", None).body)
    assert answer.note is not None
    return ours.answered(answer.note)


async def test_a_witness_asked_by_hand_keeps_its_say(tmp_path: Path) -> None:
    far = made(tmp_path / "far").key()
    async with served(tmp_path / "near") as near:
        policy = f"witness near {near.key} {near.url}\nwitness far {far}\n"
        both = f"{policy}group both all near far\nquorum both\n"
        ours = opened(tmp_path / "home", both.encode(), 7)
        await ours.ask_all()
        assert ours.problems() == ["no checkpoint was seen by enough witnesses (quorum both)"]

        assert carried(ours, tmp_path / "far").is_quorum
        ours.log.integrate(entries(7, 30))
        await ours.ask_all()

    newest = ours.cosigned.newest()
    assert newest is not None
    assert (newest.checkpoint.size, newest.is_quorum) == (7, True)
    assert (ours.cosigned.size_of("near"), ours.cosigned.size_of("far")) == (30, 7)
    assert carried(ours, tmp_path / "far").checkpoint.size == 30
    assert [path.name for path in (tmp_path / "home" / "witnessed").iterdir()] == ["30"]


async def test_a_carried_answer_that_the_log_does_not_hold_stops_it(tmp_path: Path) -> None:
    policy = f"witness far {made(tmp_path / 'far').key()}\nquorum far\n".encode()
    ours = opened(tmp_path / "home", policy, 7)
    with witness(tmp_path / "far") as told:
        answer = told.answer(asked(0, 5, rewritten=True).body)
    assert answer.note is not None

    with pytest.raises(LogBroken, match="another history of it, of 5 entries"):
        ours.answered(answer.note)

    (aside,) = (tmp_path / "home" / "witnessed").glob("contradiction-*")
    assert aside.read_bytes() == answer.note
    with pytest.raises(LogBroken, match="is stopped"):
        await opened(tmp_path / "home", policy).must_not_know_more()


@pytest.mark.parametrize(
    "note", [b"", b"\xff", asked(0, 7).note, asked(0, 7, by=THIEF).note, asked(0, 9).note]
)
async def test_what_is_no_answer_changes_nothing(tmp_path: Path, note: bytes) -> None:
    policy = f"witness far {made(tmp_path / 'far').key()}\nquorum far\n".encode()
    ours = opened(tmp_path / "home", policy, 7)

    with pytest.raises(LogBroken):
        ours.answered(note)

    await ours.must_not_know_more()
    assert ours.cosigned.newest() is None


def test_a_carried_request_names_a_witness_and_a_size_that_can_be(tmp_path: Path) -> None:
    policy = f"witness far {made(tmp_path / 'far').key()}\nquorum far\n".encode()
    ours = opened(tmp_path / "home", policy, 7)

    assert ours.request("far", None).old == 0
    assert ours.request("far", 5).body == asked(5, 7).body
    with pytest.raises(NotKnown, match="it knows: far"):
        ours.request("near", None)
    with pytest.raises(LogBroken, match="said to have seen 8"):
        ours.request("far", 8)


async def test_a_file_that_rotted_is_told_of_and_stops_nothing(tmp_path: Path) -> None:
    async with served(tmp_path / "court") as court:
        policy = court.policy()
        await opened(tmp_path / "home", policy, 7).ask_all()
    flip_bit(tmp_path / "home" / "witnessed" / "7")
    again = opened(tmp_path / "home", policy)

    await again.must_not_know_more()

    assert any("witnessed/7" in problem for problem in again.problems())


async def test_a_log_that_went_back_behind_its_own_witnessed_head_stops(tmp_path: Path) -> None:
    async with served(tmp_path / "court") as court:
        policy = court.policy()
        await opened(tmp_path / "home", policy, 7).ask_all()
    (tmp_path / "home" / "log").rename(tmp_path / "lost")
    behind = opened(tmp_path / "home", policy, 3)

    with pytest.raises(LogBroken, match="cosigned 7 entries of it, and it has 3"):
        await behind.must_not_know_more()


@pytest.mark.parametrize(
    "policy", [b"", b"quorum court\n", f"log {THIEF.key}\nquorum none\n".encode(), b"log x\n"]
)
def test_a_policy_that_cannot_be_used_refuses_to_start(tmp_path: Path, policy: bytes) -> None:
    with pytest.raises(SetupError):
        opened(tmp_path, policy)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([(409, b"7\n"), (409, b"")], Contradicted),
        ([(409, b"7\n"), (422, b"")], Contradicted),
        ([(409, b"5\n"), (422, b"")], Contradicted),
        ([(409, b"8\n")], Contradicted),
        ([(409, b"5\n"), (409, b"")], Trouble),
        ([(409, b"5\n"), (409, b"6\n"), (409, b"5\n"), (409, b"6\n")], Trouble),
        ([(422, b"")], Trouble),
    ],
)
async def test_what_a_row_of_answers_means(
    tmp_path: Path, answers: list[tuple[int, bytes]], kind: type
) -> None:
    log, left = grown(tmp_path / "log", [7]), list(answers)
    court = Witness(name="court", key=made(tmp_path / "court").key())

    async def post(_body: bytes) -> Reply:
        status, body = left.pop(0)
        return Reply(status=status, body=body)

    assert isinstance(await ask(log, court, 0, post), kind)
    assert left == []


async def test_a_witness_whose_clock_is_ahead_is_told_of(tmp_path: Path) -> None:
    async with served(tmp_path / "court") as court:
        ours = opened(tmp_path / "home", court.policy(), 7, SetClock(START.replace(year=2020)))
        await ours.ask_all()

    assert any("its clock is ahead of ours" in problem for problem in ours.problems())


@pytest.mark.parametrize(
    ("shown", "seen"),
    [(None, None), (asked(0, 5), 5), (asked(0, 7), 7), (asked(0, 9), 9)],
)
async def test_how_far_a_witness_has_seen_is_asked_without_a_log(
    tmp_path: Path, shown: AddCheckpoint | None, seen: int | None
) -> None:
    with witness(tmp_path / "court") as told:
        if shown is not None:
            told.answer(shown.body)
    async with served(tmp_path / "court") as court:
        place = Witness(name="court", key=court.key, url=court.url)
        settings, ours = WitnessesSettings(), asked(0, 7).note

        assert await asyncio.to_thread(seen_by, place, ours, [SIGNER.key], settings) == seen


async def test_a_fork_or_silence_is_no_size(tmp_path: Path) -> None:
    with witness(tmp_path / "court") as told:
        told.answer(asked(0, 7, rewritten=True).body)
    ours, settings = asked(0, 7).note, WitnessesSettings()
    async with served(tmp_path / "court") as court:
        place = Witness(name="court", key=court.key, url=court.url)
        with pytest.raises(LogBroken, match="another history"):
            await asyncio.to_thread(seen_by, place, ours, [SIGNER.key], settings)
    with pytest.raises(TemporaryError, match="does not answer"):
        await asyncio.to_thread(seen_by, place, ours, [SIGNER.key], settings)
    with pytest.raises(TemporaryError, match="no URL"):
        await asyncio.to_thread(seen_by, replace(place, url=None), ours, [SIGNER.key], settings)
