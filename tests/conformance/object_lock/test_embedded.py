"""The embedded engine passes all 39, and the list of those that do not is whole and shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evidence.vault.embedded import Engine
from evidence.vault.probe import Check
from tests.architecture.tree import ROOT
from tests.conformance.object_lock.rig import LockRig
from tests.conformance.object_lock.suite import CHECKS, DEVIATIONS, ObjectLockChecks
from tests.conftest import new_agency

EMBEDDED = "seaweedfs-embedded"


@pytest.fixture(scope="module")
def lock_rig(engine: Engine) -> LockRig:
    names = new_agency(engine).buckets
    return LockRig.of(EMBEDDED, replace(engine.settings_for_root(), buckets=names))


class TestEmbeddedEngine(ObjectLockChecks):
    """On this engine."""


def test_there_are_39() -> None:
    assert len(CHECKS) == 39


def test_the_engine_that_comes_along_deviates_in_nothing() -> None:
    assert [each.check for each in DEVIATIONS if each.engine == EMBEDDED] == []


def test_each_deviation_is_harmless_or_keeps_the_engine_from_evidence() -> None:
    undecided = [each for each in DEVIATIONS if bool(each.harmless) == bool(each.refused_by)]

    assert undecided == []
    assert {each.refused_by for each in DEVIATIONS} <= {"", *Check}


def test_the_operators_page_shows_each_deviation_and_its_reason() -> None:
    page = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")

    rows = [
        f"| `{each.check}` | {each.does} | {each.harmless or f'refused: `{each.refused_by}`'} |"
        for each in DEVIATIONS
    ]

    assert [row for row in rows if row not in page] == []
