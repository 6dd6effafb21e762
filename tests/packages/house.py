"""A small agency for tests: two stations, some clips, a log that grew, and who signs for it.

Everything is real but the bytes of most clips: keys, signatures, commitments and tiles are made
with the product's own rules, from fixed seeds, so that a package is the same every time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import vrf
from evidence.anchoring import Anchor, AnchorsAt, KeptAnchor, hashes_here
from evidence.census import Census, Of, Subject, Tree, day_of
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.cosignature import KeyCosigner, cosign
from evidence.custody import Entry, EntryKind, station_act_message, wrap_station_act, write_entry
from evidence.digest import Sha256
from evidence.digests import Digests, digests_of, sm3_maker
from evidence.law.pack import LawPack
from evidence.manifest import Manifest
from evidence.merkle import Hash, leaf_hash, root_of
from evidence.note import Checkpoint, FileSigner, sign_checkpoint

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
ORIGIN = "police.example/custody"
LOG = FileSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
OTHER_LOG = FileSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([2] * 32)))
COURT = KeyCosigner("court.example/w", Ed25519PrivateKey.from_private_bytes(bytes([3] * 32)))
BAR = KeyCosigner("bar.example/w", Ed25519PrivateKey.from_private_bytes(bytes([4] * 32)))
POLICY = (
    f"log {LOG.key}\nwitness court {COURT.key}\nwitness bar {BAR.key}\n"
    "group all-of-them all court bar\nquorum all-of-them\n"
)
OFFICERS = ("0815", "4711")
SECRET = bytes([5] * 32)
"""Of the archive's census key."""


REASON = Opening(value="案件 7".encode(), salt=bytes([7] * 32))
"""Why clips were watched."""
RECORD = b'{"format":"evidock-export/v1"}'
"""What opens an export before."""


@dataclass(slots=True, kw_only=True)
class Footage:
    """One clip as the archive holds it."""

    id: str
    data: bytes
    ending: str
    manifest: Manifest
    objects: dict[str, bytes]
    digests: Digests
    archived: int = 0
    derived: int = 0

    @property
    def subject(self) -> Subject:
        """Under whom and which day a census counts it."""
        values = {name: held.value.decode() for name, held in self.manifest.openings.items()}
        return Subject(officer=values["officer"], day=day_of(values["started"], "", 480))


@dataclass(slots=True)
class Station:
    """A station and its journal."""

    id: str
    key: Ed25519PrivateKey
    takes_sm3: bool = False
    enrolled: int = 0
    acts: int = 0


