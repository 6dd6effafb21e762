"""The vault on any S3 store with Object Lock: the one module that talks S3.

Stores differ and ignore headers silently, so nothing is believed because it was asked for: every
locked write is read back by version id, and the lock is set again where it was dropped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.exceptions import ConnectionError as S3ConnectionError
from botocore.parsers import ResponseParserError

from evidence import durable
from evidence.digest import BLOCK, Sha256
from evidence.errors import DigestMismatch, LockMissing, SetupError, VaultUnreachable
from evidence.vault import (
    Bucket,
    Lock,
    PartReceipt,
    SignedRequest,
    StoredVersion,
)
from evidence.vault.s3_refusals import Absent, Attempt, error_of
from evidence.vault.s3_wire import (
    Response,
    agreed,
    composite_digest,
    full_digest,
    headers_of,
    in_order,
    lock_of,
    lock_parameters,
    lock_told,
    put_parameters,
    version_of,
)

_READ_ATTEMPTS = 3
_OF_THE_ENVIRONMENT = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""What boto3 would take from the environment, in botocore's terms, and what it gets instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """Where a store is, and as whom we speak to it."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    buckets: Mapping[Bucket, str]
    durability: Path | Literal["declared"]
    """A folder whose file system holds the store, to be synced; or the operator's word."""
    region: str = "us-east-1"
    ca_file: Path | None = None


