"""A SeaweedFS cluster keeps what the embedded engine keeps, and loses a server without noticing."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import VaultUnreachable
from evidence.vault import Bucket, StoredVersion
from evidence.vault.embedded import buckets
from evidence.vault.embedded.hardening import Identity
from evidence.vault.holder import send
from evidence.vault.probe import Check, prove
from evidence.vault.s3 import S3Vault
from tests.conformance.legal_holds import LegalHoldConformance
from tests.conformance.object_lock.rig import LockRig
from tests.conformance.object_lock.suite import ObjectLockChecks, expect
from tests.conformance.vault import CLIP, Rig, SignedRequestConformance, VaultConformance
from tests.conftest import Count
from tests.engines.seaweedfs import VOLUME_SERVERS, Cluster
from tests.evidence.vault.listening import listening_ports
from tests.evidence.vault.test_hardening import http_answer

pytestmark = pytest.mark.slow

ENGINE = "seaweedfs-cluster-4.48"


@pytest.fixture(scope="module")
def archive(seaweedfs: Cluster) -> S3Vault:
    return S3Vault(seaweedfs.settings(Identity.ARCHIVE), page=3)


@pytest.fixture
def rig(archive: S3Vault, key_prefix: str) -> Rig:
    return Rig(vault=archive, clock=SystemClock(), send=send, prefix=key_prefix)


class TestVault(VaultConformance, SignedRequestConformance, LegalHoldConformance):
    @pytest.fixture(autouse=True)
    def known(self, request: pytest.FixtureRequest) -> None:
        expect(request, ENGINE)


@pytest.fixture(scope="module")
def lock_rig(seaweedfs: Cluster) -> LockRig:
    return LockRig.of(ENGINE, seaweedfs.settings(Identity.ROOT))


class TestObjectLock(ObjectLockChecks):
    """On this engine."""


def test_it_proves_every_check_also_as_root(seaweedfs: Cluster, count: Count) -> None:
    names = buckets.names(f"p{secrets.token_hex(6)}")
    archive, root = (S3Vault(seaweedfs.settings(identity, names)) for identity in
                     (Identity.ARCHIVE, Identity.ROOT))  # fmt: skip
    buckets.prepare(root)

    report = prove(archive, root, SystemClock())

    assert set(report.proven) == set(Check)
    assert report.tried_as_root
    count(f"{ENGINE}: {len(report.proven)} checks of the probe hold")


def test_what_is_acknowledged_is_on_disk_first(seaweedfs: Cluster) -> None:
    """A declaration of the operator's: so it was set, and the store says that it is."""
    told = seaweedfs.shell("fs.configure")

    assert '"locationPrefix":  "/buckets/"' in told
    assert '"fsync":  true' in told


def test_a_dead_volume_server_costs_nothing(archive: S3Vault, rig: Rig, seaweedfs: Cluster) -> None:
    held = [rig.stored() for _ in range(12)]
    for part in VOLUME_SERVERS:
        seaweedfs.kill(part)
        try:
            assert [rig.read(each) for each in held] == [CLIP] * len(held)
            assert [archive.find(v.bucket, v.key, v.version_id) for v in held] == held
            held.append(_stored_at_last(rig))
        finally:
            seaweedfs.start_part(part)
            _stored_at_last(rig)


def _stored_at_last(rig: Rig) -> StoredVersion:
    for _ in range(60):
        try:
            return rig.stored()
        except VaultUnreachable:
            continue
    raise AssertionError("nothing is stored any more")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_no_port_gives_or_takes_data_without_a_credential(
    seaweedfs: Cluster, rig: Rig, method: str
) -> None:
    version = rig.stored()
    bucket = rig.vault.bucket_name(Bucket.ORIGINALS)
    paths = [
        f"/buckets/{bucket}/{version.key}",
        f"/buckets/{bucket}/{version.key}.versions/v_{version.version_id}",
        f"/col/delete?collection={bucket}",
        "/dir/assign",
        "/1,0123456789",
    ]
    heard = [at for child in seaweedfs.running.values() for at in listening_ports(child.pid)]

    granted = [
        (port, path, answer.status)
        for _, port in heard
        for path in paths
        if (answer := http_answer(port, method, path)) is not None and answer.status < 400
    ]

    assert {address for address, _ in heard} == {"127.0.0.1"}
    assert granted == []
    assert rig.read(version) == CLIP


def test_its_shell_does_nothing_without_the_certificate(
    seaweedfs: Cluster, rig: Rig, tmp_path: Path
) -> None:
    version, bucket = rig.stored(), rig.vault.bucket_name(Bucket.ORIGINALS)

    with_it = seaweedfs.shell("fs.ls /buckets")
    without = seaweedfs.shell(f"fs.ls /buckets\nlock\nfs.rm -rf /buckets/{bucket}", tmp_path)

    assert bucket in with_it
    assert bucket not in without
    assert rig.read(version) == CLIP
