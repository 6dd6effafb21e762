"""Release: let the camera forget one file, on an erase proof and on nothing else.

The camera's file is read a second time, cold and whole, before anything else is asked; and once
more, at its end, in the moment before it is erased, since a camera may still be writing.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from evidence.clock import Clock
from evidence.digest import BLOCK, Sha256
from evidence.digests import Hashing, Maker
from evidence.erase_proof import EraseProof, Fact, FileOnCard, SecondRead
from evidence.errors import EraseForbidden
from ingest.source import ErasableSource, Listed, Original, Stat
from ingest.watch import Watch


def on_card(source: ErasableSource, listed: Listed) -> FileOnCard:
    """*listed* as an erase proof names it."""
    return FileOnCard(
        card=source.identity,
        path=listed.path,
        size=listed.size,
        mtime_ns=listed.mtime_ns,
        mark=listed.mark,
    )


def read_again(
    source: ErasableSource, listed: Listed, clock: Clock, watch: Watch, sm3: Maker | None = None
) -> SecondRead:
    """What the camera gives when the whole file is read again, cold.  Blocks.

    With its SM3, too, where *sm3* is given.
    Raises CardGone or CardReadFailed as a pull does, PullCancelled when told to stop.
    """
    state = Hashing(sm3)
    with source.open(listed) as original:
        original.cool()
        while block := original.read_at(state.size, BLOCK):
            state.update(block)
            watch.copied(state.size)
        after, size = original.stat(), state.size
        tail = _tail(original, size)
    return SecondRead(
        sha256=state.sha256,
        sm3=state.digests.sm3,
        file=_as_it_is(source, listed, replace(after, size=size)),
        tail=tail,
        at=clock.monotonic(),
    )


def release(source: ErasableSource, listed: Listed, proof: EraseProof, clock: Clock) -> bool:
    """Erase *listed* from the card, if *proof* covers it and it is still what was proven.  Blocks.

    The caller has put the proof on record, durably.  Answers and raises as
    :meth:`ErasableSource.erase`.
    """
    with source.open(listed) as original:
        original.cool()
        now = original.stat()
        tail = _tail(original, listed.size)
    file = _as_it_is(source, listed, now)
    proof.covers(file, clock.monotonic())
    if tail != proof.tail:
        raise EraseForbidden(Fact.UNCHANGED, f"the end of {listed.path!r} is not what was read")
    return source.erase(listed, proof)


def _as_it_is(source: ErasableSource, listed: Listed, now: Stat) -> FileOnCard:
    return FileOnCard(
        card=source.identity,
        path=listed.path,
        size=now.size,
        mtime_ns=now.mtime_ns,
        mark=now.mark,
    )


def _tail(original: Original, size: int) -> Sha256:
    """The digest of the last MiB of the *size* bytes, and of whatever follows them."""
    start = max(0, size - BLOCK)
    state, at = hashlib.sha256(), start
    while block := original.read_at(at, BLOCK):
        state.update(block)
        at += len(block)
    return Sha256(state.digest())
