"""The three buckets of an agency: made once, and checked at every start."""

from __future__ import annotations

from evidence.errors import SetupError, VaultUnfit, VaultUnreachable
from evidence.vault import Bucket
from evidence.vault.s3 import S3Vault

LOCKED = frozenset({Bucket.ORIGINALS, Bucket.RECORDS})
"""Buckets with versioning and Object Lock; the third holds what can be made again."""

_EXISTS = frozenset({"BucketAlreadyExists", "BucketAlreadyOwnedByYou"})
_SERVER_ERROR = 500


def names(agency: str) -> dict[Bucket, str]:
    """The bucket names of *agency*."""
    return {bucket: f"{agency}-{bucket.value}" for bucket in Bucket}


def prepare(root: S3Vault) -> None:
    """See that the buckets *root* is set to exist, the locked ones with Object Lock.

    Raises VaultUnfit if one exists without: a lock asked for there would be dropped silently.
    """
    for bucket, name in root.settings.buckets.items():
        _make(root, bucket, name)
        if bucket in LOCKED and root.attempt("get_object_lock_configuration", bucket).refused:
            raise VaultUnfit(f"bucket {name} exists without Object Lock")


def _make(root: S3Vault, bucket: Bucket, name: str) -> None:
    wanted = {"ObjectLockEnabledForBucket": True} if bucket in LOCKED else {}
    answer = root.attempt("create_bucket", bucket, **wanted)
    if answer.status >= _SERVER_ERROR:
        raise VaultUnreachable(f"bucket {name} could not be made: {answer.status} {answer.code}")
    if answer.refused and answer.code not in _EXISTS:
        raise SetupError(f"bucket {name} could not be made: {answer.status} {answer.code}")
