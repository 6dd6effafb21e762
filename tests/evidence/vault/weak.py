"""Engines that are weak in one way each: a real one behind a front that gives way where asked to.

What the front does not give way in it hands on as it is, the Host header included, so what was
signed for its own address is valid at the engine behind it.
"""

from __future__ import annotations

import http.client
import http.server
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

from evidence.digest import Sha256
from evidence.vault import Bucket
from evidence.vault.s3 import S3Settings, S3Vault

_NOT_HANDED_ON = {"connection", "expect", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that reached the front; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The object it is about."""
        return unquote(urlsplit(self.path).path).split("/", 2)[-1]

    def about(self, what: str) -> bool:
        """Whether its query names *what*."""
        return what in parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    @property
    def writes(self) -> bool:
        """Whether it is an object that is to be stored."""
        sub = any(map(self.about, ("retention", "legal-hold", "versioning")))
        return self.method == "PUT" and not sub


Weakness = Callable[[Asked, S3Vault], int | None]
"""The status that the front answers by itself, having done what it likes as the engine's root; None
where it hands the request on."""


def _put(asked: Asked, root: S3Vault, *kept: str) -> int:
    """Store it as root, of all that the request asks for heeding only *kept*."""
    names = {
        "ChecksumSHA256": "x-amz-checksum-sha256",
        "ObjectLockMode": "x-amz-object-lock-mode",
        "ObjectLockRetainUntilDate": "x-amz-object-lock-retain-until-date",
    }
    heeded = {name: asked.headers[names[name]] for name in kept}
    body = {"Key": asked.key, "Body": asked.body}
    return root.attempt("put_object", Bucket.ORIGINALS, **body, **heeded).status


def takes_any_bytes(asked: Asked, root: S3Vault) -> int | None:
    """Stores bytes that do not have the SHA-256 announced."""
    announced = asked.headers.get("x-amz-checksum-sha256")
    wrong = asked.writes and announced != Sha256.of(asked.body).base64
    return _put(asked, root) if wrong else None


def drops_the_lock(asked: Asked, root: S3Vault) -> int | None:
    return _put(asked, root, "ChecksumSHA256") if _locks(asked) else None


def drops_the_digest(asked: Asked, root: S3Vault) -> int | None:
    kept = ("ObjectLockMode", "ObjectLockRetainUntilDate")
    return _put(asked, root, *kept) if _locks(asked) else None


def writes_over(asked: Asked, root: S3Vault) -> int | None:
    """Ignores ``If-None-Match``, as Ceph 16.2 does."""
    there = root.find(Bucket.ORIGINALS, asked.key) is not None if asked.writes else False
    return _put(asked, root) if there else None


def stores_in_the_clear(asked: Asked, root: S3Vault) -> int | None:
    """Ignores that it is asked to encrypt, as old stores do."""
    kept = ("ChecksumSHA256", "ObjectLockMode", "ObjectLockRetainUntilDate")
    wanted = asked.writes and "x-amz-server-side-encryption" in asked.headers
    sound = asked.headers.get("x-amz-checksum-sha256") == Sha256.of(asked.body).base64
    heeded = kept if "x-amz-object-lock-mode" in asked.headers else kept[:1]
    return _put(asked, root, *heeded) if wanted and sound else None


def shows_it_to_anybody(asked: Asked, _root: S3Vault) -> int | None:
    known = "authorization" in asked.headers or asked.about("X-Amz-Signature")
    return 200 if asked.method == "GET" and not known else None


def deletes(asked: Asked, _root: S3Vault) -> int | None:
    return 204 if asked.method == "DELETE" else None


def deletes_if_told_to_bypass(asked: Asked, _root: S3Vault) -> int | None:
    bypass = asked.headers.get("x-amz-bypass-governance-retention")
    return 204 if asked.method == "DELETE" and bypass else None


def shortens(asked: Asked, _root: S3Vault) -> int | None:
    return 200 if asked.about("retention") and b"COMPLIANCE" in asked.body else None


def weakens(asked: Asked, _root: S3Vault) -> int | None:
    return 200 if asked.about("retention") and b"GOVERNANCE" in asked.body else None


def keeps_no_legal_hold(asked: Asked, _root: S3Vault) -> int | None:
    return 200 if asked.method == "PUT" and asked.about("legal-hold") else None


def lifts_no_legal_hold(asked: Asked, _root: S3Vault) -> int | None:
    return 200 if asked.about("legal-hold") and b"OFF" in asked.body else None


def takes_no_legal_hold(asked: Asked, _root: S3Vault) -> int | None:
    return 403 if asked.about("legal-hold") else None


def suspends_versions(asked: Asked, _root: S3Vault) -> int | None:
    return 200 if asked.method == "PUT" and asked.about("versioning") else None


def refuses_and_deletes_all_the_same() -> Weakness:
    doomed: set[str] = set()

    def weakness(asked: Asked, _root: S3Vault) -> int | None:
        if asked.method == "DELETE":
            doomed.add(asked.key)
            return 403
        return 404 if asked.key in doomed and asked.method in {"GET", "HEAD"} else None

    return weakness


def _locks(asked: Asked) -> bool:
    """Whether it is to be stored under a lock, and is what it says."""
    sound = asked.headers.get("x-amz-checksum-sha256") == Sha256.of(asked.body).base64
    return asked.writes and sound and "x-amz-object-lock-mode" in asked.headers


class _Front(http.server.ThreadingHTTPServer):
    """The front of the engine *behind*, which *root* is used for what it gives way in."""

    daemon_threads = True

    def __init__(self, behind: S3Settings, root: S3Vault, weakness: Weakness) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.behind = urlsplit(behind.endpoint).netloc
        self.root = root
        self.weakness = weakness


class _Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Front

    def answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        asked = Asked(method=self.command, path=self.path, headers=headers, body=body)
        status = self.server.weakness(asked, self.server.root)
        if status is None:
            self._hand_on(asked)
        else:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

    def _hand_on(self, asked: Asked) -> None:
        with closing(http.client.HTTPConnection(self.server.behind, timeout=30)) as line:
            line.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _NOT_HANDED_ON:
                    line.putheader(name, value)
            line.endheaders(asked.body)
            answer = line.getresponse()
            data = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {*_NOT_HANDED_ON, "content-length"}:
                self.send_header(name, value)
        told = answer.headers["Content-Length"] if asked.method == "HEAD" else None
        self.send_header("Content-Length", told or str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def front(behind: S3Settings, root: S3Vault, weakness: Weakness) -> Iterator[S3Settings]:
    """The engine of *behind* with one *weakness*: how to reach it while the block runs."""
    with _Front(behind, root, weakness) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield replace(behind, endpoint=f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