@dataclass(slots=True)
class House:
    """The agency's log, entry by entry."""

    entries: list[bytes] = field(default_factory=list)
    clips: list[Footage] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    censuses: dict[int, tuple[Census, Tree]] = field(default_factory=dict)
    laws: dict[str, bytes] = field(default_factory=dict)
    """SHA-256 -> the file of a law pack that was published."""
    gone: set[str] = field(default_factory=set)
    """Clips that were disposed of."""
    now: datetime = NOON

    def record(
        self, kind: EntryKind | str, by: str, clip: str | None = None, **more: object
    ) -> int:
        """A new entry of the archive's own; its number."""
        self.now += timedelta(seconds=1)
        made = write_entry(EntryKind.DENIED, at=self.now, by=by, clip=clip, **more)
        word = kind.value if isinstance(kind, EntryKind) else kind
        return self.put(made.raw.replace(b'"kind":"denied"', f'"kind":"{word}"'.encode()))

    def put(self, raw: bytes) -> int:
        """Append *raw*; its number."""
        self.entries.append(raw)
        return len(self.entries) - 1

    def enrol(self, number: int) -> Station:
        """A new station."""
        key = Ed25519PrivateKey.from_private_bytes(bytes([100 + number] * 32))
        station = Station(f"s-{number:032x}", key, takes_sm3=number == 2)
        public = key.public_key().public_bytes_raw().hex()
        station.enrolled = self.record(EntryKind.STATION_ENROLLED, station.id, public_key=public)
        self.stations.append(station)
        return station

    def publish(self, pack: bytes) -> int:
        """Footage is kept by the law in *pack* from now on."""
        digest = Sha256.of(pack).hex
        self.laws[digest] = pack
        told = LawPack.parse(pack, "pack").reference
        return self.record(
            EntryKind.LAW_PUBLISHED,
            "archive",
            law={"pack": told, "digests": {"sha256": digest}},
            rule_sets=[],
            utc_offset_minutes=0,
            floor_days=30,
        )

    def act(self, station: Station, kind: EntryKind, clip: str | None, **more: object) -> int:
        """A signed act of *station*, sequenced in; its number in the log."""
        self.now += timedelta(seconds=1)
        station.acts += 1
        raw = write_entry(kind, at=self.now, by=station.id, clip=clip, **more).raw
        return self.put(self.signed(station, station.acts, raw).raw)

    def signed(self, station: Station, number: int, raw: bytes) -> Entry:
        """The entry that sequences act *number* of *station*."""
        return wrap_station_act(
            raw,
            at=self.now,
            station=station.id,
            number=number,
            signature=station.key.sign(station_act_message(station.id, number, raw)),
        )

    def take_in(
        self, station: Station, data: bytes, ending: str, objects: dict[str, bytes]
    ) -> None:
        """A clip found, pulled, archived and derived of."""
        number = len(self.clips) + 1
        clip = f"c-{number:032x}"
        manifest = _manifest(clip, data, number)
        commitments = {name: held.commitment.hex for name, held in manifest.openings.items()}
        self.act(station, EntryKind.CLIP_FOUND, clip, size=len(data), commitments=commitments)
        digests = digests_of(data, sm3_maker() if station.takes_sm3 else None)
        self.act(station, EntryKind.CLIP_PULLED, clip, size=len(data), **digests.to_wire())
        footage = Footage(
            id=clip, data=data, ending=ending, manifest=manifest, objects=objects, digests=digests
        )
        footage.archived = self._archived(station, footage, commitments)
        footage.derived = self.record(
            EntryKind.RENDITION_MADE,
            station.id,
            clip,
            rendition="copy",
            segments=1,
            objects={name: {"sha256": Sha256.of(held).hex} for name, held in objects.items()},
        )
        self.act(station, EntryKind.CLIP_ARCHIVED, clip)
        self.clips.append(footage)

    def compare(self, clip: Footage, kind: str, **more: object) -> int:
        """The archive's word on the rendition of *clip*, with *more* than it should say."""
        objects = {name: {"sha256": Sha256.of(held).hex} for name, held in clip.objects.items()}
        original = {"sha256": clip.manifest.sha256.hex}
        told = {"derived": clip.derived, "original": original, "objects": objects} | more
        return self.record(kind, "archive", clip.id, rendition="copy", **told)

    def take_census(self) -> int:
        """Count what came in since the last census; the entry's number."""
        return self.take_census_to(len(self.entries))

    def take_census_to(self, end: int) -> int:
        """Count what came in up to entry *end*, exclusive."""
        first = max((census.end for census, _ in self.censuses.values()), default=0)
        fresh = [clip for clip in self.clips if first <= clip.archived < end]
        labels = {label(clip.subject): list[int]() for clip in fresh}
        for clip in fresh:
            labels[label(clip.subject)].append(clip.archived)
        tree = Tree.of(SECRET, first, labels)
        census = Census(
            first=first,
            end=end,
            clips=len(fresh),
            leaves=len(tree),
            root=tree.root.hex(),
            key=vrf.public_key(SECRET).hex(),
            utc_offset_minutes=480,
        )
        fields = msgspec.to_builtins(census) | {"openings": {"sha256": "00" * 32}}
        index = self.record(EntryKind.CENSUS, "archive", **fields)
        self.censuses[index] = (census, tree)
        return index

    def digest_later(self, clip: Footage, **wrong: str) -> int:
        """The archive reads *clip* back and takes SM3, too; *wrong* is told instead."""
        told = digests_of(clip.data, sm3_maker()).to_wire() | wrong
        return self.record(EntryKind.CLIP_DIGESTED, "archive", clip.id, digests=told)

    def anchor(self, size: int | None = None, **roots: str) -> KeptAnchor:
        """Anchor the first *size* entries, or all, in the log; *roots* that are not so instead."""
        hashes, raws = hashes_here(sm3_maker()), self.entries[:size]
        at = AnchorsAt(ORIGIN, [len(raws)], hashes)
        at.add(raws)
        anchor = at.found[len(raws)]
        checkpoint = anchor.checkpoint | dict.fromkeys(roots.keys() - hashes, "00" * 32)
        anchor = Anchor(size=anchor.size, checkpoint=checkpoint, roots=anchor.roots | roots)
        index = self.record(EntryKind.LOG_ANCHORED, "archive", None, **anchor.fields())
        return KeptAnchor(origin=ORIGIN, entry=index, anchor=anchor)

    def about(self, clip: str, size: int) -> list[int]:
        """Numbers of the entries about *clip* among the first *size*."""
        return [i for i, raw in enumerate(self.entries[:size]) if Entry(raw).clip == clip]

    @property
    def root(self) -> Hash:
        return root_of([leaf_hash(raw) for raw in self.entries])

    def checkpoint(
        self, signer: FileSigner = LOG, witnesses: tuple[KeyCosigner, ...] = (COURT, BAR)
    ) -> bytes:
        """The signed and cosigned head."""
        head = Checkpoint(origin=ORIGIN, size=len(self.entries), root=self.root)
        note = sign_checkpoint(head, signer)
        return note + b"".join(cosign(head.text, each, self.now) for each in witnesses)

    def _archived(self, station: Station, clip: Footage, commitments: dict[str, str]) -> int:
        later = stamp(self.now + timedelta(days=180))
        return self.record(
            EntryKind.ARCHIVED,
            "archive",
            clip.id,
            digests=clip.digests.to_wire(),
            size=len(clip.data),
            **{"class": "video"},
            acquisition="docked",
            station=station.id,
            received=stamp(self.now),
            bucket="originals",
            key=f"police/{clip.manifest.sha256.hex}",
            version="1",
            lock_mode="COMPLIANCE",
            lock_until=later,
            retain_until=later,
            retain_rule="default:unclassified",
            durability="syncfs",
            manifest=digests_of(
                clip.manifest.to_bytes(), sm3_maker() if station.takes_sm3 else None
            ).to_wire(),
            commitments=commitments,
        )


