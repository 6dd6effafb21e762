"""The embedded engine's life: what survives a kill, and what never survives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket

import pytest

from evidence.clock import SystemClock
from evidence.errors import SetupError, VaultUnreachable
from evidence.vault import Bucket, Lock, LockMode
from evidence.vault.embedded import Engine, ports
from evidence.vault.embedded.child import Child, end_leftovers
from evidence.vault.s3 import S3Vault

PARENT = """
import sys, threading, time
from pathlib import Path
from evidence.clock import SystemClock
from evidence.vault.embedded import Engine

def start():  # in a thread that ends at once, as a worker thread may
    engine = Engine(Path(sys.argv[1]), agency="own", clock=SystemClock())
    engine.start()
    print(engine.pid, flush=True)

starter = threading.Thread(target=start)
starter.start()
starter.join()
time.sleep(600)
"""


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come true within 10 s"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether *pid* has ended (a zombie waiting for its reaper has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def own_engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path / "vault", agency="own", clock=SystemClock())
    engine.start()
    yield engine
    engine.stop()


@pytest.mark.slow
def test_everything_acknowledged_is_there_after_a_kill_and_a_restart(own_engine: Engine) -> None:
    lock = Lock(mode=LockMode.COMPLIANCE, until=SystemClock().now() + timedelta(hours=1))
    vault = S3Vault(own_engine.settings_for_archive())
    written = [vault.put(Bucket.ORIGINALS, f"k{n}", bytes([n]), lock=lock) for n in range(10)]
    killed = own_engine.pid

    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: not own_engine.alive)
    own_engine.start()

    again = S3Vault(own_engine.settings_for_archive())
    assert own_engine.pid != killed
    assert [again.find(v.bucket, v.key, v.version_id) for v in written] == written
    assert again.settings == vault.settings


@pytest.mark.slow
def test_an_engine_left_by_an_earlier_life_is_ended_before_a_new_one(
    own_engine: Engine, tmp_path: Path
) -> None:
    left = own_engine.pid
    successor = Engine(tmp_path / "vault", agency="own", clock=SystemClock())

    successor.start()

    assert gone(left)
    assert successor.alive
    successor.stop()
    assert not successor.alive


def test_a_started_engine_is_not_started_again(engine: Engine) -> None:
    pid = engine.pid

    engine.start()

    assert engine.pid == pid


def test_an_engine_not_started_says_so(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "vault", agency="own", clock=SystemClock())

    with pytest.raises(VaultUnreachable, match="not started"):
        engine.settings_for_archive()
    engine.stop()


def test_the_engine_dies_with_us_but_not_with_the_thread_that_started_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as parent:
        assert parent.stdout is not None
        engine = int(parent.stdout.readline())
        time.sleep(0.2)
        alive_without_its_thread = not gone(engine)

        parent.kill()

        wait_for(lambda: gone(engine))
        assert alive_without_its_thread


def test_a_leftover_is_known_by_its_program_and_its_folder(tmp_path: Path) -> None:
    sleep = Path("/usr/bin/sleep")
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    ours, theirs = (
        Child([str(sleep), "600"], folder=folder, environment={}, console=folder / "console")
        for folder in (tmp_path / "ours", tmp_path / "theirs")
    )
    wait_for(lambda: Path(f"/proc/{ours.pid}/exe").samefile(sleep))

    ended = end_leftovers(sleep, tmp_path / "ours")

    assert ended == [ours.pid]
    wait_for(lambda: not ours.alive)
    assert theirs.alive
    theirs.stop(grace=5)


def test_a_child_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"
    console = tmp_path / "console"
    child = Child(["/bin/sh", "-c", script], folder=tmp_path, environment={}, console=console)
    wait_for(lambda: console.read_bytes() == b"deaf\n")

    child.stop(grace=0.2)

    assert not child.alive


def test_ports_are_remembered_while_they_are_free(tmp_path: Path) -> None:
    memory = tmp_path / "ports.json"

    assert ports.choose(memory) == ports.choose(memory)


@pytest.mark.parametrize("offset", [0, ports.GRPC_OFFSET])
def test_ports_are_chosen_anew_where_one_was_taken(tmp_path: Path, offset: int) -> None:
    memory = tmp_path / "ports.json"
    first = ports.choose(memory)

    with closing(socket()) as other:
        other.bind(("127.0.0.1", first.filer + offset))
        other.listen()
        second = ports.choose(memory)

    assert second != first
    assert ports.choose(memory) == second


@pytest.mark.slow
def test_an_engine_started_again_keeps_its_ports_or_says_who_holds_them(own_engine: Engine) -> None:
    settings = own_engine.settings_for_archive()
    port = int(settings.endpoint.rpartition(":")[2])
    os.kill(own_engine.pid, signal.SIGKILL)
    wait_for(lambda: not own_engine.alive)

    with closing(socket()) as other:
        other.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(SetupError, match=str(port)):
            own_engine.start()
    own_engine.start()

    assert own_engine.settings_for_archive() == settings


def test_a_stopped_engine_leaves_nothing_outside_its_folder(own_engine: Engine) -> None:
    port = int(own_engine.settings_for_archive().endpoint.rpartition(":")[2])
    outside = Path(f"/tmp/seaweedfs-s3-grpc-{port + ports.GRPC_OFFSET}.sock")  # noqa: S108  its choice
    was_there = outside.exists()

    own_engine.stop()

    assert was_there
    assert not outside.exists()
