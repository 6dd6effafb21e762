"""What lacks whatever incident it may be of: numbers, cameras, and clips that were never archived.

Nothing of it is kept: it follows from the clips, the offers of stations, and what feeds told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import AssignmentRow, DutyRow
from archive.catalogue.tables import ClipRow, OfferRow, StationRow
from archive.catalogue.working_tables import CameraRow
from evidence.clip import FOOTAGE, ClipClass, ClipState
from evidence.clock import stamp, unstamp
from evidence.coverage import NumberedFile, NumberGap, Undocked, Wearing, number_gaps, undocked
from evidence.names import folded, last_part
from evidence.names import shown as fit
from evidence.wire import CameraMissed, ClipWaiting, NumbersLack, WithheldPage

MOST = 1000
"""Of each kind that are told at once."""
SLACK = timedelta(days=1)
"""Clips that were destroyed and came so long before or after the ones around a gap may be in it."""
_COUNTED = sorted({*FOOTAGE, ClipClass.SIDECAR, ClipClass.QUARANTINE, ClipClass.PARTIAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class DockTerms:
    """By what cameras and clips are missed."""

    late: timedelta
    days: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Numbers that lack, and how many destroyed clips may be those."""

    gap: NumberGap
    disposed: int
    came: datetime
    """When the later of the clips around it came here: cameras' clocks say anything."""


def page(tx: Transaction, since: datetime, terms: DockTerms) -> WithheldPage:
    """What lacks among what came *since* then; cameras and clips that are missed now."""
    lacks, missed, waiting = numbers(tx, since), cameras(tx, terms), offers(tx, terms)
    written = _cameras(tx)
    return WithheldPage(
        since=stamp(since),
        numbers=[_lack(each, written) for each in lacks[:MOST]],
        cameras=[_missed(each, written) for each in missed[:MOST]],
        waiting=waiting[:MOST],
        more=any(len(each) > MOST for each in (lacks, missed, waiting)),
    )


def numbers(tx: Transaction, since: datetime, camera: str | None = None) -> list[Lack]:
    """The numbers that lack among the clips that came *since* then, of one *camera* or of all."""
    of_one = [] if camera is None else [ClipRow.camera_key == camera]
    rows = tx.session.execute(
        select(
            ClipRow.id,
            ClipRow.camera_key,
            ClipRow.path_hex,
            ClipRow.begins,
            ClipRow.received,
            ClipRow.clip_class,
        )
        .where(ClipRow.received >= stamp(since), ClipRow.state != ClipState.DISPOSED.value)
        .where(ClipRow.clip_class.in_(_COUNTED), *of_one)
    )
    files = [
        NumberedFile(
            clip=clip,
            camera=str(key),
            path=bytes.fromhex(path),
            at=unstamp(begins or received),
            is_sidecar=kind == ClipClass.SIDECAR.value,
        )
        for clip, key, path, begins, received, kind in rows
    ]
    return [_weighed(tx, gap) for gap in number_gaps(files)]


def cameras(tx: Transaction, terms: DockTerms) -> list[Undocked]:
    """The cameras that are missed now, the longest first."""
    now = tx.clock.now()
    return undocked(_worn(tx, now), _seen(tx), now, late=terms.late, days=terms.days)


def offers(tx: Transaction, terms: DockTerms) -> list[ClipWaiting]:
    """The clips that stations listed longer ago than they may be late, the oldest first."""
    limit = stamp(tx.clock.now() - terms.late)
    rows = tx.session.execute(
        select(OfferRow, StationRow.name)
        .join(StationRow, StationRow.id == OfferRow.station)
        .where(OfferRow.received <= limit)
        .order_by(OfferRow.received, OfferRow.clip)
        .limit(MOST + 1)
    )
    return [
        ClipWaiting(
            clip=row.clip,
            camera=row.camera,
            name=fit(last_part(bytes.fromhex(row.path_hex))),
            station=name,
            since=row.received,
            problem=row.problem,
        )
        for row, name in rows
    ]


