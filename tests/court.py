"""A court's witness to test with, and what a log that misbehaves sends it."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.clock import Clock, SystemClock
from evidence.cosignature import Kind, WitnessKey
from evidence.merkle import Hash, consistency_proof, leaf_hash, root_of
from evidence.note import Checkpoint, FileSigner, VerifierKey, sign_checkpoint
from evidence.witnessing import AddCheckpoint
from evidock.witness.folder import WitnessFolder
from evidock.witness.server import serving
from evidock.witness.witness import Witness
from tests.archive.log.logs import SIGNER, entries
from tests.e2e.command import EVIDOCK, ROOT
from tests.evidence.trees import MemoryTree

NAME = "court.example/witness"
THIEF = FileSigner(SIGNER.name, Ed25519PrivateKey.from_private_bytes(bytes([3] * 32)))


def leaves(size: int, *, rewritten: bool = False) -> list[Hash]:
    """The leaf hashes of the log of :mod:`tests.archive.log.logs`, or of one that was rewritten."""
    written = entries(0, size)
    return [leaf_hash(entry) for entry in ([b"another", *written[1:]] if rewritten else written)]


def asked(old: int, new: int, *, rewritten: bool = False, by: FileSigner = SIGNER) -> AddCheckpoint:
    """What a log of *new* entries asks a witness that saw *old* of them."""
    hashes = leaves(new, rewritten=rewritten)
    head = Checkpoint(origin=by.name, size=new, root=root_of(hashes))
    proof = consistency_proof(MemoryTree(hashes), old, new) if old <= new else ()
    return AddCheckpoint(old=old, proof=proof, note=sign_checkpoint(head, by))


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A witness that answers over HTTP."""

    url: str
    key: WitnessKey
    folder: WitnessFolder

    def policy(self, quorum: str = "court") -> bytes:
        """A policy of this witness alone."""
        return f"witness court {self.key} {self.url}\nquorum {quorum}\n".encode()


def made(
    folder: Path, *, log: VerifierKey = SIGNER.key, kind: Kind = Kind.ED25519
) -> WitnessFolder:
    """A new witness that knows *log*."""
    where = WitnessFolder(folder)
    where.make(NAME, kind)
    with where.locked():
        where.trust(log)
    return where


@contextmanager
def witness(folder: Path, clock: Clock | None = None) -> Iterator[Witness]:
    """The witness in *folder*, made if there is none yet."""
    where = WitnessFolder(folder) if (folder / "witness.vkey").exists() else made(folder)
    with where.locked():
        yield Witness.open(where, clock or SystemClock())


@asynccontextmanager
async def served(
    folder: Path, *, log: VerifierKey = SIGNER.key, kind: Kind = Kind.ED25519
) -> AsyncIterator[Served]:
    """The witness in *folder*, made if there is none yet, served in this process."""
    is_new = not (folder / "witness.vkey").exists()
    where = made(folder, log=log, kind=kind) if is_new else WitnessFolder(folder)
    with where.locked():
        witness_ = Witness.open(where, SystemClock())
        async with serving(witness_, "127.0.0.1", 0) as url:
            yield Served(url=url, key=witness_.signer.key, folder=where)


@contextmanager
def process(folder: Path, *program: str) -> Iterator[str]:
    """``evidock witness serve`` on *folder* while the block runs: its URL."""
    command = [*(program or EVIDOCK), "witness", "serve", "--dir", str(folder), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield str(json.loads(running.stdout.readline())["url"])
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=60)


def post(url: str, body: bytes) -> tuple[int, bytes, str]:
    """Status, body and type of what the witness answers."""
    request = urllib.request.Request(f"{url}/add-checkpoint", data=body)  # noqa: S310  ours
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers["Content-Type"]
