"""What of an original's key the archive believes, on a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archive.originals import find_good
from evidence.clock import SystemClock
from evidence.vault import Bucket, Lock, LockMode, StoredVersion
from evidence.vault.embedded import Engine
from evidence.vault.s3 import S3Settings, S3Vault


@pytest.fixture
def archive(agency_settings: S3Settings) -> S3Vault:
    return S3Vault(agency_settings)


@pytest.fixture
def stored(archive: S3Vault, key_prefix: str) -> StoredVersion:
    lock = Lock(mode=LockMode.COMPLIANCE, until=SystemClock().now() + timedelta(hours=1))
    return archive.put(Bucket.ORIGINALS, f"{key_prefix}clip", b"footage", lock=lock)


def test_an_original_that_lost_its_name_is_found_and_not_stored_again(
    engine: Engine, agency_settings: S3Settings, archive: S3Vault, stored: StoredVersion
) -> None:
    """By a delete marker here; a power cut between a store's two writes leaves the same."""
    root = S3Vault(replace(engine.settings_for_root(), buckets=agency_settings.buckets))

    assert not root.attempt("delete_object", Bucket.ORIGINALS, Key=stored.key).refused

    assert archive.find(Bucket.ORIGINALS, stored.key) is None
    assert find_good(archive, stored.key, None, ()) == stored
    assert find_good(archive, stored.key, None, {stored.version_id}) is None


def test_where_the_known_version_is_gone_another_that_is_there_is_found(
    archive: S3Vault, stored: StoredVersion
) -> None:
    assert find_good(archive, stored.key, "0" * 32, ()) == stored


def test_an_original_of_a_longer_key_is_another(archive: S3Vault, stored: StoredVersion) -> None:
    assert find_good(archive, stored.key[:-1], None, ()) is None
