"""Another's witness (aics-witness 0.1.0): it takes our honest log, and none of the forged ones.

Its client, which a log of others would use, gets cosignatures of our witness.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from archive.log.witnesses import Witnesses
from evidence.clock import SystemClock
from evidence.cosignature import WitnessKey, cosignatures
from evidence.errors import LogBroken
from evidence.note import add_signatures, hash_text
from evidence.policy import Policy
from evidence.receipt import believe_receipt
from evidence.settings import WitnessesSettings
from evidence.witnessing import AddCheckpoint
from tests.archive.log.logs import ORIGIN, SIGNER, entries, grown
from tests.conformance.foreign.programs import python_with_aics
from tests.court import THIEF, asked, post, served

pytestmark = pytest.mark.slow

SIZES = [1, 255, 256, 257, 600]
_WITHIN = 60.0


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The foreign witness, in an environment of its own."""
    return python_with_aics(tmp_path_factory.mktemp("aics")).with_name("aics-witness")


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """The foreign witness at work."""

    program: Path
    config: Path
    url: str
    key: WitnessKey

    def ask(self, *arguments: str) -> str:
        return told(self.program, *arguments, "--config", str(self.config))


def told(program: Path, *arguments: str) -> str:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def foreign(program: Path, tmp_path: Path) -> Iterator[Foreign]:
    config, port = tmp_path / "witness.json", free_port()
    name = ["--name", "aics.example/w1", "--listen", f"127.0.0.1:{port}"]
    key = WitnessKey.parse(told(program, "init", "--config", str(config), *name).strip())
    log = ["--origin", ORIGIN, "--vkey", str(SIGNER.key)]
    told(program, "add-log", "--config", str(config), *log)
    with serving(program, config, port):
        yield Foreign(program=program, config=config, url=f"http://127.0.0.1:{port}", key=key)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def serving(program: Path, config: Path, port: int) -> Iterator[None]:
    with subprocess.Popen([program, "serve", "--config", config]) as process:
        try:
            deadline = time.monotonic() + _WITHIN
            while True:
                assert process.poll() is None
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, "it does not listen"
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


def opened(folder: Path, foreign: Foreign, size: int) -> Witnesses:
    folder.mkdir(exist_ok=True)
    policy = folder / "policy"
    policy.write_text(f"witness aics {foreign.key} {foreign.url}\nquorum aics\n")
    log = grown(folder / "log", [size])
    return Witnesses.open(log, folder, WitnessesSettings(policy=str(policy)), SystemClock())


async def test_it_cosigns_our_log_as_it_grows(tmp_path: Path, foreign: Foreign) -> None:
    ours = opened(tmp_path / "home", foreign, 1)
    policy = Policy.parse(ours.published.encode())
    for size in SIZES:
        ours.log.integrate(entries(ours.log.size, size))
        await ours.ask_all()

        for index in {0, size // 2, size - 1}:
            proven = believe_receipt(ours.receipt(index), ours.log.entry(index), policy)
            assert proven.checkpoint.size == size
    assert ours.problems() == []


def test_it_refuses_fork_rollback_and_wrong_key(foreign: Foreign) -> None:
    assert post(foreign.url, asked(0, 300).body)[0] == 200

    assert post(foreign.url, asked(0, 200).body)[:2] == (409, b"300\n")
    assert post(foreign.url, asked(300, 200).body)[0] == 400
    assert post(foreign.url, asked(300, 300, rewritten=True).body)[0] in {409, 422}
    assert post(foreign.url, asked(300, 600, rewritten=True).body)[0] == 422
    assert post(foreign.url, asked(300, 600, by=THIEF).body)[0] == 403
    assert post(foreign.url, asked(300, 600).body)[0] == 200
    kept = json.loads(foreign.ask("evidence"))
    assert len(kept) == 2
    with urllib.request.urlopen(foreign.url + monitored(foreign), timeout=60) as answer:  # noqa: S310  ours
        assert (
            Policy.parse(f"log {SIGNER.key}\nwitness aics {foreign.key}\nquorum aics\n".encode())
            .believe(answer.read())
            .checkpoint.size
            == 600
        )


def monitored(foreign: Foreign) -> str:
    """Where the foreign witness shows what it cosigned last."""
    (log,) = json.loads(foreign.ask("status", "--json"))["logs"]
    return f"/{log['origin_hash']}/checkpoint"


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        pytest.param(asked(0, 9), "has seen 9 entries of it, and it has 7", id="an old backup"),
        pytest.param(asked(0, 7, rewritten=True), "another", id="fork"),
        pytest.param(asked(0, 5, rewritten=True), "did not grow", id="fork before"),
    ],
)
async def test_what_it_has_seen_beyond_ours_stops_our_log(
    tmp_path: Path, foreign: Foreign, shown: AddCheckpoint, why: str
) -> None:
    assert post(foreign.url, shown.body)[0] == 200
    ours = opened(tmp_path / "home", foreign, 7)

    with pytest.raises(LogBroken, match=why):
        await ours.must_not_know_more()


CLIENT = """
import base64, json, sys
from aics_witness.feeder import WitnessClient, WitnessRejected
told = json.load(sys.stdin)
proofs = {tuple(map(int, name.split())): proof for name, proof in told["proofs"].items()}
def proof(old, new):
    return [base64.b64decode(each) for each in proofs[old, new]]
with WitnessClient(told["url"], told["key"]) as client:
    for note in told["notes"]:
        try:
            print(json.dumps(client.submit(note, proof)))
        except WitnessRejected as error:
            print(json.dumps(f"rejected: {error.status}"))
"""


async def test_its_client_gets_cosignatures_of_our_witness(program: Path, tmp_path: Path) -> None:
    steps = [asked(old, new) for old, new in pairwise([0, *SIZES])]
    fork = asked(SIZES[-1], SIZES[-1], rewritten=True)
    async with served(tmp_path / "court") as court:
        told = {
            "url": court.url,
            "key": str(court.key),
            "notes": [each.note.decode() for each in (*steps, fork)],
            "proofs": {
                f"{old} {new}": [hash_text(each) for each in asked(old, new).proof]
                for old, new in pairwise([0, *SIZES])
            },
        }
        command = [program.with_name("python"), "-c", CLIENT]
        run = partial(subprocess.run, input=json.dumps(told), capture_output=True, text=True)
        done = await asyncio.to_thread(run, command, check=True)
    *lines, refused = map(json.loads, done.stdout.splitlines())

    for step, line in zip(steps, lines, strict=True):
        assert cosignatures(add_signatures(step.note, line.encode()), [court.key])
    assert refused == "rejected: 409"
