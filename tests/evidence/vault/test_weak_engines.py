"""An engine that is weak in one way only, whichever it is, may not hold evidence."""

from __future__ import annotations

import pytest

from evidence.clock import SystemClock
from evidence.errors import VaultUnfit
from evidence.vault.embedded import Engine
from evidence.vault.probe import Check, prove
from evidence.vault.s3 import S3Settings, S3Vault
from tests.evidence.vault import weak

WEAK = [
    (weak.takes_any_bytes, Check.WRONG_DIGEST_REFUSED),
    (weak.drops_the_lock, Check.LOCK_AND_DIGEST_KEPT),
    (weak.drops_the_digest, Check.LOCK_AND_DIGEST_KEPT),
    (weak.writes_over, Check.CREATE_ONLY_KEPT),
    (weak.shows_it_to_anybody, Check.ANONYMOUS_READ_REFUSED),
    (weak.deletes, Check.DELETE_REFUSED),
    (weak.deletes_if_told_to_bypass, Check.DELETE_REFUSED),
    (weak.shortens, Check.SHORTEN_REFUSED),
    (weak.weakens, Check.DOWNGRADE_REFUSED),
    (weak.keeps_no_legal_hold, Check.LEGAL_HOLD_KEPT),
    (weak.lifts_no_legal_hold, Check.LEGAL_HOLD_KEPT),
    (weak.takes_no_legal_hold, Check.LEGAL_HOLD_KEPT),
    (weak.suspends_versions, Check.VERSIONING_STAYS_ON),
    (weak.refuses_and_deletes_all_the_same(), Check.STILL_INTACT),
]
"""Each weakness, and the check of the probe that it fails."""


@pytest.fixture(scope="module")
def known(engine: Engine) -> S3Settings:
    """The archive's settings of the worker's own agency: what probes leave there harms nobody."""
    return engine.settings_for_archive()


@pytest.fixture(scope="module")
def root(engine: Engine) -> S3Vault:
    return S3Vault(engine.settings_for_root())


@pytest.mark.parametrize(
    ("weakness", "check"), WEAK, ids=lambda each: getattr(each, "__name__", str(each))
)
def test_an_engine_that_is_weak_in_one_way_is_refused(
    known: S3Settings, root: S3Vault, weakness: weak.Weakness, check: Check
) -> None:
    with (
        weak.front(known, root, weakness) as settings,
        pytest.raises(VaultUnfit, match=f"failed the check {check.value}"),
    ):
        prove(S3Vault(settings), None, SystemClock())


def test_the_same_engine_without_a_weakness_is_not(known: S3Settings, root: S3Vault) -> None:
    with weak.front(known, root, lambda _asked, _root: None) as settings:
        report = prove(S3Vault(settings), None, SystemClock())

    assert set(report.proven) == set(Check)


def test_no_check_of_the_probe_is_without_an_engine_that_fails_it() -> None:
    tried_elsewhere = {
        Check.CLOCK_AGREES,  # test_probe.py: a clock that is off, a date that is none
        Check.ENCRYPTED,  # test_encryption.py: it is asked for by few
    }

    assert {check for _, check in WEAK} | tried_elsewhere == set(Check)
