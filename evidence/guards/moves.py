"""The table of moves as SQL that every database reads."""

from __future__ import annotations

from evidence.clip import MOVES

LEGAL_MOVES = ", ".join(
    f"('{old.value}', '{new.value}')" for old, news in MOVES.items() for new in sorted(news)
)
"""Pairs of states, for ``IN (VALUES ...)``."""

UNRECORDED = {
    "replaced": "unrecorded: custody entries are never replaced",
    "gap": "unrecorded: custody entries are numbered without a gap",
    "changed": "unrecorded: custody entries are never changed",
    "deleted": "unrecorded: custody entries are never deleted",
    "clip replaced": "unrecorded: clips are never replaced in the record",
    "clip renamed": "unrecorded: clips never change their id",
    "clip deleted": "unrecorded: clips are never deleted from the record",
    "no entry": "unrecorded: no new custody entry brings this clip to this state",
    "old entry": "unrecorded: a state change needs an entry of its own",
    "no move": "unrecorded: this move is not in the table of moves",
}
"""What each refusal says, in every database."""
