"""How the S3 vault behaves before stores that are down, cut off or strange."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from evidence.errors import (
    DigestMismatch,
    InColdStorage,
    LockMissing,
    SetupError,
    VaultUnreachable,
)
from evidence.vault import AlreadyStored, Bucket, Lock, LockedError, LockMode
from evidence.vault.s3 import S3Settings, S3Vault
from evidence.vault.s3_refusals import Absent, Attempt, error_of

WHOLE = b"what the camera saw"


class StrangeStore(BaseHTTPRequestHandler):
    """A store that cuts every answer after *kept* bytes, and drops the locks it is given."""

    kept = len(WHOLE)

    def do_GET(self) -> None:
        if "retention" in self.path:
            self.answer(404, b"<Error><Code>NoSuchObjectLockConfiguration</Code></Error>")
            return
        first = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.answer(206 if first else 200, WHOLE[first:], cut_to=self.kept)

    def do_HEAD(self) -> None:
        self.answer(200, WHOLE)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b"")

    def answer(self, status: int, body: bytes, *, cut_to: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amz-version-id", "v1")
        self.send_header("ETag", '"e"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut_to])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def strange_store(kept: int) -> Iterator[S3Vault]:
    handler = type("Cut", (StrangeStore,), {"kept": kept})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield vault_at(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def vault_at(endpoint: str) -> S3Vault:
    return S3Vault(
        S3Settings(
            endpoint=endpoint,
            access_key="a",
            secret_key="s",
            buckets={bucket: bucket.value for bucket in Bucket},
            durability="declared",
        )
    )


def test_a_cut_connection_is_taken_up_again_at_its_byte() -> None:
    with strange_store(kept=7) as vault:
        blocks = list(vault.read(Bucket.ORIGINALS, "clip", "v1"))

    assert b"".join(blocks) == WHOLE
    assert len(blocks) == 3


def test_bytes_that_end_short_every_time_are_a_digest_mismatch() -> None:
    with (
        strange_store(kept=0) as vault,
        pytest.raises(DigestMismatch, match="ends after 0 bytes where 19"),
    ):
        list(vault.read(Bucket.ORIGINALS, "clip", "v1"))


def test_a_store_that_drops_locks_is_not_believed() -> None:
    lock = Lock(mode=LockMode.COMPLIANCE, until=datetime(2030, 1, 1, tzinfo=UTC))

    with strange_store(kept=100) as vault, pytest.raises(LockMissing, match="set twice"):
        vault.put(Bucket.ORIGINALS, "clip", WHOLE, lock=lock)


def test_nothing_of_the_environment_stands_between_us_and_the_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody-else")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with strange_store(kept=len(WHOLE)) as vault:
        assert b"".join(vault.read(Bucket.ORIGINALS, "k", "v1")) == WHOLE


def test_a_store_that_is_down_is_unreachable() -> None:
    with pytest.raises(VaultUnreachable, match="does not answer"):
        vault_at("http://127.0.0.1:9").find(Bucket.ORIGINALS, "clip")


def test_the_operators_word_is_the_barrier_of_a_store_elsewhere(tmp_path: Path) -> None:
    elsewhere = vault_at("http://127.0.0.1:9")
    settings = elsewhere.settings

    here = S3Vault(
        S3Settings(
            endpoint=settings.endpoint,
            access_key="a",
            secret_key="s",
            buckets=settings.buckets,
            durability=tmp_path,
        )
    )

    assert (elsewhere.barrier(), here.barrier()) == ("declared", "syncfs")


@pytest.mark.parametrize(
    ("operation", "status", "code", "expected"),
    [
        ("put_object", 503, "SlowDown", VaultUnreachable),
        ("put_object", 409, "ConditionalRequestConflict", VaultUnreachable),
        ("put_object", 412, "PreconditionFailed", AlreadyStored),
        ("put_object", 412, "", AlreadyStored),
        ("put_object", 400, "XAmzContentChecksumMismatch", DigestMismatch),
        ("put_object", 403, "AccessDenied", SetupError),
        ("put_object", 404, "NoSuchBucket", SetupError),
        ("head_object", 404, "404", Absent),
        ("head_object", 405, "405", Absent),
        ("get_object_retention", 404, "ObjectLockConfigurationNotFoundError", Absent),
        ("get_object_retention", 400, "InvalidRequest", Absent),
        ("put_object_retention", 403, "AccessDenied", LockedError),
        ("put_object_retention", 400, "InvalidRequest", LockedError),
        ("delete_object", 403, "", LockedError),
        ("delete_object", 403, "SignatureDoesNotMatch", SetupError),
    ],
)
def test_each_refusal_has_its_error(
    operation: str, status: int, code: str, expected: type[Exception]
) -> None:
    error = error_of(operation, Attempt(status=status, code=code), "store/bucket/key")

    assert type(error) is expected
    assert "store/bucket/key" in str(error)


def test_what_lies_in_cold_storage_is_told_from_what_may_not_be_read() -> None:
    cold, barred = (
        error_of("get_object", Attempt(status=403, code=code), "store/bucket/key")
        for code in ("InvalidObjectState", "AccessDenied")
    )

    assert isinstance(cold, InColdStorage)
    assert "cold storage" in cold.advice
    assert isinstance(barred, SetupError)
    assert "cold storage" not in barred.advice
