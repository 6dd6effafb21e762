"""How a vault's verbs are written in S3: parameters, the headers that carry them, and answers.

Nothing here talks to a store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from evidence.digest import Sha256
from evidence.errors import VaultUnfit, VaultUnreachable
from evidence.vault import Lock, LockMode, PartReceipt
from evidence.vault.encryption import Asked

Response = Mapping[str, Any]
"""boto3 answers in untyped dictionaries; they never leave the S3 modules."""

UNVERSIONED = "null"
"""The version id S3 gives to objects of a bucket without versioning."""

_HEADERS = {
    "ContentLength": "Content-Length",
    "ContentType": "Content-Type",
    "ChecksumSHA256": "x-amz-checksum-sha256",
    "IfNoneMatch": "If-None-Match",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "ObjectLockMode": "x-amz-object-lock-mode",
    "ObjectLockRetainUntilDate": "x-amz-object-lock-retain-until-date",
}
"""boto3's parameter -> the header that carries it."""


def headers_of(bound: Mapping[str, object]) -> dict[str, str]:
    """The headers that carry the parameters *bound*, as boto3 writes them."""
    return {_HEADERS[parameter]: _text(value) for parameter, value in bound.items()}


def put_parameters(
    size: int, sha256: Sha256, lock: Lock | None, content_type: str, *, create_only: bool
) -> dict[str, object]:
    """What one PUT binds, whether we send it or sign it for another."""
    return {
        "ContentLength": size,
        "ContentType": content_type,
        "ChecksumSHA256": sha256.base64,
        **({"IfNoneMatch": "*"} if create_only else {}),
        **lock_parameters(lock),
    }


def lock_parameters(lock: Lock | None) -> dict[str, object]:
    """What puts *lock* on an object as it is written; nothing for None."""
    if lock is None:
        return {}
    whole = lock.whole()
    return {"ObjectLockMode": whole.mode.value, "ObjectLockRetainUntilDate": whole.until}


def encryption_parameters(asked: Asked | None) -> dict[str, object]:
    """What asks the store to encrypt an object; nothing for None."""
    if asked is None:
        return {}
    named = {"SSEKMSKeyId": asked.kms_key} if asked.kms_key else {}
    return {"ServerSideEncryption": asked.algorithm, **named}


def see_encrypted(answer: Response, asked: Asked | None, where: str) -> None:
    """Return if *answer* tells that what is at *where* is encrypted as *asked*; else VaultUnfit.

    A store may name a key of its service in another form than it was asked for.
    """
    told = answer.get("ServerSideEncryption")
    if asked is not None and told != asked.algorithm:
        raise VaultUnfit(
            f"{where}: the vault tells the encryption {told!r}, where {asked.algorithm!r} was asked"
            " for",
            advice="Have the store examined: it stores in the clear what it must encrypt."
            " [vault] encryption may say 'store' only of one that does (docs/vault.md).",
        )


def _text(value: object) -> str:
    """*value* as boto3 writes it into a header."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def version_of(answer: Response) -> str:
    """The version id that an *answer* about an object names.

    Every such answer names the object's ETag too.  VaultUnreachable for one that does not: it was
    cut off, or comes from somebody else.
    """
    if "ETag" not in answer:
        raise VaultUnreachable("an answer about an object names no ETag: it is not from the store")
    return str(answer.get("VersionId") or UNVERSIONED)


def lock_of(mode: str | None, until: datetime | None) -> Lock | None:
    """The lock that an answer tells; VaultUnreachable for one that is none: a line altered it."""
    if not mode:
        return None
    if mode not in list(LockMode) or until is None:
        raise VaultUnreachable(f"an answer tells a lock that is none: {mode!r} until {until}")
    return Lock(mode=LockMode(mode), until=until.astimezone(UTC))


def lock_told(head: Response) -> Lock | None:
    """The lock that a HEAD answer tells beside everything else, if the store does so."""
    return lock_of(head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate"))


def hold_told(head: Response) -> bool:
    """Whether a HEAD answer tells a legal hold.

    It is what the archive may always read: some stores give GetObjectLegalHold to Admin alone.
    """
    told = head.get("ObjectLockLegalHoldStatus") or "OFF"
    if told not in {"ON", "OFF"}:
        raise VaultUnreachable(f"an answer tells a legal hold that is none: {told!r}")
    return bool(told == "ON")


def agreed(lock: Lock | None, *, told: Lock | None) -> Lock | None:
    """The *lock* that GetObjectRetention gave, if HEAD *told* no other.

    A date with one bit flipped on its way is a date as well, and one that is written down for ever;
    two answers that agree were not altered by an accident.
    """
    if told is not None and told != lock:
        raise VaultUnreachable(f"two answers about one lock differ: {told} and {lock}")
    return lock


def full_digest(answer: Response) -> Sha256 | None:
    """The store's checksum of the whole object; None for a composite one (``…-N``)."""
    text = str(answer.get("ChecksumSHA256") or "-")
    return None if "-" in text else Sha256.from_base64(text)


def in_order(parts: Sequence[PartReceipt]) -> list[dict[str, object]]:
    """*parts* as CompleteMultipartUpload lists them."""
    return [
        {"PartNumber": part.number, "ETag": part.etag, "ChecksumSHA256": part.sha256.base64}
        for part in sorted(parts, key=lambda part: part.number)
    ]


def composite_digest(parts: Sequence[PartReceipt]) -> str:
    """The checksum S3 gives to the object joined from *parts*: digest of their digests, count."""
    ordered = sorted(parts, key=lambda part: part.number)
    joined = Sha256.of(b"".join(part.sha256.raw for part in ordered))
    return f"{joined.base64}-{len(ordered)}"
