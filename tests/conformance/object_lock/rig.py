"""What the object-lock checks need of a store, and how they look at what it refuses."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from evidence.vault import Bucket
from evidence.vault.s3 import S3Settings
from evidence.vault.s3_store import Store

BYTES = b"abc"
DENIED = (403, "AccessDenied")
MALFORMED = (400, "MalformedXML")
NO_LOCK_HERE = (400, "InvalidRequest")
"""Asked for a lock on an object of a bucket without Object Lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRig:
    """A store under test, seen by our own client with the rights of its owner.

    Two buckets are shared by all checks, since making one is what takes time; a check that sets
    something up for a whole bucket makes its own.
    """

    engine: str
    """Its name in deviations.toml."""
    client: Any
    locked: str
    plain: str

    @classmethod
    def of(cls, engine: str, root: S3Settings) -> LockRig:
        """A rig on the store that *root* owns."""
        client = Store(root).client
        buckets = root.buckets
        return cls(
            engine=engine,
            client=client,
            locked=buckets[Bucket.ORIGINALS],
            plain=buckets[Bucket.DERIVED],
        )

    def bucket(self, *, locked: bool) -> str:
        """The name of a new bucket, with Object Lock or without."""
        name = f"lock-{secrets.token_hex(8)}"
        wanted = {"ObjectLockEnabledForBucket": True} if locked else {}
        self.client.create_bucket(Bucket=name, **wanted)
        return name

    def stored(self, bucket: str | None = None, **lock: Any) -> dict[str, str]:
        """A new object: the parameters that name its version, for an S3 request."""
        bucket, key = bucket or self.locked, f"lock/{secrets.token_hex(8)}"
        answer = self.client.put_object(Bucket=bucket, Key=key, Body=BYTES, **lock)
        named = {"Bucket": bucket, "Key": key}
        return named | ({"VersionId": answer["VersionId"]} if "VersionId" in answer else {})

    def retain(self, version: dict[str, str], retention: dict[str, Any]) -> None:
        """Put *retention* on *version*."""
        self.client.put_object_retention(**version, Retention=retention)

    def retention_of(self, version: dict[str, str]) -> object:
        """What the store says about how long *version* is held."""
        return self.client.get_object_retention(**version)["Retention"]

    def hold(self, version: dict[str, str], status: str) -> None:
        """Put a legal hold on *version* (``ON``), or lift it (``OFF``)."""
        self.client.put_object_legal_hold(**version, LegalHold={"Status": status})

    def gone(self, version: dict[str, str]) -> bool:
        """Whether the store holds *version* no more."""
        try:
            self.client.head_object(**version)
        except ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"] in {404, 405}
        return False

    def in_parts(self, **lock: object) -> dict[str, str]:
        """A new object uploaded in one part; *lock* stands in the request that begins it."""
        named = {"Bucket": self.locked, "Key": f"lock/{secrets.token_hex(8)}"}
        upload = self.client.create_multipart_upload(**named, **lock)["UploadId"]
        part = self.client.upload_part(**named, UploadId=upload, PartNumber=1, Body=BYTES)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        done = self.client.complete_multipart_upload(
            **named, UploadId=upload, MultipartUpload=parts
        )
        return {**named, "VersionId": done["VersionId"]}


def named(version: dict[str, str]) -> dict[str, str]:
    """The object of *version*, whichever version is its latest."""
    return {"Bucket": version["Bucket"], "Key": version["Key"]}


def retention(mode: str = "GOVERNANCE", *, hours: float = 24) -> dict[str, Any]:
    """What holds a version from now on for so many *hours* (in whole seconds)."""
    until = datetime.fromtimestamp(int(time.time()), UTC) + timedelta(hours=hours)
    return {"Mode": mode, "RetainUntilDate": until}


def as_headers(held: dict[str, Any]) -> dict[str, Any]:
    """The same for a request that writes an object."""
    return {
        "ObjectLockMode": held["Mode"],
        "ObjectLockRetainUntilDate": held["RetainUntilDate"],
    }


def default(**period: object) -> dict[str, object]:
    """A bucket's configuration: what holds every object that is written without a word."""
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", **period}}
    return {"ObjectLockEnabled": "Enabled", "Rule": rule}


def refusal(act: Callable[..., object], **parameters: object) -> tuple[int, str]:
    """Status and code that the store refused *act* with; a failure if it did not."""
    with pytest.raises(ClientError) as caught:
        act(**parameters)
    told = caught.value.response
    return told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"]
