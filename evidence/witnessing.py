"""What a log asks of a witness, and what the witness answers (C2SP tlog-witness, add-checkpoint).

One rule: a witness says yes only to a log that grew out of what it said yes to before.  Nothing
here reads or writes: whoever keeps the witness's memory reads it and writes it in one step.

The decisions, in this order, each with the HTTP status that C2SP gives it:

1. the request is malformed: 400;
2. the log is unknown: 404;
3. none of its keys signed the checkpoint: 403;
4. the old size is beyond the checkpoint: 400;
5. the old size is not that of the last checkpoint seen: 409, with that size;
6. at the same size there is another root: 409;
7. the proof does not show that the log only grew: 422;
8. everything else is cosigned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.errors import LogBroken
from evidence.merkle import EMPTY_ROOT, Hash, verify_consistency
from evidence.note import (
    Checkpoint,
    VerifierKey,
    hash_text,
    open_checkpoint,
    read_hash,
    read_number,
)

MOST_HASHES = 63
"""Hashes of a proof that C2SP allows."""
MOST_BYTES = 64 * 1024
"""Bytes of a request that are read: several times what the largest needs."""
SIZE_TYPE = "text/x.tlog.size"
"""Content type of the size that answers 409."""
_OLD = "old "


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """The request to cosign a checkpoint."""

    old: int
    """The size of the checkpoint that the witness saw last, as far as the log knows."""
    proof: tuple[Hash, ...]
    """The consistency proof from there (RFC 6962 section 2.1.2)."""
    note: bytes
    """The signed checkpoint, verbatim."""

    @property
    def body(self) -> bytes:
        """The request as it is sent, or carried in a file."""
        head = "\n".join([f"{_OLD}{self.old}", *map(hash_text, self.proof), "", ""])
        return head.encode("ascii") + self.note

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """The request whose :attr:`body` is exactly *body*; LogBroken for any other."""
        if len(body) > MOST_BYTES:
            raise LogBroken(f"a request of {len(body)} bytes is refused (limit {MOST_BYTES})")
        head, blank, note = body.partition(b"\n\n")
        old, *proof = head.decode("ascii", errors="replace").split("\n")
        if not blank or not old.startswith(_OLD):
            raise LogBroken("a request begins with its old size, a proof and an empty line")
        if len(proof) > MOST_HASHES:
            raise LogBroken(f"a proof of {len(proof)} hashes is refused (limit {MOST_HASHES})")
        number = read_number(old.removeprefix(_OLD))
        return cls(old=number, proof=tuple(map(read_hash, proof)), note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a witness does not cosign."""

    status: int
    """The HTTP status that says so."""
    why: str
    size: int | None = None
    """With 409: the size of the last checkpoint it cosigned."""
    keep: bool = False
    """Whether the request should be kept: what the log signed may prove that it has two histories.

    At one size two signed roots do; without a proof it takes a look at the log.
    """


def origin_of(note: bytes) -> str:
    """The log that *note* claims to be a checkpoint of; proves nothing."""
    return note.partition(b"\n")[0].decode("utf-8", errors="replace")


def judge(
    asked: AddCheckpoint, keys: Sequence[VerifierKey], last: Checkpoint | None
) -> Checkpoint | Refusal:
    """The checkpoint that may be cosigned, or why none may be: decisions 2 to 8.

    *keys* are those trusted for the log that the request is about, *last* is what the witness
    cosigned of it before.
    """
    if not keys:
        return Refusal(status=404, why=f"the log {origin_of(asked.note)!r} is not known here")
    try:
        new = open_checkpoint(asked.note, keys)
    except LogBroken as error:
        return Refusal(status=403, why=str(error))
    seen = Checkpoint(origin=new.origin, size=0, root=EMPTY_ROOT) if last is None else last
    if asked.old > new.size:
        return Refusal(
            status=400, why=f"old size {asked.old} is beyond the checkpoint's {new.size}"
        )
    if asked.old != seen.size:
        return Refusal(status=409, why=f"{seen.size} entries were seen last", size=seen.size)
    return _grown(asked, seen, new)


def _grown(asked: AddCheckpoint, seen: Checkpoint, new: Checkpoint) -> Checkpoint | Refusal:
    """Decisions 6 to 8."""
    if new.size == seen.size and new.root != seen.root:
        why = f"at {seen.size} entries another root was seen: the log has two histories"
        return Refusal(status=409, why=why, size=seen.size, keep=True)
    try:
        verify_consistency(
            old=seen.size,
            old_root=seen.root,
            new=new.size,
            new_root=new.root,
            path=asked.proof,
        )
    except LogBroken as error:
        return Refusal(status=422, why=str(error), keep=True)
    return new
