"""Claims from which erase proofs are made, all facts true unless a test takes one away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.clip import ClipState, new_id
from evidence.clock import stamp
from evidence.custody import EntryKind, write_entry
from evidence.digest import Sha256
from evidence.erase_proof import (
    Claimed,
    EraseProof,
    FileOnCard,
    LoggedEntry,
    SecondRead,
    Terms,
    prove,
)
from evidence.merkle import Hash, leaf_hash, node_hash
from evidence.note import Checkpoint, FileSigner, sign_checkpoint
from evidence.receipt import Receipt

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
FOOTAGE = b"footage"
DIGEST = Sha256.of(FOOTAGE)
SIGNER = FileSigner("log.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
STRANGER = FileSigner("log.example", Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\1"))
CLIP, OTHER, STATION, CHALLENGE = new_id("c"), new_id("c"), new_id("s"), "ab" * 16
FILE = FileOnCard(card="1-2", path=b"DCIM/1.mp4", size=len(FOOTAGE), mtime_ns=5)

ARCHIVED = {
    "digests": {"sha256": DIGEST.hex},
    "size": len(FOOTAGE),
    "bucket": "demo-originals",
    "key": f"demo/{DIGEST.hex}",
    "version": "v1",
}
GRANTED = ARCHIVED | {
    "station": STATION,
    "challenge": CHALLENGE,
    "lock_mode": "COMPLIANCE",
    "lock_until": stamp(NOW + timedelta(days=180)),
    "durability": "syncfs",
}
TERMS = Terms(log=SIGNER.key, now=NOW, monotonic=100.0)


def entry(kind: EntryKind, fields: dict[str, object], clip: str = CLIP) -> bytes:
    return write_entry(kind, at=NOW, by="archive", clip=clip, **fields).raw


def logged(
    archived: bytes, granted: bytes, signer: FileSigner = SIGNER
) -> tuple[LoggedEntry, LoggedEntry]:
    """Both entries in a log of two, with their receipts."""
    left, right = leaf_hash(archived), leaf_hash(granted)

    def proof(index: int, sibling: Hash) -> bytes:
        head = Checkpoint(origin="log.example", size=2, root=node_hash(left, right))
        note = sign_checkpoint(head, signer)
        return Receipt(index=index, path=(sibling,), note=note).text

    return (
        LoggedEntry(raw=archived, receipt=proof(0, right)),
        LoggedEntry(raw=granted, receipt=proof(1, left)),
    )


def claimed(
    archived: dict[str, object] | None = None,
    granted: dict[str, object] | None = None,
    clip: str = CLIP,
    signer: FileSigner = SIGNER,
) -> Claimed:
    """A claim in which all holds, but for what is given."""
    first, second = logged(
        entry(EntryKind.ARCHIVED, ARCHIVED | (archived or {}), clip),
        entry(EntryKind.RELEASE_GRANTED, GRANTED | (granted or {}), clip),
        signer,
    )
    return Claimed(
        listed=FILE,
        first_read=DIGEST,
        state=ClipState.ARCHIVED,
        second_read=SecondRead(sha256=DIGEST, file=FILE, tail=DIGEST, at=90.0),
        station=STATION,
        clip=CLIP,
        archived=first,
        granted=second,
        challenge=CHALLENGE,
        granted_at=95.0,
    )


def proof_for(file: FileOnCard, second: SecondRead) -> EraseProof:
    """A proof that *file* may be erased, all that is not about the card being made up."""
    bytes_ = {"digests": {"sha256": second.sha256.hex}, "size": file.size}
    claim = replace(
        claimed(bytes_, bytes_),
        listed=file,
        first_read=second.sha256,
        second_read=second,
        granted_at=second.at,
    )
    return prove(claim, replace(TERMS, monotonic=second.at))
