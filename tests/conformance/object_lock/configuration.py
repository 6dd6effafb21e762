"""What holds for a whole bucket: Object Lock, its default, and the versions it rests on."""

from __future__ import annotations

import pytest

from tests.conformance.object_lock.rig import MALFORMED, LockRig, default, refusal

NOT_IN_THIS_STATE = (409, "InvalidBucketState")


class ConfigurationChecks:
    def test_object_lock_put_obj_lock(self, lock_rig: LockRig) -> None:
        bucket = lock_rig.bucket(locked=True)

        for asked in (default(Days=1), default(Mode="COMPLIANCE", Years=1)):
            lock_rig.client.put_object_lock_configuration(
                Bucket=bucket, ObjectLockConfiguration=asked
            )

        assert lock_rig.client.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"

    def test_object_lock_put_obj_lock_invalid_bucket(self, lock_rig: LockRig) -> None:
        told = self._refused(lock_rig, default(Days=1), lock_rig.bucket(locked=False))

        assert told == NOT_IN_THIS_STATE

    def test_object_lock_put_obj_lock_enable_after_create(self, lock_rig: LockRig) -> None:
        bucket = lock_rig.bucket(locked=False)
        before = self._refused(lock_rig, default(Days=1), bucket)

        lock_rig.client.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        lock_rig.client.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration=default(Days=1)
        )

        told = lock_rig.client.get_object_lock_configuration(Bucket=bucket)
        assert before == NOT_IN_THIS_STATE
        assert told["ObjectLockConfiguration"] == default(Days=1)

    def test_object_lock_put_obj_lock_with_days_and_years(self, lock_rig: LockRig) -> None:
        assert self._refused(lock_rig, default(Days=1, Years=1)) == MALFORMED

    @pytest.mark.parametrize("days", [0, -1])
    def test_object_lock_put_obj_lock_invalid_days(self, lock_rig: LockRig, days: int) -> None:
        told = self._refused(lock_rig, default(Days=days))

        assert told == (400, "InvalidRetentionPeriod")

    @pytest.mark.parametrize("years", [0, -1])
    def test_object_lock_put_obj_lock_invalid_years(self, lock_rig: LockRig, years: int) -> None:
        told = self._refused(lock_rig, default(Years=years))

        assert told == (400, "InvalidRetentionPeriod")

    @pytest.mark.parametrize("mode", ["abc", "governance"])
    def test_object_lock_put_obj_lock_invalid_mode(self, lock_rig: LockRig, mode: str) -> None:
        assert self._refused(lock_rig, default(Mode=mode, Years=1)) == MALFORMED

    def test_object_lock_put_obj_lock_invalid_status(self, lock_rig: LockRig) -> None:
        disabled = {**default(Years=1), "ObjectLockEnabled": "Disabled"}

        assert self._refused(lock_rig, disabled) == MALFORMED

    def test_object_lock_suspend_versioning(self, lock_rig: LockRig) -> None:
        told = refusal(
            lock_rig.client.put_bucket_versioning,
            Bucket=lock_rig.locked,
            VersioningConfiguration={"Status": "Suspended"},
        )

        assert told == NOT_IN_THIS_STATE
        state = lock_rig.client.get_bucket_versioning(Bucket=lock_rig.locked)
        assert state["Status"] == "Enabled"

    def test_object_lock_get_obj_lock(self, lock_rig: LockRig) -> None:
        bucket = lock_rig.bucket(locked=True)
        lock_rig.client.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration=default(Days=1)
        )

        told = lock_rig.client.get_object_lock_configuration(Bucket=bucket)

        assert told["ObjectLockConfiguration"] == default(Days=1)

    def test_object_lock_get_obj_lock_invalid_bucket(self, lock_rig: LockRig) -> None:
        told = refusal(lock_rig.client.get_object_lock_configuration, Bucket=lock_rig.plain)

        assert told == (404, "ObjectLockConfigurationNotFoundError")

    @staticmethod
    def _refused(rig: LockRig, asked: object, bucket: str | None = None) -> tuple[int, str]:
        """What setting the configuration *asked* is refused with, and changes nothing by."""
        return refusal(
            rig.client.put_object_lock_configuration,
            Bucket=bucket or rig.locked,
            ObjectLockConfiguration=asked,
        )
