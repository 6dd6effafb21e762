"""Legal holds: put on, lifted, read back, and refused where they mean nothing."""

from __future__ import annotations

from tests.conformance.object_lock.rig import MALFORMED, NO_LOCK_HERE, LockRig, named, refusal


class HoldingChecks:
    def test_object_lock_put_legal_hold(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored()

        answers = [
            lock_rig.client.put_object_legal_hold(**named(version), LegalHold={"Status": status})
            for status in ("ON", "OFF")
        ]

        assert [each["ResponseMetadata"]["HTTPStatusCode"] for each in answers] == [200, 200]

    def test_object_lock_put_legal_hold_invalid_bucket(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored(lock_rig.plain)

        told = refusal(
            lock_rig.client.put_object_legal_hold, **named(version), LegalHold={"Status": "ON"}
        )

        assert told == NO_LOCK_HERE

    def test_object_lock_put_legal_hold_invalid_status(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored()

        told = refusal(
            lock_rig.client.put_object_legal_hold, **version, LegalHold={"Status": "abc"}
        )

        assert told == MALFORMED

    def test_object_lock_get_legal_hold(self, lock_rig: LockRig) -> None:
        version, told = lock_rig.stored(), []

        for status in ("ON", "OFF"):
            lock_rig.hold(named(version), status)
            told.append(lock_rig.client.get_object_legal_hold(**named(version))["LegalHold"])

        assert told == [{"Status": "ON"}, {"Status": "OFF"}]

    def test_object_lock_get_legal_hold_invalid_bucket(self, lock_rig: LockRig) -> None:
        version = lock_rig.stored(lock_rig.plain)

        told = refusal(lock_rig.client.get_object_legal_hold, **named(version))

        assert told == NO_LOCK_HERE
