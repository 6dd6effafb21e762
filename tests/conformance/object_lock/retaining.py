"""How long one version is held: set, read back, lengthened, shortened, made firmer or weaker."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.conformance.object_lock.rig import (
    DENIED,
    MALFORMED,
    NO_LOCK_HERE,
    LockRig,
    as_headers,
    default,
    named,
    refusal,
    retention,
)

BYPASS = {"BypassGovernanceRetention": True}
HELD = {"ObjectLockLegalHoldStatus": "ON"}


class RetainingChecks:
    def test_object_lock_put_obj_retention(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored()

        answer = lock_rig.client.put_object_retention(**named(version), Retention=retention())

        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200

    def test_object_lock_put_obj_retention_invalid_bucket(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored(lock_rig.plain)

        told = refusal(
            lock_rig.client.put_object_retention, **named(version), Retention=retention()
        )

        assert told == NO_LOCK_HERE

    @pytest.mark.parametrize("mode", ["governance", "abc"])
    def test_object_lock_put_obj_retention_invalid_mode(self, lock_rig: LockRig, mode: str) -> None:
        version = lock_rig.stored()

        told = refusal(lock_rig.client.put_object_retention, **version, Retention=retention(mode))

        assert told == MALFORMED

    def test_object_lock_get_obj_retention(self, lock_rig: LockRig) -> None:
        version, held = lock_rig.stored(), retention()
        lock_rig.client.put_object_retention(**named(version), Retention=held)

        assert lock_rig.retention_of(named(version)) == held

    def test_object_lock_get_obj_retention_iso8601(self, lock_rig: LockRig) -> None:
        version, held = lock_rig.stored(), retention(hours=365 * 24)
        lock_rig.retain(version, held)

        answer = lock_rig.client.head_object(**version)

        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        written = headers["x-amz-object-lock-retain-until-date"]
        assert datetime.fromisoformat(written) == held["RetainUntilDate"]

    def test_object_lock_get_obj_retention_invalid_bucket(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored(lock_rig.plain)

        told = refusal(lock_rig.client.get_object_retention, **named(version))

        assert told == NO_LOCK_HERE

    def test_object_lock_put_obj_retention_versionid(self, lock_rig: LockRig) -> None:
        older, held = lock_rig.stored(), retention()
        lock_rig.client.put_object(**named(older), Body=b"newer")

        lock_rig.retain(older, held)

        assert lock_rig.retention_of(older) == held
        assert "ObjectLockMode" not in lock_rig.client.head_object(**named(older))

    def test_object_lock_put_obj_retention_override_default_retention(
        self, lock_rig: LockRig
    ) -> None:
        bucket, held = lock_rig.bucket(locked=True), retention(hours=72)
        lock_rig.client.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration=default(Days=1)
        )
        version = lock_rig.stored(bucket)
        by_default = lock_rig.retention_of(version)

        lock_rig.retain(version, held)

        assert by_default != held
        assert lock_rig.retention_of(version) == held

    def test_object_lock_put_obj_retention_increase_period(self, lock_rig: LockRig) -> None:
        version, longer = lock_rig.stored(), retention(hours=72)
        lock_rig.retain(version, retention(hours=24))

        lock_rig.retain(version, longer)

        assert lock_rig.retention_of(version) == longer

    def test_object_lock_put_obj_retention_shorten_period(self, lock_rig: LockRig) -> None:
        version, held = lock_rig.stored(), retention(hours=72)
        lock_rig.retain(version, held)

        told = refusal(lock_rig.retain, version=version, retention=retention(hours=24))

        assert told == DENIED
        assert lock_rig.retention_of(version) == held

    def test_object_lock_put_obj_retention_shorten_period_bypass(self, lock_rig: LockRig) -> None:
        version, shorter = lock_rig.stored(), retention(hours=24)
        lock_rig.retain(version, retention(hours=72))

        lock_rig.client.put_object_retention(**version, Retention=shorter, **BYPASS)

        assert lock_rig.retention_of(version) == shorter

    def test_object_lock_get_obj_metadata(self, lock_rig: LockRig) -> None:
        version, held = lock_rig.stored(), retention()
        lock_rig.hold(version, "ON")
        lock_rig.retain(version, held)

        assert self._told(lock_rig, version) == {**as_headers(held), **HELD}

    def test_object_lock_uploading_obj(self, lock_rig: LockRig) -> None:
        held = retention()

        version = lock_rig.stored(**as_headers(held), **HELD)

        assert self._told(lock_rig, version) == {**as_headers(held), **HELD}

    def test_object_lock_changing_mode_from_governance_with_bypass(self, lock_rig: LockRig) -> None:
        governed, firm = self._for_ten_seconds("GOVERNANCE", "COMPLIANCE")
        version = lock_rig.stored(**as_headers(governed))

        lock_rig.client.put_object_retention(**version, Retention=firm, **BYPASS)

        assert lock_rig.retention_of(version) == firm

    def test_object_lock_changing_mode_from_governance_without_bypass(
        self, lock_rig: LockRig
    ) -> None:
        governed, firm = self._for_ten_seconds("GOVERNANCE", "COMPLIANCE")
        version = lock_rig.stored(**as_headers(governed))

        told = refusal(lock_rig.retain, version=version, retention=firm)

        assert told == DENIED
        assert lock_rig.retention_of(version) == governed

    def test_object_lock_changing_mode_from_compliance(self, lock_rig: LockRig) -> None:
        firm, governed = self._for_ten_seconds("COMPLIANCE", "GOVERNANCE")
        version = lock_rig.stored(**as_headers(firm))

        told = refusal(lock_rig.retain, version=version, retention=governed)

        assert told == DENIED
        assert lock_rig.retention_of(version) == firm

    @staticmethod
    def _told(rig: LockRig, version: dict[str, str]) -> dict[str, object]:
        """What a HEAD says about the lock of *version*."""
        head = rig.client.head_object(**version)
        return {name: value for name, value in head.items() if name.startswith("ObjectLock")}

    @staticmethod
    def _for_ten_seconds(*modes: str) -> list[dict[str, object]]:
        """The same end under each of *modes*."""
        held = retention(hours=10 / 3600)
        return [{**held, "Mode": mode} for mode in modes]
