"""The conversation with one witness (C2SP tlog-witness, the log's side), without the HTTP.

One rule: three answers there are.  It agreed; or it has seen what this log does not hold, which is
never passed over; or something kept it from answering, which passes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from archive.log.log import Log
from evidence.cosignature import cosignatures
from evidence.errors import LogBroken, TemporaryError
from evidence.merkle import consistency_proof
from evidence.note import Checkpoint, add_signatures, open_checkpoint, read_number
from evidence.policy import Witness
from evidence.tiles import CHECKPOINT, TileTree
from evidence.witnessing import AddCheckpoint

TRIES = 4
"""How often one is asked anew from the size it names: others may show it our checkpoints, too."""
_AGREED, _OTHER_SIZE, _NOT_GROWN = 200, 409, 422
_SHOWN = 1000
"""Bytes of an answer that people are shown: our own witness says what is wrong and what to do."""
_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back over HTTP."""

    status: int
    body: bytes

    @property
    def said(self) -> str:
        """What it says to people, in one line; it may have no end."""
        return repr(" ".join(self.body[:_SHOWN].decode("utf-8", "replace").split()))


Post = Callable[[bytes], Awaitable[Reply]]
"""Sends a request to the witness; TemporaryError if no answer comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The witness cosigned."""

    note: bytes
    """The checkpoint with its cosignature, verified."""
    forgot: str | None = None
    """What it once cosigned and knows no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted:
    """The witness has seen what this log does not hold."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """There is no cosignature now."""

    why: str


Outcome = Agreed | Contradicted | Trouble


def request(log: Log, since: int) -> AddCheckpoint:
    """The request to cosign what *log* has published, from a checkpoint at *since* on.

    ValueError if the log is smaller than that.
    """
    note = log.checkpoint()
    size = open_checkpoint(note, log.keys).size
    proof = consistency_proof(TileTree(size, log.read), since, size)
    return AddCheckpoint(old=since, proof=proof, note=note)


def reached(log: Log) -> int:
    """How many entries *log* has under any checkpoint that others can have read."""
    note = log.read(CHECKPOINT)
    return max(log.size, 0 if note is None else open_checkpoint(note, log.keys).size)


async def ask(log: Log, witness: Witness, since: int, post: Post) -> Outcome:
    """Ask *witness* to cosign *log*, of which it should have seen *since* entries last."""
    known, forgot = since, None
    for _ in range(TRIES):
        asked = await asyncio.to_thread(request, log, min(since, log.size))
        try:
            reply = await post(asked.body)
        except TemporaryError as error:
            return Trouble(why=str(error))
        if reply.status == _OTHER_SIZE:
            size = size_named(reply)
            outcome = _other_size(log, witness, asked, size)
            if outcome is not None:
                return outcome
            if size < known:
                forgot = f"{witness.name} cosigned {known} entries before and now knows of {size}"
            since = size
            continue
        return _read(witness, asked, reply, forgot)
    return Trouble(why=f"{witness.name} names another size each time")


def size_named(reply: Reply) -> int:
    """The size that the witness saw last; -1 if its answer names none."""
    try:
        return read_number(reply.body[:_DIGITS].decode("ascii").removesuffix("\n"))
    except (LogBroken, UnicodeDecodeError):
        return -1


def _other_size(log: Log, witness: Witness, asked: AddCheckpoint, size: int) -> Outcome | None:
    """What it means that *witness* saw *size* entries; None: ask it from there.

    At the size that it was asked from C2SP's 409 means another root, and need not name a size.
    """
    ours, new = reached(log), _of(asked).size
    if size > ours:
        return Contradicted(
            why=f"the witness {witness.name} has seen {size} entries of it, and it has {ours}"
        )
    if size not in {asked.old, -1}:
        return None
    if asked.old == new and new:
        return Contradicted(
            why=f"the witness {witness.name} has seen another history of it: at {new} entries it"
            " had another root"
        )
    return Trouble(why=f"{witness.name} answers 409, and names no other size than {asked.old}")


def _read(witness: Witness, asked: AddCheckpoint, reply: Reply, forgot: str | None) -> Outcome:
    if reply.status == _NOT_GROWN and asked.old:
        return Contradicted(
            why=f"the witness {witness.name} has seen another history of it: the log of"
            f" {_of(asked).size} entries did not grow out of the {asked.old} that it saw (422)"
        )
    if reply.status != _AGREED:
        return Trouble(why=f"{witness.name} does not cosign: {reply.status} {reply.said}")
    try:
        note = add_signatures(asked.note, reply.body)
        is_signed = cosignatures(note, [witness.key])
    except LogBroken as error:
        return Trouble(why=f"the answer of {witness.name} is no cosignature of its: {error}")
    if not is_signed:
        why = f"{witness.name} answered with signatures, and none is of the key that the policy has"
        return Trouble(why=why)
    return Agreed(note=note, forgot=forgot)


def _of(asked: AddCheckpoint) -> Checkpoint:
    return Checkpoint.parse(asked.note.decode("utf-8").partition("\n\n")[0] + "\n")