class S3Vault:
    """A :class:`~evidence.vault.Vault`; one instance may serve any number of threads."""

    def __init__(self, settings: S3Settings, *, page: int = 1000) -> None:
        self.settings = settings
        self._page = page
        self._client = _client(settings)

    def bucket_name(self, bucket: Bucket) -> str:
        return self.settings.buckets[bucket]

    def put(
        self,
        bucket: Bucket,
        key: str,
        data: bytes,
        *,
        lock: Lock | None = None,
        create_only: bool = False,
        content_type: str = "application/octet-stream",
    ) -> StoredVersion:
        sha256 = Sha256.of(data)
        parameters = put_parameters(len(data), sha256, lock, content_type, create_only=create_only)
        answer = self._call("put_object", bucket, key, Body=data, **parameters)
        return self._held(bucket, key, version_of(answer), lock)

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> StoredVersion | None:
        named = {"VersionId": version_id} if version_id else {}
        try:
            head = self._call("head_object", bucket, key, ChecksumMode="ENABLED", **named)
        except Absent:
            return None
        version = version_of(head)
        if "ContentLength" not in head:
            raise VaultUnreachable(f"the answer about {bucket.value}/{key} tells no size")
        return StoredVersion(
            bucket=bucket,
            key=key,
            version_id=version,
            size=head["ContentLength"],
            sha256=full_digest(head),
            lock=agreed(self._lock(bucket, key, version), told=lock_told(head)),
        )

    def versions(self, bucket: Bucket, prefix: str = "") -> Iterator[StoredVersion]:
        marker: dict[str, str] = {}
        while True:
            page = self._bucket_call(
                "list_object_versions", bucket, Prefix=prefix, MaxKeys=self._page, **marker
            )
            for entry in page.get("Versions", ()):
                yield StoredVersion(
                    bucket=bucket,
                    key=entry["Key"],
                    version_id=entry["VersionId"],
                    size=entry["Size"],
                    sha256=None,
                    lock=None,
                )
            if not page.get("IsTruncated"):
                return
            marker = {
                "KeyMarker": page["NextKeyMarker"],
                "VersionIdMarker": page["NextVersionIdMarker"],
            }

    def read(self, bucket: Bucket, key: str, version_id: str) -> Iterator[bytes]:
        """As the Protocol says; a cut connection is taken up again at its byte first."""
        done, size, attempts = 0, None, 0
        while size is None or done < size:
            start = done
            ranged = {"Range": f"bytes={start}-"} if start else {}
            try:
                answer = self._call("get_object", bucket, key, VersionId=version_id, **ranged)
            except Absent:
                raise DigestMismatch(f"{self._where(bucket, key)} has no {version_id}") from None
            if size is None:
                size = int(answer["ContentLength"])
            for block in _until_cut(answer["Body"]):
                done += len(block)
                yield block
            attempts = 1 if done > start else attempts + 1
            if done < size and attempts >= _READ_ATTEMPTS:
                where = self._where(bucket, key)
                raise DigestMismatch(f"{where} ends after {done} bytes where {size} were promised")

    def sign_put(
        self,
        bucket: Bucket,
        key: str,
        *,
        size: int,
        sha256: Sha256,
        lock: Lock | None,
        create_only: bool,
        content_type: str,
        seconds: int,
    ) -> SignedRequest:
        bound = put_parameters(size, sha256, lock, content_type, create_only=create_only)
        named = {"Key": key}
        return self._signed("put_object", bucket, seconds=seconds, bound=bound, named=named)

    def sign_get(self, bucket: Bucket, key: str, version_id: str, *, seconds: int) -> SignedRequest:
        named = {"Key": key, "VersionId": version_id}
        return self._signed("get_object", bucket, seconds=seconds, bound={}, named=named)

    def start_parts(self, bucket: Bucket, key: str, *, lock: Lock | None) -> str:
        answer = self._call(
            "create_multipart_upload",
            bucket,
            key,
            ChecksumAlgorithm="SHA256",
            **lock_parameters(lock),
        )
        return str(answer["UploadId"])

    def sign_part(
        self,
        bucket: Bucket,
        key: str,
        upload_id: str,
        *,
        number: int,
        size: int,
        sha256: Sha256,
        seconds: int,
    ) -> SignedRequest:
        bound = {"ContentLength": size, "ChecksumSHA256": sha256.base64}
        named = {"Key": key, "UploadId": upload_id, "PartNumber": number}
        return self._signed("upload_part", bucket, seconds=seconds, bound=bound, named=named)

    def finish_parts(
        self,
        bucket: Bucket,
        key: str,
        upload_id: str,
        parts: Sequence[PartReceipt],
        *,
        lock: Lock | None,
    ) -> StoredVersion:
        try:
            answer = self._call(
                "complete_multipart_upload",
                bucket,
                key,
                UploadId=upload_id,
                MultipartUpload={"Parts": in_order(parts)},
            )
            version = version_of(answer)
        except Absent:
            version = self._finished_before(bucket, key, parts)
        return self._held(bucket, key, version, lock)

    def abandon_parts(self, bucket: Bucket, key: str, upload_id: str) -> None:
        with suppress(Absent):
            self._call("abort_multipart_upload", bucket, key, UploadId=upload_id)

    def extend_lock(self, bucket: Bucket, key: str, version_id: str, lock: Lock) -> None:
        whole = lock.whole()
        retention = {"Mode": whole.mode.value, "RetainUntilDate": whole.until}
        try:
            self._call(
                "put_object_retention", bucket, key, VersionId=version_id, Retention=retention
            )
        except Absent:
            where = self._where(bucket, key)
            raise LockMissing(f"{where} has no version {version_id} to be locked") from None

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        try:
            self._call("delete_object", bucket, key, VersionId=version_id)
        except Absent:
            return

    def barrier(self) -> str:
        folder = self.settings.durability
        if folder == "declared":
            return "declared"
        durable.sync_filesystem(Path(folder))
        return "syncfs"

    def attempt(self, operation: str, bucket: Bucket, **parameters: object) -> Attempt:
        """Try boto3's *operation* and say only what the store answered: for probes and tests.

        Raises VaultUnreachable if nothing answers.
        """
        try:
            answer = self._bare(operation, bucket, parameters)
        except ClientError as error:
            return _attempt(error)
        return Attempt(status=answer["ResponseMetadata"]["HTTPStatusCode"], code="")

    def _signed(
        self, operation: str, bucket: Bucket, *, seconds: int, bound: Response, named: Response
    ) -> SignedRequest:
        """A presigned request; *bound* parameters travel as signed headers, *named* in the URL."""
        method = "GET" if operation == "get_object" else "PUT"
        url = self._client.generate_presigned_url(
            operation,
            Params={"Bucket": self.settings.buckets[bucket], **bound, **named},
            ExpiresIn=seconds,
            HttpMethod=method,
        )
        headers = headers_of(bound)
        query = parse_qs(urlsplit(url).query)
        signed = set(query["X-Amz-SignedHeaders"][0].split(";")) - {"host"}
        if signed != {header.lower() for header in headers}:
            raise SetupError(f"boto3 signed the headers {sorted(signed)}, not {sorted(headers)}")
        made = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return SignedRequest(
            method=method, url=url, headers=headers, expires=made + timedelta(seconds=seconds)
        )

    def _held(self, bucket: Bucket, key: str, version_id: str, lock: Lock | None) -> StoredVersion:
        """The version just written, read back, *lock* set again if the store dropped it."""
        stored = self._written(bucket, key, version_id)
        if lock is None or (stored.lock is not None and stored.lock.covers(lock)):
            return stored
        self.extend_lock(bucket, key, version_id, lock)
        stored = self._written(bucket, key, version_id)
        if stored.lock is None or not stored.lock.covers(lock):
            raise LockMissing(
                f"{self._where(bucket, key)} version {version_id} shows the lock {stored.lock}"
                f" where {lock} was set twice"
            )
        return stored

    def _written(self, bucket: Bucket, key: str, version_id: str) -> StoredVersion:
        stored = self.find(bucket, key, version_id)
        if stored is None:
            where = self._where(bucket, key)
            raise VaultUnreachable(
                f"{where} version {version_id} was acknowledged and is not there"
            )
        return stored

    def _finished_before(self, bucket: Bucket, key: str, parts: Sequence[PartReceipt]) -> str:
        """The version that an earlier, unanswered finish made of the same *parts*."""
        try:
            head = self._call("head_object", bucket, key, ChecksumMode="ENABLED")
        except Absent:
            head = {}
        if head.get("ChecksumSHA256") != composite_digest(parts):
            raise DigestMismatch(
                f"{self._where(bucket, key)}: the store lost this upload in parts",
                advice="Send the clip again from the station's copy.",
            )
        return version_of(head)

    def _lock(self, bucket: Bucket, key: str, version_id: str) -> Lock | None:
        if bucket is Bucket.DERIVED:
            return None
        try:
            answer = self._call("get_object_retention", bucket, key, VersionId=version_id)
        except Absent:
            return None
        retention = answer.get("Retention", {})
        return lock_of(retention.get("Mode"), retention.get("RetainUntilDate"))

    def _call(self, operation: str, bucket: Bucket, key: str, **parameters: object) -> Response:
        return self._bucket_call(operation, bucket, Key=key, **parameters)

    def _bucket_call(self, operation: str, bucket: Bucket, **parameters: object) -> Response:
        try:
            return self._bare(operation, bucket, parameters)
        except ClientError as error:
            where = self._where(bucket, str(parameters.get("Key", "")))
            raise error_of(operation, _attempt(error), where) from error

    def _bare(self, operation: str, bucket: Bucket, parameters: Mapping[str, object]) -> Response:
        name = self.settings.buckets[bucket]
        try:
            answer: Response = getattr(self._client, operation)(Bucket=name, **parameters)
        except (HTTPClientError, S3ConnectionError, ResponseParserError) as error:
            where = self.settings.endpoint
            raise VaultUnreachable(f"the vault at {where} does not answer: {error}") from error
        except ValueError as error:  # botocore's, for a time or a number that is none
            told = f"the vault at {self.settings.endpoint} answers what cannot be read: {error}"
            raise VaultUnreachable(told) from error
        return answer

    def _where(self, bucket: Bucket, key: str) -> str:
        return f"{self.settings.endpoint}/{self.settings.buckets[bucket]}/{key}"


def _client(settings: S3Settings) -> Any:
    """A client that heeds *settings* alone: no profile, file or proxy of whoever started us."""
    config = Config(
        signature_version="s3v4",
        connect_timeout=3,
        read_timeout=60,
        max_pool_connections=32,
        retries={"mode": "standard", "max_attempts": 4},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
        proxies={},
    )
    session = boto3.session.Session(
        botocore_session=botocore.session.Session(session_vars=_OF_THE_ENVIRONMENT),
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        region_name=settings.region,
    )
    trusted = str(settings.ca_file) if settings.ca_file else None
    return session.client("s3", endpoint_url=settings.endpoint, config=config, verify=trusted)


def _until_cut(body: Any) -> Iterator[bytes]:
    """The blocks of a response until it ends or its connection breaks."""
    try:
        yield from iter(lambda: body.read(BLOCK), b"")
    except (HTTPClientError, IncompleteReadError, ResponseStreamingError):
        return
    finally:
        body.close()


def _attempt(error: ClientError) -> Attempt:
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    return Attempt(status=status, code=str(error.response.get("Error", {}).get("Code", "")))
