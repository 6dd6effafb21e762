"""The vault on any S3 store with Object Lock: what its verbs ask of S3.

Stores differ and ignore headers silently, so nothing is believed because it was asked for: every
locked write is read back by version id, and the lock is set again where it was dropped.  Where the
store is to encrypt, an object that it does not show to be encrypted is VaultUnfit wherever it is
met, also one that a stranger stored with a signed request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from evidence import durable
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, LockMissing, VaultUnreachable
from evidence.vault import (
    Bucket,
    Lock,
    LockedError,
    PartReceipt,
    SignedRequest,
    StoredVersion,
)
from evidence.vault.s3_refusals import Absent, Attempt
from evidence.vault.s3_store import S3Settings, Store, until_cut
from evidence.vault.s3_wire import (
    agreed,
    composite_digest,
    encryption_parameters,
    full_digest,
    hold_told,
    in_order,
    lock_of,
    lock_parameters,
    lock_told,
    put_parameters,
    see_encrypted,
    version_of,
)

__all__ = ["S3Settings", "S3Vault"]

_READ_ATTEMPTS = 3


class S3Vault:
    """A :class:`~evidence.vault.Vault`; one instance may serve any number of threads."""

    def __init__(self, settings: S3Settings, *, page: int = 1000) -> None:
        self.settings = settings
        self._page = page
        self._store = Store(settings)

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
        parameters |= encryption_parameters(self.settings.encryption)
        answer = self._store.call("put_object", bucket, key, Body=data, **parameters)
        see_encrypted(answer, self.settings.encryption, self._store.where(bucket, key))
        return self._held(bucket, key, version_of(answer), lock)

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> StoredVersion | None:
        named = {"VersionId": version_id} if version_id else {}
        try:
            head = self._store.call("head_object", bucket, key, ChecksumMode="ENABLED", **named)
        except Absent:
            return None
        version = version_of(head)
        see_encrypted(head, self.settings.encryption, self._store.where(bucket, key))
        if "ContentLength" not in head:
            raise VaultUnreachable(f"the answer about {bucket.value}/{key} tells no size")
        return StoredVersion(
            bucket=bucket,
            key=key,
            version_id=version,
            size=head["ContentLength"],
            sha256=full_digest(head),
            lock=agreed(self._lock(bucket, key, version), told=lock_told(head)),
            legal_hold=hold_told(head),
        )

    def versions(self, bucket: Bucket, prefix: str = "") -> Iterator[StoredVersion]:
        marker: dict[str, str] = {}
        while True:
            page = self._store.bucket_call(
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
                answer = self._store.call("get_object", bucket, key, VersionId=version_id, **ranged)
            except Absent:
                raise DigestMismatch(
                    f"{self._store.where(bucket, key)} has no {version_id}"
                ) from None
            if size is None:
                size = int(answer["ContentLength"])
            for block in until_cut(answer["Body"]):
                done += len(block)
                yield block
            attempts = 1 if done > start else attempts + 1
            if done < size and attempts >= _READ_ATTEMPTS:
                where = self._store.where(bucket, key)
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
        bound |= encryption_parameters(self.settings.encryption)
        named = {"Key": key}
        return self._store.signed("put_object", bucket, seconds=seconds, bound=bound, named=named)

    def sign_get(self, bucket: Bucket, key: str, version_id: str, *, seconds: int) -> SignedRequest:
        named = {"Key": key, "VersionId": version_id}
        return self._store.signed("get_object", bucket, seconds=seconds, bound={}, named=named)

    def start_parts(self, bucket: Bucket, key: str, *, lock: Lock | None) -> str:
        answer = self._store.call(
            "create_multipart_upload",
            bucket,
            key,
            ChecksumAlgorithm="SHA256",
            **lock_parameters(lock),
            **encryption_parameters(self.settings.encryption),
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
        return self._store.signed("upload_part", bucket, seconds=seconds, bound=bound, named=named)

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
            answer = self._store.call(
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
            self._store.call("abort_multipart_upload", bucket, key, UploadId=upload_id)

    def extend_lock(self, bucket: Bucket, key: str, version_id: str, lock: Lock) -> None:
        whole = lock.whole()
        retention = {"Mode": whole.mode.value, "RetainUntilDate": whole.until}
        try:
            self._store.call(
                "put_object_retention", bucket, key, VersionId=version_id, Retention=retention
            )
        except Absent:
            where = self._store.where(bucket, key)
            raise LockMissing(f"{where} has no version {version_id} to be locked") from None

    def set_legal_hold(self, bucket: Bucket, key: str, version_id: str, *, on: bool) -> None:
        hold = {"Status": "ON" if on else "OFF"}
        try:
            self._store.call(
                "put_object_legal_hold", bucket, key, VersionId=version_id, LegalHold=hold
            )
        except (Absent, LockedError) as error:
            where = f"{self._store.where(bucket, key)} version {version_id}"
            raise LockMissing(f"{where} takes no legal hold {hold['Status']}: {error}") from error

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        try:
            self._store.call("delete_object", bucket, key, VersionId=version_id)
        except Absent:
            return

    def barrier(self) -> str:
        folder = self.settings.durability
        if folder == "declared":
            return "declared"
        durable.sync_filesystem(Path(folder))
        return "syncfs"

    def attempt(self, operation: str, bucket: Bucket, **parameters: object) -> Attempt:
        """As :meth:`Store.attempt`."""
        return self._store.attempt(operation, bucket, **parameters)

    def _held(self, bucket: Bucket, key: str, version_id: str, lock: Lock | None) -> StoredVersion:
        """The version just written, read back, *lock* set again if the store dropped it."""
        stored = self._written(bucket, key, version_id)
        if lock is None or (stored.lock is not None and stored.lock.covers(lock)):
            return stored
        self.extend_lock(bucket, key, version_id, lock)
        stored = self._written(bucket, key, version_id)
        if stored.lock is None or not stored.lock.covers(lock):
            where = f"{self._store.where(bucket, key)} version {version_id}"
            raise LockMissing(f"{where} shows the lock {stored.lock} where {lock} was set twice")
        return stored

    def _written(self, bucket: Bucket, key: str, version_id: str) -> StoredVersion:
        stored = self.find(bucket, key, version_id)
        if stored is None:
            where = self._store.where(bucket, key)
            raise VaultUnreachable(
                f"{where} version {version_id} was acknowledged and is not there"
            )
        return stored

    def _finished_before(self, bucket: Bucket, key: str, parts: Sequence[PartReceipt]) -> str:
        """The version that an earlier, unanswered finish made of the same *parts*."""
        try:
            head = self._store.call("head_object", bucket, key, ChecksumMode="ENABLED")
        except Absent:
            head = {}
        if head.get("ChecksumSHA256") != composite_digest(parts):
            raise DigestMismatch(
                f"{self._store.where(bucket, key)}: the store lost this upload in parts",
                advice="Send the clip again from the station's copy.",
            )
        return version_of(head)

    def _lock(self, bucket: Bucket, key: str, version_id: str) -> Lock | None:
        if bucket is Bucket.DERIVED:
            return None
        try:
            answer = self._store.call("get_object_retention", bucket, key, VersionId=version_id)
        except Absent:
            return None
        retention = answer.get("Retention", {})
        return lock_of(retention.get("Mode"), retention.get("RetainUntilDate"))
