"""Receipts of a log of 10^9 entries that nobody had to write: any siblings lead to some root."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.cosignature import KeyCosigner, cosign
from evidence.merkle import Hash, leaf_hash, node_hash
from evidence.note import Checkpoint, FileSigner, add_signatures, sign_checkpoint
from evidence.policy import Policy
from evidence.receipt import Receipt

SIZE, INDEX = 10**9, 10**9 - 12_345_678
AT = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
LOG = FileSigner("custody.police.example/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
WITNESSES = [
    KeyCosigner(
        f"ombudsman-{number}.example/witness",
        Ed25519PrivateKey.from_private_bytes(bytes([number + 1] * 32)),
    )
    for number in range(5)
]


def digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def entry() -> bytes:
    """As long as an ``archive.verified`` entry of a docked clip is."""
    commitments = {name: digest(name) for name in ("camera", "officer", "path", "started")}
    fields = {
        "acquisition": "docked",
        "at": "2026-11-28T02:59:58.123Z",
        "bucket": "police-originals",
        "by": "archive",
        "class": "video",
        "clip": f"c-{digest('clip')[:32]}",
        "commitments": commitments,
        "digests": {"sha256": digest("footage")},
        "durability": "syncfs",
        "key": f"police/{digest('footage')}",
        "kind": "archive.verified",
        "lock_mode": "COMPLIANCE",
        "lock_until": "2027-05-27T02:59:57.000Z",
        "manifest": {"sha256": digest("manifest")},
        "received": "2026-11-28T02:59:57.000Z",
        "retain_rule": "default",
        "retain_until": "2027-05-27T02:59:57.000Z",
        "size": 734_003_200,
        "station": f"s-{digest('station')[:32]}",
        "v": 1,
        "version": digest("version")[:32],
    }
    return json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()


def receipt(witnesses: int) -> bytes:
    """The receipt of :func:`entry` under a checkpoint that so many *witnesses* cosigned."""
    path, root = _path(leaf_hash(entry()))
    head = Checkpoint(origin=LOG.name, size=SIZE, root=root)
    note = sign_checkpoint(head, LOG)
    text = note.partition(b"\n\n")[0].decode() + "\n"
    for each in WITNESSES[:witnesses]:
        note = add_signatures(note, cosign(text, each, AT))
    return Receipt(index=INDEX, path=path, note=note).text


def policy(witnesses: int) -> Policy:
    """All of them have to have seen it."""
    names = [f"w{number}" for number in range(witnesses)]
    lines = [
        f"log {LOG.key}",
        *(f"witness {name} {each.key}" for name, each in zip(names, WITNESSES, strict=False)),
        f"group all-of-them all {' '.join(names)}",
        "quorum all-of-them",
    ]
    return Policy.parse("\n".join(lines).encode())


def _path(reached: Hash) -> tuple[tuple[Hash, ...], Hash]:
    """Siblings from the leaf up, and the root they lead to (RFC 9162 section 2.1.3.2)."""
    path: list[Hash] = []
    at, last = INDEX, SIZE - 1
    while last:
        sibling = Hash(sha256(f"sibling {len(path)}".encode()).digest())
        if at % 2 or at == last:
            path.append(sibling)
            reached = node_hash(sibling, reached)
            while at % 2 == 0:
                at, last = at // 2, last // 2
        else:
            path.append(sibling)
            reached = node_hash(reached, sibling)
        at, last = at // 2, last // 2
    return tuple(path), reached
