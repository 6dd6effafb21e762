"""What entries say of a clip's end: notice, proposal, beginning and tombstone, and the law then.

One rule: the shapes are here and nothing else; whether what they say is lawful is for
:mod:`evidence.lawfulness` to work out.  ``docs/custody-log-format.md`` lists the same fields.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from evidence.custody import EntryKind

NOTICE = EntryKind.DISPOSAL_NOTICED.value
MAKE = EntryKind.PROPOSED.value
APPROVE = EntryKind.APPROVED.value
WITHDRAW = EntryKind.WITHDRAWN.value
BEGIN = EntryKind.DISPOSAL_BEGUN.value
DONE = EntryKind.DISPOSED.value
LAW = EntryKind.LAW_PUBLISHED.value
CASE_CLOSED = EntryKind.CASE_CLOSED.value
CASE_REOPENED = EntryKind.CASE_REOPENED.value

_Index = Annotated[int, msgspec.Meta(ge=0)]
_Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What every entry has; ``at`` by the archive's clock, as all times here are stamped."""

    kind: str
    at: str
    by: str = ""
    clip: str | None = None


class Notice(Said, frozen=True, kw_only=True):
    """``dispose.notice``."""

    until: str
    """When the clip's time ends, as people were told."""


class Made(Said, frozen=True, kw_only=True):
    """``proposal.make``."""

    proposal: str
    act: str
    commitments: dict[str, _Hex] = {}
    subject: dict[str, object] | None = None
    """With ``shorten``: what of."""


class Approved(Said, frozen=True, kw_only=True):
    """``proposal.approve``."""

    proposal: str
    not_before: str


class Withdrawn(Said, frozen=True, kw_only=True):
    """``proposal.withdraw``."""

    proposal: str


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """Who outside told the time, and which."""

    at: str
    by: Literal["witness", "rfc3161"]
    name: str


class RuleSaid(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from"}):
    """A rule as it came out."""

    pack: str
    rule: str
    since: str
    until: str | None = None
    """None: for ever."""


class CaseSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A case that the clip is in."""

    case: str
    """The id of its closing."""
    closed: _Index
    """Log index of the entry that says that it is closed."""


class Begun(Said, frozen=True, kw_only=True):
    """``dispose.begin``: committed before anything is destroyed."""

    proposal: str
    act: Literal["dispose", "destroy"]
    proposed: _Index
    approved: _Index
    law: _Index
    rule: RuleSaid
    promised: str
    host: str
    outside: Outside
    lock_until: str
    done_today: Annotated[int, msgspec.Meta(ge=0)]
    clips: Annotated[int, msgspec.Meta(ge=0)]
    per_mille: int
    cases: list[CaseSaid] = []


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an object."""

    vault: Literal["first", "second"]
    bucket: str
    key: str
    version: str


class Done(Said, frozen=True, kw_only=True):
    """``dispose.done``: the tombstone."""

    proposal: str
    began: _Index
    objects: list[Place] = []
    """Seen to be gone."""
    shared: list[Place] = []
    """Kept, since another clip has the same bytes."""


class _Digest(msgspec.Struct, frozen=True):
    sha256: _Hex


class PackSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A law pack or rule set, by the digest of its file."""

    pack: str
    digests: _Digest


class Published(Said, frozen=True, kw_only=True):
    """``law.publish``."""

    law: PackSaid
    rule_sets: list[PackSaid] = []
    utc_offset_minutes: Annotated[int, msgspec.Meta(ge=-840, le=840)]
    floor_days: Annotated[int, msgspec.Meta(ge=0)]

    @property
    def packs(self) -> list[PackSaid]:
        """The law first."""
        return [self.law, *self.rule_sets]


class Closing(Said, frozen=True, kw_only=True):
    """``case.close`` and ``case.reopen``."""

    closing: str


class Kept(Said, frozen=True, kw_only=True):
    """Any other entry about a clip that may say until when it is kept and locked, or what it is."""

    received: str | None = None
    retain_until: str | None = None
    lock_until: str | None = None
    categories: list[str] = []
    hold: str | None = None


class Retained(Said, frozen=True, kw_only=True):
    """``retain``: a clip is kept until then."""

    retain_until: str
    classified: _Index | None = None
    """The ``clip.classify`` entry from which it follows."""
    proposal: _Index | None = None
    """The ``proposal.make`` entry from which it follows."""
