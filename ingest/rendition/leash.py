"""``leash.py PARENT MEMORY CPU WRITTEN ARGV...``: become ARGV, bound to PARENT by kernel limits.

Run as a program where util-linux's ``setpriv``, ``prlimit`` and ``choom`` are missing.  It needs
nothing but the standard library, and no code of ours runs between fork and exec in the parent.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import NoReturn

MOST_OPEN = 64
"""Files one child may have open at once: each may hold bytes that nobody sees."""
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_FIRST_TO_GO = "1000"
"""Whom the kernel kills for want of memory (proc(5), oom_score_adj)."""


def main() -> NoReturn:
    """ARGV takes this process over; exit code 1 if the parent died before it could be watched."""
    parent, memory, cpu, written = (int(number) for number in sys.argv[1:5])
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123
        score.write(_FIRST_TO_GO)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_NOFILE, MOST_OPEN),
    ):
        resource.setrlimit(limit, (most, most))
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - an argv built by run.py, no shell


if __name__ == "__main__":
    main()
