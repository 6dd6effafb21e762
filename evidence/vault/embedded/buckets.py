"""The three buckets of an agency: made once, and seen to be as evidence needs them at every start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from evidence.errors import VaultUnfit
from evidence.vault import Bucket

LOCKED = (Bucket.ORIGINALS, Bucket.RECORDS)
"""Buckets with versioning and Object Lock; the third holds what can be made again."""

_EXISTS = frozenset({"BucketAlreadyExists", "BucketAlreadyOwnedByYou"})


def names(agency: str) -> dict[Bucket, str]:
    """The bucket names of *agency*."""
    return {bucket: f"{agency}-{bucket.value}" for bucket in Bucket}


def prepare(client: Any, buckets: Mapping[Bucket, str]) -> None:
    """See that *buckets* exist, the locked ones with Object Lock.  Needs bucket-making rights.

    Raises VaultUnfit if one exists without: a lock asked for there would be dropped silently.
    """
    for bucket, name in buckets.items():
        locked = bucket in LOCKED
        try:
            client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in _EXISTS:
                raise
        if locked and not _locks(client, name):
            raise VaultUnfit(f"bucket {name} exists without versioning and Object Lock")


def _locks(client: Any, name: str) -> bool:
    try:
        answer = client.get_object_lock_configuration(Bucket=name)
    except ClientError:
        return False
    lock = answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled")
    return bool(lock == "Enabled") and bool(
        client.get_bucket_versioning(Bucket=name).get("Status") == "Enabled"
    )