def house(footage: bytes = b"", others: int = 250, until: int = 6) -> House:
    """An agency with six clips of two stations; *footage* are the bytes of the first, if any.

    A census is taken after the third and the last, but not after clip *until*.  *others* entries
    about no clip stand between, so that the log has full bundles.  The second station takes SM3.
    """
    made = House()
    stations = [made.enrol(1), made.enrol(2)]
    for number in range(6):
        for _ in range(others // 6):
            made.record(EntryKind.DENIED, "archive", act="GET /v1/clips", count=1)
        data = footage if number == 0 and footage else _noise(number, 1 << (8 + 2 * number))
        objects = {"media.mp4": data or b"-", "segments.json": b'{"of":"%d"}' % number}
        made.take_in(stations[number % 2], data, ".mp4" if number % 3 == 0 else ".avi", objects)
        made.record("view", "p-1", made.clips[-1].id, commitments={"reason": REASON.commitment.hex})
        if number in {2, 5} and number < until:
            made.take_census()
    return made


@cache
def label(subject: Subject) -> bytes:
    """That of *subject* in every census here."""
    return vrf.label(SECRET, subject.alpha)


@cache
def proven(subject: Subject) -> Of:
    """Its proof."""
    return Of.proven(SECRET, subject)


def _noise(seed: int, size: int) -> bytes:
    return hashlib.shake_256(b"clip %d" % seed).digest(size)


def _manifest(clip: str, data: bytes, number: int) -> Manifest:
    values = {
        "path": f"DCIM/100/录像 {number:04}.MP4",
        "camera": f"BWC-{number % 2:04}",
        "officer": OFFICERS[number % 2],
        "started": f"2026-11-2{number // 5}T10:00:00Z",
    }
    return Manifest(
        clip=clip,
        sha256=Sha256.of(data),
        size=len(data),
        openings={
            name: Opening(value=text.encode(), salt=_noise(1000 + number, 32))
            for name, text in values.items()
        },
    )
