"""What a hostile tool would try if a camera's file had taken it over; run in ffmpeg's place.

``hostile_tool.py ACT [ARGUMENT]``: prints ``ESCAPED what`` if the act worked, else ``held: why``.
It needs nothing but the standard library.
"""

# ruff: noqa: T201 - it prints how it went

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWNS = 0x10000000, 0x00020000
_PTRACE_ATTACH, _PR_SET_PDEATHSIG, _MANY = 16, 1, 4000
_KEYCTL, _IO_URING_SETUP = {"aarch64": (219, 425)}.get(os.uname().machine, (250, 425))
_libc = ctypes.CDLL(None, use_errno=True)


def read(path: str) -> str:
    """Read a file that is none of ours."""
    return Path(path).read_bytes()[:20].hex()


def list_folder(path: str) -> str:
    """See what else lies beside our file."""
    others = [name for name in os.listdir(path) if name not in {"clip.mp4", "room", "kit.py"}]
    if not others:
        raise OSError("nothing else is there")
    return str(others)


def write(path: str) -> str:
    """Write where we may not."""
    with open(path, "ab") as stream:
        stream.write(b"!")
    return path


def connect(port: str) -> str:
    """Reach a server on this machine."""
    with socket.create_connection(("127.0.0.1", int(port)), timeout=2) as line:
        return str(line.getpeername())


def abstract(name: str) -> str:
    """Reach a socket that no file system guards."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2)
        line.connect("\0" + name)
        return name


def namespace(_argument: str) -> str:
    """Become root in a namespace of our own."""
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    return "a user namespace"


def mount(place: str) -> str:
    """Mount something over something."""
    if _libc.mount(b"none", os.fsencode(place), b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), "mount")
    return "a mount"


def trace(pid: str) -> str:
    """Take over a process outside."""
    if _libc.ptrace(_PTRACE_ATTACH, int(pid), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return f"process {pid}"


def kill(pid: str) -> str:
    """End a process outside."""
    os.kill(int(pid), signal.SIGTERM)
    return f"process {pid}"


def processes(pid: str) -> str:
    """See the command lines of others."""
    return Path(f"/proc/{pid}/environ").read_bytes().hex()[:40]


def device(_argument: str) -> str:
    """Make a device of the disk."""
    os.mknod("disk", 0o600 | 0o060000, os.makedev(8, 0))
    return "a block device"


def fork_bomb(_argument: str) -> str:
    """Start more processes than anybody needs."""
    for _ in range(_MANY):
        if os.fork() == 0:
            signal.pause()
            os._exit(0)
    return f"{_MANY} processes"


def memory(_argument: str) -> str:
    """Take all the memory."""
    held = bytearray(16 << 30)
    return f"{len(held)} bytes"


def flood(_argument: str) -> str:
    """Write a file without end."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("flood", "wb") as stream:
        for _ in range(500):
            stream.write(bytes(1 << 20))
            stream.flush()
    return "500 MB"


def raise_limits(_argument: str) -> str:
    """Loosen the leash."""
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return "unlimited memory"


def become_root(_argument: str) -> str:
    """Be somebody else."""
    os.setuid(0)
    return f"uid {os.getuid()}"


def setuid_program(_argument: str) -> str:
    """Gain rights by a program that has them."""
    said = subprocess.run(["su", "-c", "id -u"], capture_output=True, check=True, timeout=5)
    return said.stdout.decode()


def secrets(name: str) -> str:
    """Read what the daemon was started with."""
    return os.environ[name]


def shared_memory(path: str) -> str:
    """Leave something in a place that outlives us."""
    return write(path)


def keyring(name: str) -> str:
    """Read a key of whoever started us."""
    found = _libc.syscall(_KEYCTL, 10, -3, b"user", name.encode(), 0)  # KEYCTL_SEARCH, session's
    if found < 0:
        raise OSError(ctypes.get_errno(), "keyctl")
    return f"key {found}"


