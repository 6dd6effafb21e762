"""One child process that never outlives us, and is never left running by an earlier life of ours.

Linux ties "die with your parent" (PR_SET_PDEATHSIG) to the *thread* that started the child, so a
thread of its own starts each child and waits for it until it ends.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from evidence.errors import SetupError

_PROC = Path("/proc")
_KILLED_WITHIN = 10.0


class Child:
    """A running program.  Its output goes to the file *console*, begun anew."""

    def __init__(
        self, argv: Sequence[str], *, folder: Path, environment: Mapping[str, str], console: Path
    ) -> None:
        guard = shutil.which("setpriv")
        if guard is None:
            raise SetupError(
                "setpriv is missing: a child could outlive this process",
                advice="Install util-linux.",
            )
        self._argv = [guard, "--pdeathsig", "KILL", *argv]
        self._folder, self._environment, self._console = folder, dict(environment), console
        self._started, self._ended = Event(), Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: OSError | None = None
        Thread(target=self._keep, name=f"keeper of {Path(argv[0]).name}", daemon=True).start()
        self._started.wait()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._running().pid

    @property
    def alive(self) -> bool:
        """Whether the child has not ended yet."""
        return not self._ended.is_set()

    def stop(self, *, grace: float) -> None:
        """Ask the child to end, and kill it after *grace* seconds; returns when it has ended."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        if not self._ended.wait(grace):
            process.kill()
            self._ended.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise SetupError(f"cannot start {self._argv[-1]}: {self._failure}")
        return self._process

    def _keep(self) -> None:
        try:
            with self._console.open("wb") as console:
                self._process = subprocess.Popen(
                    self._argv,
                    cwd=self._folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for us: we stop the child in good order
                )
            self._started.set()
            self._process.wait()
        except OSError as error:
            self._failure = error
        finally:
            self._started.set()
            self._ended.set()


def end_leftovers(program: Path, folder: Path) -> list[int]:
    """Kill every process that runs *program* in *folder*; returns their ids when all are gone.

    A process found by what it is and where it works cannot be mistaken for another that took over
    its number, as one found by a stored number could.
    """
    ended = []
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and _runs(entry, program, folder):
            _kill(int(entry.name), program, folder)
            ended.append(int(entry.name))
    return ended


def _runs(entry: Path, program: Path, folder: Path) -> bool:
    try:
        return (entry / "cwd").samefile(folder) and (entry / "exe").samefile(program)
    except OSError:  # it ended meanwhile, or belongs to another user
        return False


def _kill(pid: int, program: Path, folder: Path) -> None:
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)  # from here on the number cannot come to mean another process
        try:
            if _runs(_PROC / str(pid), program, folder):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                if not select.select([handle], [], [], _KILLED_WITHIN)[0]:
                    raise SetupError(f"process {pid} on {folder} does not end, even when killed")
        finally:
            os.close(handle)
