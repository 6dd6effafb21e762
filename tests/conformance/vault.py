"""What every vault must do: one suite, joined by giving it a rig."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import pytest

from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.vault import (
    AlreadyStored,
    Bucket,
    Lock,
    LockedError,
    LockMode,
    PartReceipt,
    SignedRequest,
    StoredVersion,
    Vault,
)
from evidence.vault.holder import Answer

CLIP = b"what the camera saw" * 100
PART = 5 * 1024**2
"""S3 takes no smaller part but the last."""


class Sender(Protocol):
    """Somebody without a credential who holds a signed request."""

    def __call__(
        self, request: SignedRequest, body: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A vault under test, with its surroundings."""

    vault: Vault
    clock: Clock
    send: Sender
    prefix: str

    def key(self) -> str:
        return f"{self.prefix}{secrets.token_hex(4)}"

    def lock(self, seconds: float = 3600, mode: LockMode = LockMode.COMPLIANCE) -> Lock:
        return Lock(mode=mode, until=self.clock.now() + timedelta(seconds=seconds)).whole()

    def stored(self, seconds: float = 3600) -> StoredVersion:
        return self.vault.put(Bucket.ORIGINALS, self.key(), CLIP, lock=self.lock(seconds))

    def sign(self, key: str, lock: Lock | None = None) -> SignedRequest:
        return self.vault.sign_put(
            Bucket.ORIGINALS,
            key,
            size=len(CLIP),
            sha256=Sha256.of(CLIP),
            lock=lock or self.lock(),
            create_only=True,
            content_type="video/mp4",
            seconds=300,
        )

    def read(self, version: StoredVersion) -> bytes:
        return b"".join(self.vault.read(version.bucket, version.key, version.version_id))


class VaultConformance:
    """Subclass it and give it a fixture ``rig``."""

    def test_what_was_put_is_found_and_read_back(self, rig: Rig) -> None:
        key, lock = rig.key(), rig.lock()

        version = rig.vault.put(Bucket.ORIGINALS, key, CLIP, lock=lock)

        assert (version.size, version.sha256, version.lock) == (len(CLIP), Sha256.of(CLIP), lock)
        assert rig.vault.find(Bucket.ORIGINALS, key, version.version_id) == version
        assert rig.read(version) == CLIP

    def test_an_empty_clip_is_kept_too(self, rig: Rig) -> None:
        version = rig.vault.put(Bucket.ORIGINALS, rig.key(), b"", lock=rig.lock())

        assert version.size == 0
        assert rig.read(version) == b""

    def test_a_key_nobody_wrote_is_absent(self, rig: Rig) -> None:
        version = rig.stored()

        assert rig.vault.find(Bucket.ORIGINALS, rig.key()) is None
        assert rig.vault.find(Bucket.ORIGINALS, version.key, "0" * 32) is None

    def test_an_older_version_stays_readable_under_a_newer_one(self, rig: Rig) -> None:
        old = rig.stored()

        new = rig.vault.put(Bucket.ORIGINALS, old.key, b"newer")

        assert rig.read(old) == CLIP
        assert rig.vault.find(Bucket.ORIGINALS, old.key) == new

    def test_versions_are_listed_page_by_page_newest_first(self, rig: Rig) -> None:
        keys = [f"{rig.prefix}{number:02}" for number in range(5)]

        written = [
            rig.vault.put(Bucket.RECORDS, key, bytes(turn)).version_id
            for key in keys
            for turn in (1, 2)
        ]

        listed = [version.version_id for version in rig.vault.versions(Bucket.RECORDS, rig.prefix)]
        assert Counter(listed) == Counter(written)
        assert listed[:2] == [written[1], written[0]]

    def test_derived_objects_are_replaced_and_removed(self, rig: Rig) -> None:
        key = rig.key()
        rig.vault.put(Bucket.DERIVED, key, b"first")

        version = rig.vault.put(Bucket.DERIVED, key, b"second")

        assert rig.read(version) == b"second"
        rig.vault.delete_version(Bucket.DERIVED, key, version.version_id)
        assert rig.vault.find(Bucket.DERIVED, key) is None

    def test_of_sixteen_racing_create_only_writers_one_wins(self, rig: Rig) -> None:
        key = rig.key()

        def write(number: int) -> str:
            try:
                rig.vault.put(Bucket.ORIGINALS, key, bytes([number]), create_only=True)
            except AlreadyStored:
                return "refused"
            return "won"

        with ThreadPoolExecutor(16) as writers:
            outcomes = Counter(writers.map(write, range(16)))

        assert outcomes == {"won": 1, "refused": 15}
        assert len(list(rig.vault.versions(Bucket.ORIGINALS, key))) == 1

    def test_a_locked_version_is_not_deleted(self, rig: Rig) -> None:
        version = rig.stored()

        with pytest.raises(LockedError):
            rig.vault.delete_version(version.bucket, version.key, version.version_id)

        assert rig.read(version) == CLIP

    @pytest.mark.parametrize(
        ("seconds", "mode"), [(1800, LockMode.COMPLIANCE), (7200, LockMode.GOVERNANCE)]
    )
    def test_a_lock_is_neither_shortened_nor_weakened(
        self, rig: Rig, seconds: int, mode: LockMode
    ) -> None:
        version = rig.stored()

        with pytest.raises(LockedError):
            rig.vault.extend_lock(
                version.bucket, version.key, version.version_id, rig.lock(seconds, mode)
            )

        assert rig.vault.find(version.bucket, version.key, version.version_id) == version

    def test_a_lock_is_extended(self, rig: Rig) -> None:
        version, longer = rig.stored(), rig.lock(7200)

        rig.vault.extend_lock(version.bucket, version.key, version.version_id, longer)
        rig.vault.extend_lock(version.bucket, version.key, version.version_id, longer)

        found = rig.vault.find(version.bucket, version.key, version.version_id)
        assert found == replace(version, lock=longer)

    def test_a_version_written_without_lock_can_be_locked_later(self, rig: Rig) -> None:
        version, lock = rig.vault.put(Bucket.RECORDS, rig.key(), CLIP), rig.lock()

        rig.vault.extend_lock(version.bucket, version.key, version.version_id, lock)

        found = rig.vault.find(version.bucket, version.key, version.version_id)
        assert (version.lock, found) == (None, replace(version, lock=lock))

    def test_a_version_without_lock_is_deleted_once_and_for_all(self, rig: Rig) -> None:
        version = rig.vault.put(Bucket.RECORDS, rig.key(), CLIP)

        rig.vault.delete_version(version.bucket, version.key, version.version_id)
        rig.vault.delete_version(version.bucket, version.key, version.version_id)

        assert rig.vault.find(version.bucket, version.key, version.version_id) is None

    async def test_a_version_may_be_deleted_once_its_lock_has_ended(self, rig: Rig) -> None:
        version = rig.stored(seconds=1)

        for _ in range(40):
            await rig.clock.sleep(0.25)
            try:
                rig.vault.delete_version(version.bucket, version.key, version.version_id)
            except LockedError:
                continue
            break

        assert rig.vault.find(version.bucket, version.key, version.version_id) is None

    def test_reading_a_version_that_is_not_there_is_an_integrity_error(self, rig: Rig) -> None:
        with pytest.raises(DigestMismatch):
            list(rig.vault.read(Bucket.ORIGINALS, rig.key(), "0" * 32))

    def test_the_barrier_names_its_durability_class(self, rig: Rig) -> None:
        assert rig.vault.barrier() in {"syncfs", "declared", "memory"}


