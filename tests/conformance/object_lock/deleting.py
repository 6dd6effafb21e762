"""What is held is not deleted: alone, hidden by a marker, among many, or uploaded in parts."""

from __future__ import annotations

from tests.conformance.object_lock.rig import DENIED, LockRig, as_headers, named, refusal, retention

BYPASS = {"BypassGovernanceRetention": True}


class DeletingChecks:
    def test_object_lock_delete_object_with_retention(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored()
        lock_rig.retain(version, retention())

        self._see_held_until_bypassed(lock_rig, version)

    def test_object_lock_delete_multipart_object_with_retention(self, lock_rig: LockRig) -> None:
        version = lock_rig.in_parts(**as_headers(retention()))

        self._see_held_until_bypassed(lock_rig, version)

    def test_object_lock_delete_object_with_retention_and_marker(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored()
        lock_rig.retain(version, retention())

        hidden = lock_rig.client.delete_object(**named(version))
        marker = {**named(version), "VersionId": hidden["VersionId"]}
        under_it = refusal(lock_rig.client.delete_object, **version)
        unhidden = lock_rig.client.delete_object(**marker)

        assert hidden["DeleteMarker"]
        assert under_it == DENIED
        assert unhidden["ResponseMetadata"]["HTTPStatusCode"] == 204
        self._see_held_until_bypassed(lock_rig, version)

    def test_object_lock_multi_delete_object_with_retention(self, lock_rig: LockRig) -> None:
        held, free = lock_rig.stored(), lock_rig.stored()
        lock_rig.retain(held, retention())

        first = self._delete_many(lock_rig, held, free)
        kept = not lock_rig.gone(held)
        second = self._delete_many(lock_rig, held, **BYPASS)

        assert [(each["Key"], each["Code"]) for each in first["Errors"]] == [
            (held["Key"], "AccessDenied")
        ]
        assert [each["Key"] for each in first["Deleted"]] == [free["Key"]]
        assert kept
        assert [each["Key"] for each in second["Deleted"]] == [held["Key"]]
        assert "Errors" not in second

    def test_object_lock_delete_object_with_legal_hold_on(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored()
        lock_rig.hold(version, "ON")

        self._see_held_until_lifted(lock_rig, version)

    def test_object_lock_delete_multipart_object_with_legal_hold_on(
        self, lock_rig: LockRig
    ) -> None:
        version = lock_rig.in_parts(ObjectLockLegalHoldStatus="ON")

        self._see_held_until_lifted(lock_rig, version)

    def test_object_lock_delete_object_with_legal_hold_off(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored()
        lock_rig.hold(version, "OFF")

        answer = lock_rig.client.delete_object(**version)

        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
        assert lock_rig.gone(version)

    @staticmethod
    def _see_held_until_bypassed(rig: LockRig, version: dict[str, str]) -> None:
        told = refusal(rig.client.delete_object, **version)
        kept = not rig.gone(version)
        answer = rig.client.delete_object(**version, **BYPASS)

        assert (told, kept) == (DENIED, True)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
        assert rig.gone(version)

    @staticmethod
    def _see_held_until_lifted(rig: LockRig, version: dict[str, str]) -> None:
        told = refusal(rig.client.delete_object, **version)
        whatever = refusal(rig.client.delete_object, **version, **BYPASS)
        rig.hold(version, "OFF")
        rig.client.delete_object(**version)

        assert (told, whatever) == (DENIED, DENIED)
        assert rig.gone(version)

    @staticmethod
    def _delete_many(
        rig: LockRig, *versions: dict[str, str], **more: object
    ) -> dict[str, list[dict[str, str]]]:
        doomed = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
        answer: dict[str, list[dict[str, str]]] = rig.client.delete_objects(
            Bucket=rig.locked, Delete={"Objects": doomed}, **more
        )
        return answer
