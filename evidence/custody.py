"""Custody entries: every act on evidence, as one line of the log.

An entry is RFC 8785 canonical JSON.  It holds ids, digests, times and codes; names, officer
numbers, camera numbers, file names and free text appear only as salted commitments
(:mod:`evidence.commitment`).  Its bytes are the leaf of the Merkle log, unchanged.

Fields of every entry: ``v`` (1), ``kind``, ``at`` (our clock, RFC 3339 UTC), ``by`` (id of the
station, person or service that acted).  Entries about a clip carry ``clip``.  Kinds add fields of
their own, named where they are written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.canonical import canonical
from evidence.clock import stamp
from evidence.digest import Sha256
from evidence.tiles import MAX_ENTRY

FORMAT = 1


class EntryKind(StrEnum):
    """The acts the log knows."""

    STATION_ENROLLED = "station.enrol"
    DOCK_SEEN = "dock.seen"
    """A clip that is known already was seen again on a docked card."""
    DOCK_BEGUN = "dock.begin"
    """What stood on a card when it was first listed at this docking."""
    DOCK_ENDED = "dock.end"
    """The card has left: the record of its continuity."""
    CLIP_FOUND = "clip.found"
    CLIP_REFUSED = "clip.refused"
    CLIP_PARTIAL = "clip.partial"
    CLIP_PULLED = "clip.pulled"
    CLIP_VERIFIED = "clip.verified"
    CLIP_ARCHIVED = "clip.archived"
    """The station learned that the archive holds the clip (the archive's own entry comes first)."""
    CLIP_DIGESTED = "clip.digest"
    """The archive read its original back, and took a digest of which no entry told before."""
    CLIP_RELEASED = "clip.released"
    """An erase proof stood: the camera may forget the file.  Written before anything is erased."""
    ERASE_DONE = "erase.done"
    """The file is gone from its card."""
    ERASE_REFUSED = "erase.refused"
    """Nothing was erased, since a fact was missing; ``fact`` is its number."""
    CAMERA_TOLD = "camera.told"
    """What a camera told before it became a disk, and whether its clock was set."""
    CAMERA_DOCKED = "camera.dock"
    """The disk of this docking is the camera that told that."""
    CAMERA_CHANGE = "camera.change"
    """Who wears it, settings or firmware: to be written to a camera, written, refused or failed."""
    CAMERA_ASSIGNED = "camera.assign"
    """Somebody said which officer wears a camera from now on."""
    CAMERA_UNASSIGNED = "camera.unassign"
    """Somebody said that nobody does any more."""
    BADGE_GIVEN = "badge.give"
    """Somebody said whose badge that is from now on."""
    BADGE_TAKEN = "badge.take"
    """Somebody said that it is nobody's any more."""
    CAMERA_RETURNED = "camera.return"
    """The card of this docking is a camera that was worn under that assignment."""
    CLIP_CHOSEN = "clip.choose"
    """Somebody with that officer's badge said at the board what a clip belongs to, or shows."""
    DEVICE_REFUSED = "device.refused"
    """A device at a USB port was turned away, and stayed off."""
    LOG_PINNED = "log.pinned"
    """A station trusts another key of the log from here on, as the one before led to it."""
    STATION_ACT = "station.act"
    """An entry of a station's own journal, signed by the station and sequenced in as it came."""
    ARCHIVED = "archive.verified"
    """The vault's copy was read back by version id and is what the station hashed."""
    MOVED = "archive.moved"
    """This archive holds the clip's original as that version since: it came in a whole package."""
    LAW_PUBLISHED = "law.publish"
    """By which law pack and rule sets footage is kept from now on."""
    CLASSIFIED = "clip.classify"
    """A person said what a clip is, in the words of the law pack and rule sets."""
    RETAINED = "retain"
    """A clip is kept until then, by that rule."""
    HOLD_SET = "hold.set"
    """A clip is kept whatever the date, by an authority and for a reason."""
    HOLD_LIFTED = "hold.lift"
    """And no longer."""
    HOLD_LOCKED = "hold.locked"
    """In that vault a clip's original and manifest carry an S3 legal hold, as was read back."""
    HOLD_UNLOCKED = "hold.unlocked"
    """And no longer: it is neither held nor kept for ever, or lies there as another version."""
    CASE_CLOSED = "case.close"
    """A person said that a case is closed: rules may count from there."""
    CASE_REOPENED = "case.reopen"
    """And that it is open again."""
    CASE_CLIP = "case.clip"
    """A person placed a clip in a case, whatever incidents say."""
    CASE_CLIP_TAKEN = "case.unclip"
    """And took it out again."""
    CASE_EXPORTED = "case.export"
    """The package that an ``export`` entry is about is one of a case."""
    DOCUMENT_ADDED = "document.add"
    """A person added a document to a case; its bytes are among the records."""
    DOCUMENT_READ = "document.view"
    """A person was given a document; committed before the first byte."""
    DOSSIER_MADE = "dossier.made"
    """A version of a case's dossier: the digest of its index and the root over its items."""
    DISPOSAL_NOTICED = "dispose.notice"
    """People were told that a clip's time ends then."""
    PROPOSED = "proposal.make"
    """A person wants what needs another person too (:mod:`evidence.disposal`)."""
    APPROVED = "proposal.approve"
    """Another person agreed; it takes effect once it may no longer be withdrawn."""
    WITHDRAWN = "proposal.withdraw"
    """It is not to be."""
    SHORTENED = "proposal.done"
    """Clips are kept for less, as was proposed and approved, where that still could be."""
    DISPOSAL_BEGUN = "dispose.begin"
    """A clip's bytes are destroyed from here on, and this is what makes that lawful."""
    DISPOSED = "dispose.done"
    """The tombstone: none of a clip's objects is there any more."""
    LEASE_RENEWED = "lease.renew"
    """A clip's original and manifest are locked until then, as was read back."""
    LEASES_LOOKED_AT = "lease.walk"
    """All leases were looked at: how many clips are needed, and whose lock ends first."""
    RELEASE_GRANTED = "release.grant"
    """The archive read its version back whole again, for a station that wants to erase."""
    RELEASE_REFUSED = "release.refuse"
    """The archive could not vouch for its copy when it was asked for such a grant."""
    RELEASED = "archive.released"
    """The archive took note that a station let the camera forget, on a grant of its own."""
    RELEASE_DISPUTED = "release.dispute"
    """A station says it let a camera forget, and no grant allowed it."""
    RENDITION_MADE = "derive"
    RENDITION_VERIFIED = "derive.verified"
    """The archive compared a rendition with its original: coded data and times are the same."""
    RENDITION_COMPARED = "derive.compared"
    """As before, and some of it was encoded anew: a likeness, with nothing found that differs."""
    RENDITION_REFUSED = "derive.refused"
    """As before, and something differs that must be the same."""
    QUALITY_LOOKED = "quality.look"
    """The archive looked at a rendition for hints; what it found is no judgement."""
    INCIDENT_IMPORTED = "incident.import"
    """A feed told a row that is new, or other than before, or that one was withdrawn."""
    CASE_IMPORTED = "case.import"
    """So it did of a case."""
    DUTY_IMPORTED = "duty.import"
    """Of a span for which an officer was rostered."""
    ASSIGNMENT_IMPORTED = "assignment.import"
    """Of a span for which a camera was issued to an officer."""
    STAY_IMPORTED = "stay.import"
    """Of a span that a person was in a room of a case-handling area."""
    FEED_KEY_MADE = "feed.key"
    """Whoever holds that key may tell one kind of feed."""
    FEED_KEY_REVOKED = "feed.revoke"
    """And no longer."""
    LINKED = "link"
    """By the rule a clip belongs to an incident, or may (``standing``); or it no longer does."""
    LINK_CONFIRMED = "link.confirm"
    """A person says that it does, whatever the rule says."""
    LINK_REJECTED = "link.reject"
    """A person says that it does not: no rule brings it back."""
    CHOICE_TAKEN = "choice.take"
    """The archive heard what was said at a station's board of a clip (``clip.choose``)."""
    CHOICE_ENDED = "choice.end"
    """What came of it."""
    MARKER_SET = "marker.set"
    """A person says that a clip shows something (:mod:`evidence.marking`)."""
    MARKER_WITHDRAWN = "marker.withdraw"
    """And no longer."""
    PERSON_CREATED = "person.create"
    ACCOUNT_REVIVED = "person.password"
    """An account that had none, since it was rebuilt, was given a password."""
    LOG_KEY = "log.key"
    """Another key signs the log from here on, and for a time the one before beside it.

    Or, with ``how`` ``retired``, that time is over.
    """
    RESTORED = "log.restored"
    """A backup was restored, and had caught up with the log before anything was signed again."""
    SIGNED_IN = "session.open"
    SIGN_IN_FAILED = "session.refused"
    SIGNED_OUT = "session.close"
    VIEWED = "view"
    """A person was given the means to watch a clip; committed before the first byte."""
    VIEW_REFUSED = "view.refused"
    """A person's player was given bytes that are not those on record, and did not show them."""
    THUMBNAILS_VIEWED = "view.list"
    VAULT_ENCRYPTION = "vault.encryption"
    """How what lies in a vault is encrypted at rest, decided before its first object."""
    VAULT_CANARY = "vault.canary"
    """Whether the vault kept today all that it promised."""
    FIXITY_HELD = "fixity.pass"
    """How far the rounds are: so many clips are what the log says, so many are not.

    Of one clip: what was wrong is right again.
    """
    FIXITY_FAILED = "fixity.fail"
    """An original, its lock or its manifest is not what the log says."""
    COPIED = "copy.verified"
    """The second vault's copy of original and manifest was read back and is what the log says."""
    REPAIRED = "fixity.repair"
    """What was wrong in one vault was stored there anew from a copy that is right by the log."""
    COUNTED = "fixity.count"
    """How many clips the log knows, and how many originals and copies the vaults show."""
    LOG_ANCHORED = "log.anchor"
    """Roots over all entries so far, by other hashes than SHA-256 (:mod:`evidence.anchoring`)."""
    LOG_RESUMED = "log.resume"
    """A person looked at why the log was stopped, and let it sign again."""
    CREDENTIALS_READ = "vault.credentials"
    DENIED = "denied"
    EXPORTED = "export"
    """Somebody takes a package out; committed and signed for before its first byte leaves."""
    DRAW_COMMITTED = "draw.commit"
    """Clips and checkers that will be drawn from, and the seed (:mod:`evidence.drawing`)."""
    DRAW_SEEDED = "draw.seed"
    """A person entered the value that the seed had."""
    DRAW_DONE = "draw.done"
    """Another person entered the same value: what was drawn by it."""
    DRAW_ABANDONED = "draw.abandon"
    """Nothing is drawn by it, for a reason."""
    REVIEW_GIVEN = "review.give"
    """A clip was drawn, and that person looks at it."""
    SHEET_FILLED = "sheet.fill"
    """They did, and say what they found; what, as a commitment."""
    FINDING_OPENED = "finding.open"
    """Somebody must answer something by a deadline."""
    FINDING_ANSWERED = "finding.answer"
    FINDING_REMINDED = "finding.remind"
    """Its owner was told that the deadline comes."""
    FINDING_ESCALATED = "finding.escalate"
    """The deadline is over, and somebody higher was told."""
    FINDING_CLOSED = "finding.close"
    """Another person than its owner says that it is settled."""
    FINDING_REOPENED = "finding.reopen"
    """It is not, and has another deadline."""
    EXCUSE_ASKED = "excuse.ask"
    """Somebody answered why an incident has no recording."""
    EXCUSE_APPROVED = "excuse.approve"
    """Another person agreed: it counts."""
    EXCUSE_ENDED = "excuse.end"
    """It was turned down, or taken back."""
    OUTAGE_SAID = "outage.say"
    """Somebody said that recorders were down, and why."""
    OUTAGE_AGREED = "outage.agree"
    """Another person agreed: it explains what lacks."""
    OUTAGE_ENDED = "outage.end"
    """It was turned down, or taken back."""
    CENSUS = "census"
    """How many clips of whom came in within a range of the log (:mod:`evidence.census`)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One custody entry as it is stored, signed over and proven: its canonical bytes."""

    raw: bytes

    @property
    def fields(self) -> Mapping[str, object]:
        """The entry's fields, parsed anew."""
        parsed: Mapping[str, object] = json.loads(self.raw)
        return parsed

    @property
    def kind(self) -> EntryKind:
        return EntryKind(str(self.fields["kind"]))

    @property
    def clip(self) -> str | None:
        """The id of the clip the entry is about, if it is about one."""
        found = self.fields.get("clip")
        return None if found is None else str(found)

    @property
    def digest(self) -> Sha256:
        """SHA-256 of the bytes (not the Merkle leaf hash, which adds a prefix)."""
        return Sha256.of(self.raw)


def write_entry(
    kind: EntryKind, *, at: datetime, by: str, clip: str | None = None, **more: object
) -> Entry:
    """A new entry.  ValueError if a field is not canonical, or the whole too long for the log."""
    fields: dict[str, object] = {"v": FORMAT, "kind": kind.value, "at": stamp(at), "by": by}
    if clip is not None:
        fields["clip"] = clip
    doubled = fields.keys() & more.keys()
    if doubled:
        raise ValueError(f"fields {sorted(doubled)} are set by write_entry itself")
    fields |= {name: value for name, value in more.items() if value is not None}
    raw = canonical(fields)
    if len(raw) > MAX_ENTRY:
        raise ValueError(f"a {kind.value} entry of {len(raw)} bytes exceeds {MAX_ENTRY}")
    return Entry(raw)


def station_act_message(station: str, number: int, raw: bytes) -> bytes:
    """What a station signs (Ed25519) for entry *number* (from 1, gapless) of its journal."""
    return f"evidock-station-act/v1\n{station}\n{number}\n".encode("ascii") + raw


def wrap_station_act(
    raw: bytes, *, at: datetime, station: str, number: int, signature: bytes
) -> Entry:
    """The log entry that sequences one signed journal entry of a station, its bytes unchanged.

    The caller has verified *signature* over :func:`station_act_message`.
    """
    return write_entry(
        EntryKind.STATION_ACT,
        at=at,
        by=station,
        clip=Entry(raw).clip,
        n=number,
        act=raw.decode("utf-8"),
        signature=signature.hex(),
    )
