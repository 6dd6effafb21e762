"""Which originals must carry an S3 legal hold, and which do by the record.

One rule: it follows from the record what must carry one, so nobody sets or lifts one by hand.  A
clip that is held or kept for ever must, in each vault that holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_, update

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.holds import is_held
from archive.catalogue.moves import What, Which
from archive.catalogue.sealed import is_going, is_live
from archive.catalogue.tables import ClipRow, CopyRow, EntryRow, LegalHoldRow, ReachedRow
from evidence.clock import stamp
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.retention import FOR_EVER

_WORK = "legal holds: "
COMPONENT = "legal hold"
"""What ``fixity.fail`` calls one that is missing in the vault."""
_CHANGES = (
    EntryKind.ARCHIVED,
    EntryKind.MOVED,
    EntryKind.COPIED,
    EntryKind.REPAIRED,
    EntryKind.HOLD_SET,
    EntryKind.HOLD_LIFTED,
    EntryKind.RETAINED,
    EntryKind.APPROVED,
    EntryKind.WITHDRAWN,
    EntryKind.FIXITY_FAILED,
)
"""The entries after which a clip may have to carry one, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An original in one vault, and the manifest beside it."""

    clip: str
    key: str
    version_id: str
    manifest: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Relieved:
    """One that carries a legal hold by the record, and need not."""

    carrier: Carrier
    original: bool
    """Whether no other clip needs that of the original."""
    manifest: bool
    """Whether the clip itself needs none any more; else only that version of it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What happened since the last look."""

    clips: set[str]
    """Those with which something did."""
    through: int
    """The last log index that was looked at."""


def touched(tx: Transaction, which: Which) -> Touched:
    """The clips with which something happened behind what :func:`seen_to` names.

    Of those with a new manifest, or whose legal hold was missing, what is on record is doubted.
    """
    row = tx.session.get(ReachedRow, _WORK + which.value)
    after = -1 if row is None else row.through
    through = tx.session.scalar(select(func.max(EntryRow.seq)))
    if through is None or through <= after:
        return Touched(clips=set(), through=after)
    kinds = [kind.value for kind in _CHANGES]
    about = select(EntryRow.kind, EntryRow.clip, EntryRow.raw).where(
        EntryRow.seq > after,
        EntryRow.seq <= through,
        EntryRow.kind.in_(kinds),
    )
    found = set[str]()
    for kind, clip, raw in tx.session.execute(about):
        if clip is None:  # how far a round is
            continue
        found.add(clip)
        if kind in {EntryKind.REPAIRED.value, EntryKind.FIXITY_FAILED.value}:
            _doubt_after(tx, which, clip, Entry(raw))
    return Touched(clips=found, through=through)


def seen_to(tx: Transaction, which: Which, through: int) -> None:
    """The legal holds in *which* vault are what the record up to log index *through* asks for."""
    tx.session.merge(ReachedRow(work=_WORK + which.value, through=through))


def lacking(
    tx: Transaction, which: Which, among: Sequence[str] | None, after: str, most: int
) -> list[Carrier]:
    """The next *most* clips behind the id *after* that must carry one in *which* vault.

    Only those *among* these, if not None; and only those of which it is not sure that they do.
    """
    row = _row_of(which)
    carries = exists().where(
        LegalHoldRow.clip == ClipRow.id,
        LegalHoldRow.vault == which.value,
        LegalHoldRow.version_id == row.version_id,
        LegalHoldRow.sure,
    )
    wanted = select(ClipRow, row.key, row.version_id).where(must_carry(), ~carries)
    if which is Which.SECOND:
        wanted = wanted.join(CopyRow, CopyRow.clip == ClipRow.id)
    if among is not None:
        wanted = wanted.where(ClipRow.id.in_(among))
    rows = tx.session.execute(wanted.where(ClipRow.id > after).order_by(ClipRow.id).limit(most))
    return [_carrier(clip, key, version) for clip, key, version in rows]


def relieved(
    tx: Transaction,
    which: Which,
    among: Sequence[str] | None,
    after: Relieved | None,
    most: int,
) -> list[Relieved]:
    """The next *most* that carry one in *which* vault by the record, and need not, likewise.

    From here on it is not sure that these carry one, nor that any clip does that shares them: they
    are about to lose it.
    """
    row = _row_of(which)
    needed = exists().where(
        ClipRow.id == LegalHoldRow.clip,
        row.version_id == LegalHoldRow.version_id,
        must_carry(),
    )
    if which is Which.SECOND:
        needed = needed.where(CopyRow.clip == ClipRow.id)
    held = select(LegalHoldRow).where(LegalHoldRow.vault == which.value, ~needed)
    if among is not None:
        held = held.where(LegalHoldRow.clip.in_(among))
    place = tuple_(LegalHoldRow.clip, LegalHoldRow.version_id)
    if after is not None:
        held = held.where(place > (after.carrier.clip, after.carrier.version_id))
    by_place = held.order_by(LegalHoldRow.clip, LegalHoldRow.version_id).limit(most)
    rows = tx.session.scalars(by_place).all()
    found = [_relieved(tx, which, each) for each in rows]
    same = LegalHoldRow.version_id.in_([each.carrier.version_id for each in found])
    doubted = update(LegalHoldRow).where(LegalHoldRow.vault == which.value, same)
    tx.session.execute(doubted.values(sure=False))
    return found


def put_on(tx: Transaction, which: Which, carriers: Sequence[Carrier]) -> None:
    """Put on record that originals and manifests of these carry one, as was read back."""
    for each in carriers:
        entry = _record(tx, EntryKind.HOLD_LOCKED, which, each)
        tx.session.merge(
            LegalHoldRow(
                clip=each.clip,
                vault=which.value,
                version_id=each.version_id,
                by_entry=entry,
                sure=True,
            )
        )
    tx.session.flush()


def taken_off(tx: Transaction, which: Which, carriers: Sequence[Carrier]) -> None:
    """Put on record that these need none any more, and that what no other clip needs is lifted."""
    for each in carriers:
        _record(tx, EntryKind.HOLD_UNLOCKED, which, each)
        row = tx.session.get(LegalHoldRow, (each.clip, which.value, each.version_id))
        if row is not None:
            tx.session.delete(row)
    tx.session.flush()


def is_wanted(tx: Transaction, which: Which, clip: str, version: str | None) -> bool:
    """Whether anything asks for a legal hold in *which* vault: on that *version* of the original.

    None: on the manifest of *clip*.  What asks is a clip of the same bytes that must carry one, or
    does by the record.
    """
    row = _row_of(which)
    same = ClipRow.id == clip
    if version is not None:
        same = ClipRow.sha256 == select(ClipRow.sha256).where(ClipRow.id == clip).scalar_subquery()
    needing = select(ClipRow.id).where(same, must_carry())
    if version is not None:
        needing = needing.where(row.version_id == version)
    if which is Which.SECOND:
        needing = needing.join(CopyRow, CopyRow.clip == ClipRow.id)
    carrying = (
        select(LegalHoldRow.clip)
        .join(ClipRow, ClipRow.id == LegalHoldRow.clip)
        .where(same, LegalHoldRow.vault == which.value)
    )
    if version is not None:
        carrying = carrying.where(LegalHoldRow.version_id == version)
    asked = (tx.session.scalar(each.limit(1)) for each in (needing, carrying))
    return any(found is not None for found in asked)


def must_carry() -> ColumnElement[bool]:
    """Whether the clip of a row of clips must carry one, for a query.

    One that two persons agreed to destroy by an order must not, even if it is kept for ever.
    """
    for_ever = and_(ClipRow.retain_until >= stamp(FOR_EVER), ~is_going())
    return and_(is_live(), or_(is_held(), for_ever))


def _record(tx: Transaction, kind: EntryKind, which: Which, each: Carrier) -> int:
    told = {"version": each.version_id, "vault": which.value}
    return tx.record(kind, ARCHIVE, clip=each.clip, **told)


def _row_of(which: Which) -> type[ClipRow | CopyRow]:
    """The rows that say where *which* vault holds an original."""
    return ClipRow if which is Which.FIRST else CopyRow


def _carrier(clip: ClipRow, key: str, version: str) -> Carrier:
    manifest = Sha256.from_hex(clip.manifest_sha256)
    return Carrier(clip=clip.id, key=key, version_id=version, manifest=manifest)


def _relieved(tx: Transaction, which: Which, row: LegalHoldRow) -> Relieved:
    clip, version = tx.session.get_one(ClipRow, row.clip), row.version_id
    place = _row_of(which)
    # Clips that share an original have its digest; there is an index on it.
    needs = select(ClipRow.id, place.version_id).where(ClipRow.sha256 == clip.sha256, must_carry())
    if which is Which.SECOND:
        needs = needs.join(CopyRow, CopyRow.clip == ClipRow.id)
    needing = tx.session.execute(needs).all()
    return Relieved(
        carrier=_carrier(clip, clip.key, version),
        original=version not in {held for _, held in needing},
        manifest=clip.id not in {other for other, _ in needing},
    )


def _doubt_after(tx: Transaction, which: Which, clip: str, entry: Entry) -> None:
    fields = entry.fields
    if fields.get("vault", Which.FIRST.value) != which.value:
        return
    if fields.get("what") == What.MANIFEST.value or fields.get("component") == COMPONENT:
        held = and_(LegalHoldRow.clip == clip, LegalHoldRow.vault == which.value)
        tx.session.execute(update(LegalHoldRow).where(held).values(sure=False))