def _weighed(tx: Transaction, gap: NumberGap) -> Lack:
    """With how many clips that were destroyed came to those stations about then: names are gone."""
    around = tx.session.execute(
        select(ClipRow.station, ClipRow.received).where(ClipRow.id.in_([gap.before, gap.after]))
    ).all()
    times = sorted(unstamp(at) for _, at in around)
    wanted = select(func.count()).where(
        ClipRow.state == ClipState.DISPOSED.value,
        ClipRow.station.in_({station for station, _ in around}),
        ClipRow.received.between(stamp(times[0] - SLACK), stamp(times[-1] + SLACK)),
    )
    return Lack(gap=gap, disposed=tx.session.scalar(wanted) or 0, came=times[-1])


def _worn(tx: Transaction, now: datetime) -> list[Wearing]:
    """Every assignment that has begun, with the last duty within it that is over."""
    rows = tx.session.execute(
        select(AssignmentRow, func.max(DutyRow.until))
        .outerjoin(
            DutyRow,
            (DutyRow.officer_key == AssignmentRow.officer_key)
            & DutyRow.withdrawn_entry.is_(None)
            & (DutyRow.since != "")
            & (DutyRow.until <= stamp(now))
            & (DutyRow.until > AssignmentRow.since)
            & or_(AssignmentRow.until.is_(None), DutyRow.since < AssignmentRow.until),
        )
        .where(
            AssignmentRow.withdrawn_entry.is_(None),
            AssignmentRow.since != "",
            AssignmentRow.since <= stamp(now),
        )
        .group_by(AssignmentRow.id)
    )
    return [
        Wearing(
            camera=row.camera_key,
            officer=row.officer_key,
            since=unstamp(row.since),
            until=_moment(row.until),
            duty_ended=_moment(ended),
        )
        for row, ended in rows
    ]


def _moment(told: str | None) -> datetime | None:
    return None if told is None else unstamp(told)


def _seen(tx: Transaction) -> dict[str, datetime]:
    """Camera, folded -> when it was last docked: by what stations tell, or by its clips."""
    found = {
        str(key): unstamp(str(at))
        for key, at in tx.session.execute(
            select(ClipRow.camera_key, func.max(ClipRow.received))
            .where(ClipRow.camera_key != "", ClipRow.acquisition != "imported")
            .group_by(ClipRow.camera_key)
        )
    }
    for camera, seen in tx.session.execute(select(CameraRow.camera, CameraRow.seen)):
        key, at = folded(camera), unstamp(seen)
        found[key] = max(at, found.get(key, at))
    return found


def _cameras(tx: Transaction) -> Mapping[str, str]:
    """Camera, folded -> as somebody wrote it."""
    found: dict[str, str] = {}
    for query in (
        select(ClipRow.camera_key, ClipRow.camera).where(ClipRow.camera_key != "").distinct(),
        select(AssignmentRow.camera_key, AssignmentRow.camera).distinct(),
    ):
        found |= {str(key): str(name) for key, name in tx.session.execute(query)}
    return found


def _lack(lack: Lack, written: Mapping[str, str]) -> NumbersLack:
    gap = lack.gap
    return NumbersLack(
        camera=written.get(gap.camera, gap.camera),
        first=gap.first,
        last=gap.last,
        count=gap.count,
        before=gap.before,
        after=gap.after,
        since=stamp(gap.since),
        until=stamp(gap.until),
        sidecars=list(gap.sidecars),
        disposed=lack.disposed,
    )


def _missed(each: Undocked, written: Mapping[str, str]) -> CameraMissed:
    return CameraMissed(
        camera=written.get(each.camera, each.camera),
        officer=each.officer,
        seen=None if each.seen is None else stamp(each.seen),
        missed_since=stamp(each.missed_since),
        by_duty=each.by_duty,
    )
