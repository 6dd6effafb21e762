"""What every vault must do with legal holds: the third part of the suite in ``vault.py``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evidence.errors import LockMissing
from evidence.vault import Bucket, LockedError
from tests.conformance.vault import CLIP, Rig


class LegalHoldConformance:
    """Put on, told of, lifted; while it stands nothing is destroyed."""

    def test_a_legal_hold_is_put_on_read_back_and_lifted(self, rig: Rig) -> None:
        version, seen = rig.stored(), []
        place = version.bucket, version.key, version.version_id

        for on in (True, True, False, False):
            rig.vault.set_legal_hold(*place, on=on)
            seen.append(rig.vault.find(*place))

        held = replace(version, legal_hold=True)
        assert (version.legal_hold, seen) == (False, [held, held, version, version])

    def test_what_has_a_legal_hold_is_not_deleted_though_no_lock_keeps_it(self, rig: Rig) -> None:
        version = rig.vault.put(Bucket.RECORDS, rig.key(), CLIP)
        place = version.bucket, version.key, version.version_id
        rig.vault.set_legal_hold(*place, on=True)

        with pytest.raises(LockedError):
            rig.vault.delete_version(*place)

        assert rig.read(version) == CLIP
        rig.vault.set_legal_hold(*place, on=False)
        rig.vault.delete_version(*place)
        assert rig.vault.find(*place) is None

    def test_a_legal_hold_is_of_one_version_and_stands_beside_its_lock(self, rig: Rig) -> None:
        old, longer = rig.stored(), rig.lock(7200)
        new = rig.vault.put(Bucket.ORIGINALS, old.key, b"newer")
        place = old.bucket, old.key, old.version_id
        rig.vault.set_legal_hold(*place, on=True)

        rig.vault.extend_lock(*place, longer)

        assert rig.vault.find(*place) == replace(old, lock=longer, legal_hold=True)
        assert rig.vault.find(new.bucket, new.key, new.version_id) == new
        rig.vault.set_legal_hold(*place, on=False)

    def test_what_is_not_there_takes_no_legal_hold(self, rig: Rig) -> None:
        version = rig.stored()

        with pytest.raises(LockMissing):
            rig.vault.set_legal_hold(version.bucket, version.key, "0" * 32, on=True)
        with pytest.raises(LockMissing):
            rig.vault.set_legal_hold(version.bucket, rig.key(), version.version_id, on=True)
