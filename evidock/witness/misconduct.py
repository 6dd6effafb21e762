"""What a witness keeps of logs that may have two histories: their own signatures prove it.

One rule: a proof is never pushed out.  Each pair of checkpoints is kept once, and what proves
nothing by itself (a false consistency proof, which anybody can send) has its own, smaller room.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from evidence import durable
from evidence.witnessing import AddCheckpoint, Refusal, origin_of

FORK, DOUBT = "fork", "doubt"
"""Two signed roots at one size; a signed checkpoint without a proof that the log only grew."""
MOST = {FORK: 1000, DOUBT: 200}
"""How many of each are kept; each is two files of at most 64 KiB."""
_FORKED = 409
_REQUEST, _SEEN = ".request", ".seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One refused request that was kept."""

    kind: str
    origin: str
    file: Path
    """The request, byte for byte; beside it, with the ending ``.seen``, what was seen before."""


@dataclass(frozen=True, slots=True)
class Misconduct:
    """The kept requests in one folder.  Whoever adds to it holds the witness's lock."""

    folder: Path

    def keep(self, asked: AddCheckpoint, refusal: Refusal, seen: bytes | None) -> bool:
        """Keep the request with what was *seen* before it; whether it is kept now.

        False if there is no room left; nothing is removed for it.
        """
        kind = FORK if refusal.status == _FORKED else DOUBT
        text, _, _ = asked.note.partition(b"\n\n")
        pair = hashlib.sha256(text + b"\n\n" + (seen or b"").partition(b"\n\n")[0]).hexdigest()
        path = self.folder / f"{kind}-{pair[:32]}{_REQUEST}"
        if path.exists():
            return True
        if len(list(self.folder.glob(f"{kind}-*{_REQUEST}"))) >= MOST[kind]:
            return False
        durable.make_folder(self.folder)
        durable.replace(path.with_suffix(_SEEN), seen or b"")
        durable.create_same(path, asked.body)
        return True

    def all(self) -> list[Kept]:
        """What is kept, forks first."""
        return [
            Kept(
                kind=kind,
                origin=origin_of(AddCheckpoint.parse(path.read_bytes()).note),
                file=path,
            )
            for kind in (FORK, DOUBT)
            for path in sorted(self.folder.glob(f"{kind}-*{_REQUEST}"))
        ]
