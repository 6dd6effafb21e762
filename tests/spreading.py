"""Which tests of a run go to which worker.

A file's tests go to one worker, since what they share is made once; but for the files here, whose
tests share nothing and take minutes each: these go to whichever worker is free.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

APART = frozenset(
    {
        "tests/archive/copies/test_repairing.py",
        "tests/conformance/foreign/test_all_programs.py",
        "tests/crash/test_killed_vaults.py",
        "tests/crash/test_power_cut.py",
        "tests/evidence/migration/test_killed.py",
        "tests/faults/test_flips.py",
    }
)


class Spreading(LoadFileScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Scheduler of pytest-xdist; its unit of work is a file, or a test of a file apart."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return nodeid if file in APART else file
