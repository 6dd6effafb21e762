"""A migration in a process of its own, killed before one of its statements."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable

from sqlalchemy import Engine, event

from evidence.migration import Revisions, step

_CLEAN = multiprocessing.get_context("forkserver")
"""Its children come from a process without threads: a fork of ours would inherit the locks that
other threads hold at that moment, and wait for them for ever."""
_CLEAN.set_forkserver_preload([__name__])


def killed_at(nth: int, opener: Callable[[], Engine], chain: Revisions, to: str) -> bool:
    """Migrate in a child that is killed before statement *nth*; False if it came to its end."""
    child = _CLEAN.Process(target=_migrate, args=(nth, opener, chain, to))
    child.start()
    child.join()
    assert child.exitcode in {0, -signal.SIGKILL}
    return child.exitcode != 0


def _migrate(nth: int, opener: Callable[[], Engine], chain: Revisions, to: str) -> None:
    engine = opener()
    seen = iter(range(1, 10**6))

    @event.listens_for(engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        if next(seen) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    step(engine, chain, to)
