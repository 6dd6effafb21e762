"""Playing an ordinary user where root runs the tests: root is stopped by no mode of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable

SOMEBODY = 61_000
"""The ordinary user, an id of no account."""


def as_somebody(act: Callable[[], str]) -> str:
    """What *act* answers when an ordinary user does it; AssertionError if it raises.

    It runs in a child of ours; where we are no root, we are an ordinary user ourselves.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _become()
            with os.fdopen(theirs, "w", encoding="utf-8") as answer:
                answer.write(act())
            code = 0
        finally:
            os._exit(code)
    os.close(theirs)
    with os.fdopen(ours, encoding="utf-8") as answer:
        said = answer.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said
    return said


def _become() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
        os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
