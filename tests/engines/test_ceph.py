"""The RADOS gateway of Debian 12: what it keeps of what evidence needs; the probe refuses it."""

from __future__ import annotations

import pytest

from evidence.clock import SystemClock
from evidence.errors import VaultUnfit
from evidence.vault import Bucket
from evidence.vault.holder import send
from evidence.vault.probe import Check, prove
from evidence.vault.s3 import S3Vault
from tests.conformance.legal_holds import LegalHoldConformance
from tests.conformance.object_lock.rig import LockRig
from tests.conformance.object_lock.suite import ObjectLockChecks, expect
from tests.conformance.vault import Rig, SignedRequestConformance, VaultConformance
from tests.conftest import Count
from tests.engines.ceph import Ceph

pytestmark = pytest.mark.slow

ENGINE = "ceph-rgw-16.2"


@pytest.fixture(scope="module")
def archive(rados: Ceph) -> S3Vault:
    return S3Vault(rados.archive(), page=3)


@pytest.fixture
def rig(archive: S3Vault, key_prefix: str) -> Rig:
    return Rig(vault=archive, clock=SystemClock(), send=send, prefix=key_prefix)


class TestVault(VaultConformance, SignedRequestConformance, LegalHoldConformance):
    @pytest.fixture(autouse=True)
    def known(self, request: pytest.FixtureRequest) -> None:
        expect(request, ENGINE)


@pytest.fixture(scope="module")
def lock_rig(rados: Ceph) -> LockRig:
    return LockRig.of(ENGINE, rados.root())


class TestObjectLock(ObjectLockChecks):
    """On this engine."""


def test_the_list_of_deviations_is_about_this_version(rados: Ceph) -> None:
    assert "ceph version 16.2." in rados.version()


def test_it_may_not_hold_evidence(rados: Ceph, archive: S3Vault, count: Count) -> None:
    with pytest.raises(VaultUnfit, match=Check.WRONG_DIGEST_REFUSED) as refused:
        prove(archive, S3Vault(rados.root()), SystemClock())

    count(f"{ENGINE}: {refused.value}")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Suspended"}}),
        ("put_object_lock_configuration", {"ObjectLockConfiguration": {}}),
        ("put_bucket_policy", {"Policy": "{}"}),
        ("delete_bucket_policy", {}),
        ("delete_bucket", {}),
    ],
)
def test_the_rights_of_our_page_let_the_archive_change_no_bucket(
    archive: S3Vault, operation: str, parameters: dict[str, object]
) -> None:
    answer = archive.attempt(operation, Bucket.ORIGINALS, **parameters)

    assert (answer.status, answer.code) == (403, "AccessDenied")
