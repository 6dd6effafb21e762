"""The proof without which nothing is erased from a camera: ten facts, each verified, none believed.

:func:`prove` is the only way to an :class:`EraseProof`, and an erase takes nothing else.  The facts
have the numbers of ``docs/release.md``:

1. *first read*: the archive's entry is about the digest that was taken when the file was pulled;
2. *second read*: the camera gave the same bytes again, read cold, whole, in this docking;
3. *unchanged*: the file has the size and time it was listed with;
4. *staged*: the station's synced copy was read again from its disk (state VERIFIED or beyond);
5. *archived*: ``archive.verified`` is in the log, under a checkpoint of a pinned key;
6. *held now*: the archive read the very same version back whole for this erase, and its
   ``release.grant`` is in the log as well;
7. *locked*: that version shows a COMPLIANCE lock that lasts;
8. *durable*: the store had passed the durability barrier;
9. *witnessed*: enough witnesses cosigned the grant's checkpoint;
10. *fresh*: all this was found within the last ten minutes.

The idea, and the time at which a proof ends, are those of git-annex's ``SafeDropProof``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from evidence.clip import ClipState
from evidence.clock import unstamp
from evidence.cosignature import WitnessKey, cosignatures
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.digests import Digests, Sm3
from evidence.errors import EraseForbidden, LogBroken
from evidence.note import VerifierKey
from evidence.receipt import Proven, Receipt, verify_receipt

LIFE = 600.0
"""Seconds a proof holds from its oldest fact on."""

LEAST_LOCK = timedelta(days=7)
"""A lock that ends sooner protects nothing once the camera has forgotten."""

DURABLE = frozenset({"syncfs", "declared"})
"""Durability classes (see :meth:`evidence.vault.Vault.barrier`) that survive a power cut."""


class Fact(IntEnum):
    """What must hold before a camera may forget, numbered as above."""

    FIRST_READ = 1
    SECOND_READ = 2
    UNCHANGED = 3
    STAGED = 4
    ARCHIVED = 5
    HELD_NOW = 6
    LOCKED = 7
    DURABLE = 8
    WITNESSED = 9
    FRESH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOnCard:
    """One file of a docked card, as it was listed."""

    card: str
    """Tells this card from any other that takes its place."""
    path: bytes
    size: int
    mtime_ns: int
    mark: str = ""
    """What the file system tells this very file from its successor by; empty if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRead:
    """A whole cold read of a camera's file, after which it was looked at again."""

    sha256: Sha256
    file: FileOnCard
    """Path, the number of bytes that were read, and the time the file showed afterwards."""
    tail: Sha256
    """Digest of the last MiB: compared once more in the moment before the erase."""
    at: float
    """When it ended, on the station's monotonic clock."""
    sm3: Sm3 | None = None
    """Of the same read; must be there if the archive tells one."""

    @property
    def digests(self) -> Digests:
        return Digests(sha256=self.sha256, sm3=self.sm3)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEntry:
    """An entry with the receipt that should prove it; neither is believed."""

    raw: bytes
    receipt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """All that speaks for an erase, as it was gathered: nothing in it is believed yet."""

    listed: FileOnCard
    """As the card listed it when the erase was decided on."""
    first_read: Sha256
    state: ClipState
    second_read: SecondRead
    station: str
    clip: str
    """The archive's id of the clip."""
    archived: LoggedEntry
    granted: LoggedEntry
    challenge: str
    """What was sent along when the grant was asked for, so that an older one is none."""
    granted_at: float
    """When the grant came, on the station's monotonic clock."""
    first_sm3: Sm3 | None = None
    """Of the first read, if it was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the station insists on."""

    log: VerifierKey
    """The log key it pinned when it enrolled."""
    now: datetime
    monotonic: float
    witness_keys: Sequence[WitnessKey] = ()
    """The keys of witnesses that it pinned: no other cosignature counts."""
    witnesses: int = 0
    """How many of them must have cosigned the grant's checkpoint."""


_SEAL = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseProof:
    """That one file of one card may be erased until :attr:`expires`.  Made by :func:`prove`."""

    seal: InitVar[object]
    file: FileOnCard
    clip: str
    sha256: Sha256
    sm3: Sm3 | None
    """Of the second read, where the first or the archive has one."""
    tail: Sha256
    archived_entry: int
    grant_entry: int
    checkpoint_size: int
    """Size of the log whose signed checkpoint covers the grant."""
    witnesses: int
    durability: str
    lock_until: datetime
    expires: float
    """On the station's monotonic clock, which no change of the host's clock moves."""

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("an EraseProof is made by prove() from verified facts, and only there")

    @property
    def digests(self) -> Digests:
        return Digests(sha256=self.sha256, sm3=self.sm3)

    def covers(self, file: FileOnCard, monotonic: float) -> None:
        """Return if this proof is about *file* as it is and still holds; else EraseForbidden."""
        _see(Fact.UNCHANGED, file == self.file, f"the proof is about {self.file}, not {file}")
        _see(Fact.FRESH, monotonic <= self.expires, "the proof has expired")


