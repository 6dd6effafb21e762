"""Supervision: one broken thing never stops the others.

This is the one place where any error at all is caught.  What the machine or the officer can mend is
passed on to whoever tries again; everything else is logged, shown, and left for a person.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from evidence.errors import CameraError, EvidenceError, TemporaryError

_log = logging.getLogger(__name__)


async def supervised(work: Awaitable[None], failed: Callable[[str], Awaitable[None]]) -> None:
    """Await *work*; when it fails for good, *failed* hears why, in words.

    Passes CameraError and TemporaryError on: their callers know what to do.
    """
    try:
        await work
    except (CameraError, TemporaryError):
        raise
    except Exception as error:  # noqa: BLE001  the daemon's one supervision loop
        _log.exception("stopped for a person to look")
        await failed(in_words(error))


def first_of(error: Exception) -> Exception:
    """The error that ended a group of tasks, out of the groups around it."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def in_words(error: Exception) -> str:
    """*error* for people: what, where, and what to do."""
    if isinstance(error, EvidenceError):
        return f"{error} ({error.advice})"
    return f"unexpected {type(error).__name__}: {error} ({EvidenceError.default_advice})"
