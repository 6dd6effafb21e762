"""The 39 object-lock checks of ceph/s3-tests, by their names there, written anew for our client.

An engine joins by subclassing :class:`ObjectLockChecks` and giving it a fixture ``lock_rig``.
Where an engine is known to do otherwise (deviations.toml) its check must fail: one that mended its
ways is taken off the list.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest
from botocore.exceptions import ClientError

from evidence.errors import VaultUnreachable
from tests.conformance.object_lock.configuration import ConfigurationChecks
from tests.conformance.object_lock.deleting import DeletingChecks
from tests.conformance.object_lock.holding import HoldingChecks
from tests.conformance.object_lock.retaining import RetainingChecks
from tests.conformance.object_lock.rig import LockRig

PREFIX = "test_object_lock_"
"""Before the name of each check."""


class Deviation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One check that one engine does not pass."""

    engine: str
    check: str
    """Name of the test without ``test_``; with its parameters, if it passes with others."""
    does: str
    """What the engine does instead."""
    harmless: str = ""
    """Why evidence is not endangered by it."""
    refused_by: str = ""
    """Else: the check of the probe that keeps the engine from holding evidence."""


DEVIATIONS = [
    msgspec.convert(each, Deviation)
    for each in tomllib.loads(
        (Path(__file__).parent / "deviations.toml").read_text(encoding="utf-8")
    )["deviation"]
]


def expect(request: pytest.FixtureRequest, engine: str) -> None:
    """Let the test at hand fail, and nothing else, where *engine* is known to deviate."""
    names = {str(request.node.originalname), str(request.node.name)}
    for each in DEVIATIONS:
        if each.engine == engine and f"test_{each.check}" in names:
            failures = (AssertionError, pytest.fail.Exception, ClientError, VaultUnreachable)
            mark = pytest.mark.xfail(reason=each.does, strict=True, raises=failures)
            request.applymarker(mark)


class ObjectLockChecks(ConfigurationChecks, RetainingChecks, DeletingChecks, HoldingChecks):
    @pytest.fixture(autouse=True)
    def known(self, request: pytest.FixtureRequest, lock_rig: LockRig) -> None:
        expect(request, lock_rig.engine)


CHECKS = sorted(name.removeprefix(PREFIX) for name in dir(ObjectLockChecks) if PREFIX in name)
"""Their names, as a report has them."""
