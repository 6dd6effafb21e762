import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from evidence.errors import RenditionFailed, SetupError
from ingest.rendition import run as run_module
from ingest.rendition.cage import CageRule, NoCage
from ingest.rendition.run import Job, Limits, collect, first_line, leash, run

_LIMITS = Limits(seconds=20, written=1 << 20)


BARE = NoCage(reason="the leash is tested alone here", rule=CageRule.WHEN_POSSIBLE)


def _job(folder: Path, script: str, limits: Limits = _LIMITS) -> Job:
    return Job(argv=("/bin/sh", "-c", script), folder=folder, limits=limits, cage=BARE)


async def _nothing(piece: bytes) -> None:
    del piece


async def _gone(pid: int) -> bool:
    """Whether process *pid* ends within ten seconds."""
    for _ in range(200):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        await asyncio.sleep(0.05)
    return False


async def _pid_in(path: Path) -> int:
    for _ in range(200):
        if path.exists() and path.read_text().endswith("\n"):
            return int(path.read_text())
        await asyncio.sleep(0.05)
    raise AssertionError(f"{path} was not written")


async def test_a_flood_of_complaints_blocks_nothing(tmp_path: Path) -> None:
    said = await collect(_job(tmp_path, "yes noise | head -c 3000000 >&2; echo done"), 100)

    assert said == b"done\n"


async def test_the_last_complaint_names_the_failure(tmp_path: Path) -> None:
    with pytest.raises(RenditionFailed, match="sh ended with exit code 3: it broke"):
        await run(_job(tmp_path, "echo first >&2; echo it broke >&2; exit 3"), _nothing)


async def test_a_child_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    slow = _job(tmp_path, "echo $$ > pid; exec sleep 60", Limits(seconds=1, written=1 << 20))

    with pytest.raises(RenditionFailed, match="longer than 1 s"):
        await run(slow, _nothing)

    assert await _gone(await _pid_in(tmp_path / "pid"))


async def test_cancelling_kills_the_child_and_its_children(tmp_path: Path) -> None:
    task = asyncio.create_task(run(_job(tmp_path, "sleep 60 & echo $! > pid; wait"), _nothing))
    pid = await _pid_in(tmp_path / "pid")

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await _gone(pid)


async def test_more_output_than_allowed_ends_the_child(tmp_path: Path) -> None:
    with pytest.raises(RenditionFailed, match="more than 1000 bytes"):
        await collect(_job(tmp_path, "exec yes"), 1000)


async def test_a_file_cannot_outgrow_its_limit(tmp_path: Path) -> None:
    with pytest.raises(RenditionFailed):
        await run(_job(tmp_path, "exec head -c 3000000 /dev/zero > big"), _nothing)

    assert (tmp_path / "big").stat().st_size <= 1 << 20


async def test_scratch_files_stay_in_the_folder(tmp_path: Path) -> None:
    said = await collect(_job(tmp_path, 'pwd; echo "$TMPDIR"; echo "$HOME"; env | wc -l'), 1000)

    *places, count = said.decode().split()
    assert set(places) == {str(tmp_path)}
    assert int(count) < 10


@pytest.mark.parametrize("path", [os.defpath, "/nowhere"])
async def test_the_child_dies_with_us_with_or_without_util_linux(path: str, tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from ingest.rendition.run import *\n"
        "from ingest.rendition.cage import CageRule\n"
        "async def sink(piece): pass\n"
        "job = Job(argv=('/bin/sh', '-c', 'echo $$ > pid; exec sleep 60'), "
        f"folder=Path({str(tmp_path)!r}), limits=Limits(seconds=60, written=1 << 20), "
        "cage=NoCage(reason='', rule=CageRule.WHEN_POSSIBLE))\n"
        "asyncio.run(run(job, sink))\n"
    )
    root = Path(run_module.__file__).parents[2]
    environment = {"PATH": path, "PYTHONPATH": str(root)}
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, env=environment)
    pid = await _pid_in(tmp_path / "pid")

    parent.kill()
    await parent.wait()

    assert await _gone(pid)


def test_the_leash_is_made_of_util_linux_where_it_is_installed() -> None:
    words = leash(_LIMITS)

    assert "--pdeathsig" in words or words[-5].endswith("leash.py")


def test_a_tool_that_does_not_start_is_a_setup_error() -> None:
    with pytest.raises(SetupError, match="/nowhere/ffmpeg"):
        first_line(("/nowhere/ffmpeg", "-version"))


async def test_what_got_out_of_reach_is_told_and_not_waited_for(tmp_path: Path) -> None:
    """Without a cage a child can leave its session, and hold our pipes open."""
    script = "setsid sh -c 'echo $$ > pid; exec sleep 60' & sleep 0.5"
    left = _job(tmp_path, script, Limits(seconds=2, written=1 << 20))

    with pytest.raises(RenditionFailed, match="left a process behind"):
        await asyncio.wait_for(run(left, _nothing), 30)

    os.kill(await _pid_in(tmp_path / "pid"), signal.SIGKILL)


async def test_few_files_may_be_open_at_once(tmp_path: Path) -> None:
    assert await collect(_job(tmp_path, "ulimit -n; ulimit -Hn"), 100) == b"64\n64\n"


async def test_a_start_that_is_cancelled_leaves_nothing_behind(tmp_path: Path) -> None:
    forks, pid = _job(tmp_path, "sleep 60 & echo $! > pid; exec sleep 60"), tmp_path / "pid"
    begun = 0
    for turn in range(1, 8):
        running = asyncio.create_task(run(forks, _nothing))
        for _ in range(turn):
            await asyncio.sleep(0)
        _stand_still_until(pid)
        running.cancel()
        async with asyncio.timeout(20):
            await asyncio.wait({running})
        if pid.exists():
            begun += 1
            assert await _gone(await _pid_in(pid))
            pid.unlink()
    assert begun > 0


def _stand_still_until(there: Path) -> None:
    """Let a child go on, while its start is under way here; where it is not there is no waiting."""
    for _ in range(100):
        if there.exists() and there.read_text().endswith("\n"):
            return
        time.sleep(0.01)