def one_process(_argument: str) -> str:
    """Start a process, which would have limits of its own."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return f"process {child}"


def ring(_argument: str) -> str:
    """Use a large and young part of the kernel."""
    parameters = ctypes.create_string_buffer(120)
    handle = _libc.syscall(_IO_URING_SETUP, 4, parameters)
    if handle < 0:
        raise OSError(ctypes.get_errno(), "io_uring_setup")
    return f"io_uring {handle}"


def datagram(_argument: str) -> str:
    """Ask a name server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("192.0.2.1", 53))
        return str(line.send(b"?"))


def kernel_setting(_argument: str) -> str:
    """Have the kernel start a program of ours, outside."""
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
    return "core_pattern is open for writing"


def own_program(path: str) -> str:
    """Change a program that will be run again."""
    os.close(os.open(path, os.O_WRONLY))
    return f"{path} is open for writing"


def inherited(_argument: str) -> str:
    """Use what the daemon left open."""
    extra = [number for number in map(int, os.listdir("/proc/self/fd")) if number > 2]
    open_now = [number for number in extra if _is_open(number)]
    if not open_now:
        raise OSError("nothing but the three usual ones")
    return str(open_now)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return not os.readlink(f"/proc/self/fd/{number}").startswith("/proc")


def hidden_file(_argument: str) -> str:
    """Fill the disk with a file that has no name any more."""
    with open("hidden", "wb"):
        Path("hidden").unlink()
    return "a file without a name"


def replaced_file(_argument: str) -> str:
    """The same, by giving its name to another."""
    with open("old", "wb"):
        Path("new").write_bytes(b"")
        Path("new").rename("old")
    return "a file without a name"


def nameless_file(_argument: str) -> str:
    """The same, with a file that never had a name."""
    os.close(os.open(".", os.O_TMPFILE | os.O_RDWR))
    return "a file without a name"


def many_open(_argument: str) -> str:
    """Hold more files than any tool does."""
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]
    for each in held:
        os.close(each)
    return f"{len(held)} files"


def segment(_argument: str) -> str:
    """Hold memory that no limit of ours counts."""
    number = _libc.shmget(0, 1 << 20, 0o600)
    if number < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    _libc.shmctl(number, 0, None)  # IPC_RMID
    return "a shared segment"


def memory_file(_argument: str) -> str:
    """The same, as a file."""
    os.close(os.memfd_create("held"))
    return "a file in memory"


def last_to_go(_argument: str) -> str:
    """Have the kernel kill others first where memory runs out."""
    Path("/proc/self/oom_score_adj").write_text("0", encoding="ascii")
    return "an ordinary chance to live"


def first_process(_argument: str) -> str:
    """Take over the process that ends us."""
    os.close(os.open("/proc/1/mem", os.O_RDWR))
    return "the memory of process 1"


def survive(_argument: str) -> str:
    """Go on after our run has ended, unseen."""
    os.closerange(0, 3)
    return _outlive()


def survive_open(_argument: str) -> str:
    """Go on after our run has ended, and have whoever reads our pipes wait for ever."""
    return _outlive()


def _outlive() -> str:
    _libc.prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0)
    os.setsid()
    while True:
        Path(BEAT).write_bytes(b"still here")
        time.sleep(0.01)


BEAT = "beat"
"""What an act of :data:`LASTING` writes again and again."""
LASTING = frozenset({"survive", "survive_open"})
"""Acts that only end when they are ended."""
ACTS: dict[str, Callable[[str], str]] = {
    act.__name__: act
    for act in (
        *(read, list_folder, write, connect, abstract, namespace, mount, trace, kill, processes),
        *(device, fork_bomb, memory, flood, raise_limits, become_root, setuid_program, secrets),
        *(shared_memory, keyring, inherited, one_process, ring, datagram, kernel_setting),
        *(own_program, hidden_file, replaced_file, nameless_file, many_open, segment, memory_file),
        *(last_to_go, first_process, survive, survive_open),
    )
}


def main() -> None:
    """Try one act and say how it went."""
    name, argument = sys.argv[1], (sys.argv[2:] or [""])[0]
    try:
        print("ESCAPED", ACTS[name](argument), flush=True)
    except (OSError, MemoryError, KeyError, ValueError, subprocess.SubprocessError) as error:
        print("held:", repr(error), flush=True)
    if name == "fork_bomb":
        os.killpg(0, signal.SIGKILL) if os.getpid() == os.getpgrp() else None


if __name__ == "__main__":
    main()