class SignedRequestConformance:
    """The second half: what holders of signed requests can do, and cannot."""

    def test_a_signed_put_stores_the_clip_under_its_lock(self, rig: Rig) -> None:
        key, lock = rig.key(), rig.lock()

        answer = rig.send(rig.sign(key, lock), CLIP)

        version_id = answer.headers["x-amz-version-id"]
        assert answer.status == 200
        assert rig.vault.find(Bucket.ORIGINALS, key) == StoredVersion(
            bucket=Bucket.ORIGINALS,
            key=key,
            version_id=version_id,
            size=len(CLIP),
            sha256=Sha256.of(CLIP),
            lock=lock,
        )

    def test_a_signed_put_works_once(self, rig: Rig) -> None:
        key = rig.key()
        first = rig.send(rig.sign(key), CLIP)

        second = rig.send(rig.sign(key), CLIP)

        assert (first.status, second.status) == (200, 412)
        assert len(list(rig.vault.versions(Bucket.ORIGINALS, key))) == 1

    @pytest.mark.parametrize("body", [CLIP[:-1] + b"!", CLIP[:-1], CLIP + b"!"])
    def test_a_signed_put_of_other_bytes_stores_nothing(self, rig: Rig, body: bytes) -> None:
        key = rig.key()
        request = rig.sign(key)
        honest = {**request.headers, "Content-Length": str(len(body))}

        answer = rig.send(replace(request, headers=honest), body)

        assert answer.status in {400, 403}
        assert rig.vault.find(Bucket.ORIGINALS, key) is None

    @pytest.mark.parametrize(
        ("header", "value"),
        [
            ("x-amz-object-lock-mode", "GOVERNANCE"),
            ("x-amz-object-lock-retain-until-date", "2020-01-01T00:00:00Z"),
            ("x-amz-checksum-sha256", Sha256.of(b"other").base64),
            ("If-None-Match", None),
            ("Content-Type", "text/html"),
            ("x-amz-object-lock-mode", None),
        ],
    )
    def test_a_signed_put_with_an_altered_header_is_refused(
        self, rig: Rig, header: str, value: str | None
    ) -> None:
        key = rig.key()
        request = rig.sign(key)
        headers = {name: text for name, text in request.headers.items() if name != header}

        answer = rig.send(
            replace(request, headers=headers | ({header: value} if value else {})), CLIP
        )

        assert answer.status == 403
        assert rig.vault.find(Bucket.ORIGINALS, key) is None

    def test_a_signed_put_for_one_key_does_not_write_another(self, rig: Rig) -> None:
        key, other = rig.key(), rig.key()
        request = rig.sign(key)

        answer = rig.send(replace(request, url=request.url.replace(key, other)), CLIP)

        assert answer.status == 403
        assert rig.vault.find(Bucket.ORIGINALS, other) is None

    def test_a_signed_get_reads_one_version_and_ranges_of_it(self, rig: Rig) -> None:
        version = rig.stored()
        request = rig.vault.sign_get(version.bucket, version.key, version.version_id, seconds=300)

        whole = rig.send(request)
        part = rig.send(request, headers={"Range": "bytes=5-9"})

        assert (whole.status, whole.body) == (200, CLIP)
        assert (part.status, part.body) == (206, CLIP[5:10])
        assert part.headers["content-range"] == f"bytes 5-9/{len(CLIP)}"

    def test_a_signed_get_writes_nothing(self, rig: Rig) -> None:
        version = rig.stored()
        request = rig.vault.sign_get(version.bucket, version.key, version.version_id, seconds=300)

        answer = rig.send(replace(request, method="PUT"), CLIP)

        assert answer.status == 403
        assert rig.vault.find(version.bucket, version.key) == version

    async def test_a_signed_request_ends_with_its_time(self, rig: Rig) -> None:
        version = rig.stored()
        request = rig.vault.sign_get(version.bucket, version.key, version.version_id, seconds=1)

        await rig.clock.sleep(2.1)

        assert rig.send(request).status == 403

    def test_a_clip_sent_in_parts_is_one_locked_version(self, rig: Rig) -> None:
        key, lock = rig.key(), rig.lock()
        upload, parts = send_parts(rig, key, lock)

        version = rig.vault.finish_parts(Bucket.ORIGINALS, key, upload, parts, lock=lock)

        assert (version.size, version.lock, version.sha256) == (PART + len(CLIP), lock, None)
        assert rig.read(version) == bytes(PART) + CLIP

    def test_finishing_parts_again_gives_the_same_version(self, rig: Rig) -> None:
        key, lock = rig.key(), rig.lock()
        upload, parts = send_parts(rig, key, lock)
        first = rig.vault.finish_parts(Bucket.ORIGINALS, key, upload, parts, lock=lock)

        again = rig.vault.finish_parts(Bucket.ORIGINALS, key, upload, parts, lock=lock)

        assert again == first

    def test_a_lock_not_named_at_the_start_is_set_at_the_finish(self, rig: Rig) -> None:
        key, lock = rig.key(), rig.lock()
        upload, parts = send_parts(rig, key, None)

        version = rig.vault.finish_parts(Bucket.ORIGINALS, key, upload, parts, lock=lock)

        assert version.lock == lock

    def test_a_part_with_other_bytes_is_refused(self, rig: Rig) -> None:
        key = rig.key()
        upload = rig.vault.start_parts(Bucket.ORIGINALS, key, lock=None)
        request = sign_part(rig, key, upload, 1, CLIP)

        answer = rig.send(request, CLIP[::-1])

        assert answer.status in {400, 403}

    def test_a_part_that_was_never_sent_spoils_the_finish(self, rig: Rig) -> None:
        key = rig.key()
        upload, parts = send_parts(rig, key, None)
        forged = replace(parts[1], sha256=Sha256.of(b"never sent"))

        with pytest.raises(DigestMismatch):
            rig.vault.finish_parts(Bucket.ORIGINALS, key, upload, [parts[0], forged], lock=None)

        assert rig.vault.find(Bucket.ORIGINALS, key) is None

    def test_an_abandoned_upload_is_never_finished(self, rig: Rig) -> None:
        key = rig.key()
        upload, parts = send_parts(rig, key, None)

        rig.vault.abandon_parts(Bucket.ORIGINALS, key, upload)
        rig.vault.abandon_parts(Bucket.ORIGINALS, key, upload)

        with pytest.raises(DigestMismatch):
            rig.vault.finish_parts(Bucket.ORIGINALS, key, upload, parts, lock=None)
        assert rig.vault.find(Bucket.ORIGINALS, key) is None


def sign_part(rig: Rig, key: str, upload: str, number: int, data: bytes) -> SignedRequest:
    return rig.vault.sign_part(
        Bucket.ORIGINALS,
        key,
        upload,
        number=number,
        size=len(data),
        sha256=Sha256.of(data),
        seconds=300,
    )


def send_parts(rig: Rig, key: str, lock: Lock | None) -> tuple[str, list[PartReceipt]]:
    upload = rig.vault.start_parts(Bucket.ORIGINALS, key, lock=lock)
    receipts = []
    for number, data in enumerate((bytes(PART), CLIP), start=1):
        answer = rig.send(sign_part(rig, key, upload, number, data), data)
        receipts.append(
            PartReceipt(number=number, etag=answer.headers["etag"], sha256=Sha256.of(data))
        )
    return upload, receipts
