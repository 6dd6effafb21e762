"""What an S3 error answer means to us.

Engines agree on the status and differ in the code, and some send no code at all (a HEAD has no
body), so every meaning is a *set* of codes beside the status; nothing hangs on one code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from evidence.errors import DigestMismatch, InColdStorage, SetupError, VaultUnreachable
from evidence.vault import AlreadyStored, LockedError

_NO_LOCK = frozenset(
    {
        "NoSuchObjectLockConfiguration",  # AWS
        "ObjectLockConfigurationNotFoundError",  # SeaweedFS, Ceph
        "NoSuchObjectLockConfigurationError",
        "InvalidRequest",  # AWS: the bucket has no lock at all
    }
)
_BAD_DIGEST = frozenset(
    {
        "BadDigest",
        "InvalidDigest",
        "XAmzContentChecksumMismatch",
        "XAmzContentSHA256Mismatch",
        "InvalidPart",  # a part that is not the one received earlier
    }
)
_BAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
_COLD = frozenset({"InvalidObjectState"})
"""AWS, Ceph: the object lies in a class that must be asked for before it can be read."""
_LATER = frozenset(
    {
        "ConditionalRequestConflict",  # 409: two writers at once; neither is told yet who won
        "OperationAborted",
        "RequestTimeout",
        "SlowDown",
        "TooManyRequests",
    }
)
_BAD_DATE = frozenset(
    {"InvalidArgument", "InvalidRequest", "InvalidRetentionPeriod", "MalformedXML"}
)
_LOCK_VERBS = frozenset({"delete_object", "put_object_retention", "put_object_legal_hold"})

_BAD_REQUEST, _FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED, _PRECONDITION = 400, 403, 404, 405, 412
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The store's bare answer to one request."""

    status: int
    code: str
    """S3's error code; empty if the request was granted or the answer carried none."""

    @property
    def refused(self) -> bool:
        """Whether the store said no, as opposed to yes or to nothing useful (5xx)."""
        return _BAD_REQUEST <= self.status < _SERVER_ERROR


class Absent(Exception):
    """The store has no such version, upload or lock; the S3 vault makes a value of it."""


class Meaning(Enum):
    """What to make of a refused request."""

    ABSENT = auto()
    """There is no such version, upload or lock."""
    EXISTS = auto()
    """A create-only write found an object there."""
    WRONG_BYTES = auto()
    """The bytes do not have the digest that was announced; nothing was stored."""
    LOCKED = auto()
    """A lock forbids it."""
    LATER = auto()
    """The store is not able to answer now."""
    COLD = auto()
    """The store has it, and gives it only hours after it was asked for: a person must ask."""
    MISCONFIGURED = auto()
    """Wrong credentials, missing rights, missing bucket: a person must look."""


def meaning(operation: str, status: int, code: str) -> Meaning:
    """The meaning of *status* and *code* answered to *operation* (boto3's snake-case name)."""
    by_lock = status == _FORBIDDEN or code in _BAD_DATE
    first_that_holds = (
        (status >= _SERVER_ERROR or code in _LATER, Meaning.LATER),
        (code in _BAD_DIGEST, Meaning.WRONG_BYTES),
        (code in _BAD_CREDENTIALS or code == "NoSuchBucket", Meaning.MISCONFIGURED),
        (code in _COLD, Meaning.COLD),
        (status == _PRECONDITION, Meaning.EXISTS),
        (status in {_NOT_FOUND, _NOT_ALLOWED}, Meaning.ABSENT),
        (operation == "get_object_retention" and code in _NO_LOCK, Meaning.ABSENT),
        (operation in _LOCK_VERBS and by_lock, Meaning.LOCKED),
        (True, Meaning.MISCONFIGURED),
    )
    return next(said for holds, said in first_that_holds if holds)


def error_of(operation: str, answer: Attempt, where: str) -> Exception:
    """The product's error for a refused *operation* on *where*."""
    said = f"{where}: the vault answered {operation} with {answer.status} {answer.code}"
    meant = meaning(operation, answer.status, answer.code)
    if meant is Meaning.MISCONFIGURED:
        return SetupError(said, advice="Check keys, rights and buckets against docs/vault.md.")
    return _ERRORS[meant](said)


_ERRORS: Mapping[Meaning, type[Exception]] = {
    Meaning.ABSENT: Absent,
    Meaning.COLD: InColdStorage,
    Meaning.EXISTS: AlreadyStored,
    Meaning.LOCKED: LockedError,
    Meaning.WRONG_BYTES: DigestMismatch,
    Meaning.LATER: VaultUnreachable,
}