def prove(claimed: Claimed, terms: Terms) -> EraseProof:
    """The proof that the facts in *claimed* give; EraseForbidden names the first that is missing.

    Pure but for the signatures it checks: the same facts give the same answer.
    """
    archived = _proven(Fact.ARCHIVED, EntryKind.ARCHIVED, claimed.archived, claimed, terms)
    granted = _proven(Fact.HELD_NOW, EntryKind.RELEASE_GRANTED, claimed.granted, claimed, terms)
    _see_reads(claimed, archived.fields)
    _see_same_version(claimed, archived, granted)
    lock_until = _see_lock(granted.fields, terms)
    durability = str(granted.fields.get("durability"))
    _see(Fact.DURABLE, durability in DURABLE, f"the store's durability is {durability!r}")
    witnesses = _witnesses(claimed.granted, terms)
    oldest = min(claimed.second_read.at, claimed.granted_at)
    age = terms.monotonic - oldest
    _see(Fact.FRESH, 0 <= age <= LIFE, f"its oldest fact is {age:.0f} seconds old")
    return EraseProof(
        seal=_SEAL,
        file=claimed.listed,
        clip=claimed.clip,
        sha256=claimed.first_read,
        sm3=claimed.second_read.sm3,
        tail=claimed.second_read.tail,
        archived_entry=archived.proven.index,
        grant_entry=granted.proven.index,
        checkpoint_size=granted.proven.checkpoint.size,
        witnesses=witnesses,
        durability=durability,
        lock_until=lock_until,
        expires=oldest + LIFE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logged:
    """An entry that is in the log for certain."""

    fields: Mapping[str, object]
    proven: Proven


def _see(fact: Fact, holds: bool, problem: str) -> None:  # noqa: FBT001  a condition is what it takes
    if not holds:
        raise EraseForbidden(fact, problem)


def _proven(
    fact: Fact, kind: EntryKind, logged: LoggedEntry, claimed: Claimed, terms: Terms
) -> _Logged:
    """The entry, once its receipt holds and it is about this clip and these bytes."""
    try:
        proven = verify_receipt(logged.receipt, logged.raw, [terms.log])
    except LogBroken as error:
        raise EraseForbidden(fact, f"its {kind.value} entry is not proven: {error}") from error
    entry = Entry(logged.raw)
    fields = entry.fields
    _see(fact, fields.get("kind") == kind.value, f"a {fields.get('kind')} entry is no {kind.value}")
    _see(fact, entry.clip == claimed.clip, f"the entry is about {entry.clip}, not {claimed.clip}")
    return _Logged(fields=fields, proven=proven)


def _witnesses(granted: LoggedEntry, terms: Terms) -> int:
    """How many pinned witnesses cosigned the checkpoint of the grant's receipt: enough of them."""
    try:
        said = cosignatures(Receipt.parse(granted.receipt).note, terms.witness_keys)
    except LogBroken as error:
        raise EraseForbidden(Fact.WITNESSED, str(error)) from error
    cosigned = len({each.witness for each in said})
    _see(
        Fact.WITNESSED,
        cosigned >= terms.witnesses,
        f"{cosigned} of {terms.witnesses} witnesses cosigned",
    )
    return cosigned


def _see_reads(claimed: Claimed, archived: Mapping[str, object]) -> None:
    second, listed = claimed.second_read, claimed.listed
    first = Digests(sha256=claimed.first_read, sm3=claimed.first_sm3)
    again = second.digests
    _see(
        Fact.FIRST_READ,
        first.are(archived.get("digests")) and archived.get("size") == listed.size,
        f"the archive holds {archived.get('digests')}, {archived.get('size')} bytes; "
        f"the camera first gave {first}, listed with {listed.size}",
    )
    _see(
        Fact.SECOND_READ,
        again.agree(first) and second.file.size == listed.size,
        f"read again, the camera gave {second.file.size} bytes {again}, not {first}",
    )
    _see(
        Fact.SECOND_READ,
        archived.get("digests") in ({"sha256": again.sha256.hex}, again.to_wire()),
        f"read again, the camera gave {again}; the archive holds {archived.get('digests')}",
    )
    _see(Fact.UNCHANGED, second.file == listed, f"listed as {listed}, it now is {second.file}")
    _see(
        Fact.STAGED,
        claimed.state in {ClipState.ARCHIVED, ClipState.RELEASED},
        f"the clip is {claimed.state.value}: its staged copy was not verified and archived",
    )


_SAME = ("digests", "size", "bucket", "key", "version")
"""What the grant must say just as ``archive.verified`` did."""


def _see_same_version(claimed: Claimed, archived: _Logged, granted: _Logged) -> None:
    for name in _SAME:
        was, now = archived.fields.get(name), granted.fields.get(name)
        _see(Fact.HELD_NOW, was is not None and was == now, f"its {name} was {was}, now {now}")
    for name, wanted in (("station", claimed.station), ("challenge", claimed.challenge)):
        said = granted.fields.get(name)
        _see(Fact.HELD_NOW, said == wanted, f"the grant is for {name} {said}, not {wanted}")
    _see(
        Fact.HELD_NOW,
        granted.proven.index > archived.proven.index,
        "the grant stands before what it builds on",
    )


def _see_lock(granted: Mapping[str, object], terms: Terms) -> datetime:
    mode = granted.get("lock_mode")
    _see(Fact.LOCKED, mode == "COMPLIANCE", f"the version's lock is {mode}")
    try:
        until, asked = unstamp(str(granted.get("lock_until"))), unstamp(str(granted.get("at")))
    except ValueError as error:
        raise EraseForbidden(Fact.LOCKED, f"the grant's times cannot be read: {error}") from error
    latest = max(asked, terms.now)  # a clock that is wrong may forbid an erase, never allow one
    _see(Fact.LOCKED, until >= latest + LEAST_LOCK, f"its lock ends at {until}")
    return until
