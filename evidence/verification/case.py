"""A verification under way: what the reader brought, and what earlier steps learned for later ones.

One rule: a later step takes from here only what an earlier one proved; what was not proven is not
here, and the step that needs it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from evidence.digests import Maker, sm3_maker
from evidence.note import Checkpoint
from evidence.package import Statement
from evidence.policy import Policy
from evidence.verification.files import Files
from evidence.verification.proven import Proven

Told = Callable[[str, int, int], None]
"""Hears how far a verification is: what it does, done, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What the reader got from elsewhere."""

    policy: bytes | None = None
    """A policy file (C2SP tlog-policy)."""
    tsa_ca: bytes | None = None
    """PEM certificates of time stamping authorities."""
    anchor: bytes | None = None
    """An anchor of the log that was kept elsewhere (:mod:`evidence.anchoring`)."""
    fresh_hours: int | None = None
    """No older than this may the newest cosignature be."""
    now: datetime
    """By the reader's clock."""
    sm3: Maker | None = field(default_factory=sm3_maker)
    """How SM3 is taken on the reader's machine; None if it cannot be."""


@dataclass(slots=True, kw_only=True)
class Case:
    """What is known so far."""

    files: Files
    brought: Brought
    told: Told
    log: str
    """Before the paths of the log's files."""
    policy: Policy | None = None
    measured: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Every file that could be read: SHA-256 (hexadecimal), bytes."""
    note: bytes | None = None
    """The checkpoint as it lies there, if it can be read at all."""
    checkpoint: Checkpoint | None = None
    proven: Proven | None = None
    """The entries that are in the log under that checkpoint."""
    is_whole: bool = False
    """Whether the whole log is there."""
    statement: Statement | None = None
    """If an ``export`` entry names it."""
    exported: int | None = None
    """The index of that entry."""
    export_records: Sequence[str] = ()
    """SHA-256 of what opens exports, of which the package must hold each."""
