"""What the catalogue knows that linking goes by, found by whose it is and when.

One rule: each question is bounded in time and by officer, camera or unit, so that none reads more
for it than a shift or two, however much there is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import AssignmentRow, DutyRow
from archive.catalogue.tables import ClipRow, IncidentRow, RenditionRow
from evidence.clock import stamp, unstamp
from evidence.linking import (
    LONGEST_RECORDING,
    LONGEST_WINDOW,
    Assignment,
    ClipSpan,
    Duty,
    IncidentSpan,
    Known,
    Place,
)
from evidence.linking.recordings import JOINT, LONGEST

JOINED = LONGEST + JOINT
"""Clips of a camera that begin further apart are parts of no one recording that counts as one."""
_AT_ONCE = 200
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""The ends of the calendar."""


def shifted(moment: datetime, by: timedelta) -> datetime:
    """*moment* so much later, or the end of the calendar."""
    try:
        return moment + by
    except OverflowError:
        return _LAST if by > timedelta(0) else _FIRST


def clips(tx: Transaction, *which: ColumnElement[bool]) -> list[ClipSpan]:
    """The clips that fit and whose start is known."""
    rows = tx.session.execute(
        select(
            ClipRow.id,
            ClipRow.camera_key,
            ClipRow.officer_key,
            ClipRow.begins,
            ClipRow.latitude,
            ClipRow.longitude,
            RenditionRow.duration_ms,
        )
        .outerjoin(RenditionRow, RenditionRow.clip == ClipRow.id)
        .where(ClipRow.begins.is_not(None), ClipRow.camera_key.is_not(None), *which)
    )
    return [
        ClipSpan(
            clip=clip,
            camera=str(camera),
            officer=officer,
            begin=unstamp(str(begin)),
            end=_end(unstamp(str(begin)), duration),
            place=Place.told(latitude, longitude),
        )
        for clip, camera, officer, begin, latitude, longitude, duration in rows
    ]


def of_camera(tx: Transaction, camera: str, first: datetime, last: datetime) -> list[ClipSpan]:
    """The clips of *camera* that begin from *first* to *last*."""
    return clips(tx, ClipRow.camera_key == camera, _begins(first, last))


def incident_span(row: IncidentRow) -> IncidentSpan | None:
    """What linking needs to know of *row*; None if it is not known when it was."""
    if not (row.dispatched and row.cleared):
        return None
    return IncidentSpan(
        incident=row.id,
        event=row.number,
        officer=row.officer_key,
        dispatched=unstamp(row.dispatched),
        cleared=unstamp(row.cleared),
        unit=row.unit,
        place=Place.told(row.latitude, row.longitude),
    )


def known(tx: Transaction, turn: Sequence[ClipSpan], buffer: timedelta) -> Known:
    """All that may matter to the clips of a *turn*: clips of one camera that are near in time."""
    first = min(clip.begin for clip in turn)
    last = max(clip.end or clip.begin for clip in turn)
    issued = _issued(tx, AssignmentRow.camera_key == turn[0].camera, first, last)
    officers = {clip.officer for clip in turn if clip.officer is not None}
    officers |= {each.officer for each in issued}
    windows = (shifted(first, -LONGEST_WINDOW - buffer), shifted(last, buffer))
    cleared = IncidentRow.cleared >= stamp(shifted(first, -buffer))
    incidents = _incidents(tx, IncidentRow.officer_key.in_(officers), cleared, windows)
    duties: list[Duty] = []
    if any(clip.place is not None for clip in turn):
        duties = _rostered(tx, DutyRow.officer_key.in_(officers), first, last)
        units = {each.unit for each in duties}
        there = IncidentRow.latitude.is_not(None) & IncidentRow.unit.in_(units)
        incidents += _incidents(tx, there, cleared, windows)
    single = {each.incident: each for each in incidents}
    return Known(incidents=list(single.values()), assignments=issued, duties=duties)


def touched(
    tx: Transaction, spans: Iterable[IncidentSpan], before: timedelta, after: timedelta
) -> set[str]:
    """The clips that may have to do with any of these incidents.

    Those of its officer, and of cameras issued to that officer, that begin from *before* its
    dispatch to *after* its clearance; of its unit those that know where they were, and what may be
    one recording with them.
    """
    found: set[str] = set()
    for each in spans:
        first, last = shifted(each.dispatched, -before), shifted(each.cleared, after)
        found |= worn_by(tx, {each.officer}, first, last)
        if each.unit is not None and each.place is not None:
            duties = _rostered(tx, DutyRow.unit == each.unit, first, last)
            officers = {duty.officer for duty in duties}
            there = worn_by(tx, officers, first, last, ClipRow.latitude.is_not(None))
            found |= there | _beside(tx, there)
    return found


def _beside(tx: Transaction, some: Collection[str]) -> set[str]:
    """The clips that may be one recording with any of these: a place told by one tells of all."""
    found: set[str] = set()
    for first in range(0, len(some), _AT_ONCE):
        ids = sorted(some)[first : first + _AT_ONCE]
        near = select(ClipRow.camera_key, ClipRow.begins).where(ClipRow.id.in_(ids))
        for camera, begins in tx.session.execute(near).all():
            if begins is not None:
                at = unstamp(begins)
                span = shifted(at, -JOINED), shifted(at, JOINED)
                wanted = select(ClipRow.id).where(ClipRow.camera_key == camera, _begins(*span))
                found |= set(tx.session.scalars(wanted))
    return found


def wearers(tx: Transaction, row: ClipRow) -> set[str]:
    """Who may have worn the camera of *row*: whom the clip names, whom it was issued to."""
    found = set() if row.officer_key is None else {row.officer_key}
    if row.begins is None or row.camera_key is None:
        return found
    at = unstamp(row.begins)
    issued = _issued(tx, AssignmentRow.camera_key == row.camera_key, at, at)
    return found | {each.officer for each in issued}


def worn_by(
    tx: Transaction,
    officers: Collection[str],
    first: datetime,
    last: datetime,
    *which: ColumnElement[bool],
) -> set[str]:
    """The clips that name one of *officers*, or of a camera issued to one."""
    issued = _issued(tx, AssignmentRow.officer_key.in_(officers), first, last)
    cameras = {each.camera for each in issued}
    wanted = select(ClipRow.id).where(
        or_(ClipRow.officer_key.in_(officers), ClipRow.camera_key.in_(cameras)),
        _begins(first, last),
        *which,
    )
    return set(tx.session.scalars(wanted))


def _begins(first: datetime, last: datetime) -> ColumnElement[bool]:
    return ClipRow.begins.between(stamp(first), stamp(last))


def _incidents(
    tx: Transaction,
    whose: ColumnElement[bool],
    cleared: ColumnElement[bool],
    windows: tuple[datetime, datetime],
) -> list[IncidentSpan]:
    """Those that stand, were sent out in *windows*, and *cleared* in time."""
    rows = tx.session.scalars(
        select(IncidentRow).where(
            whose,
            cleared,
            IncidentRow.dispatched.between(stamp(windows[0]), stamp(windows[1])),
            IncidentRow.withdrawn_entry.is_(None),
        )
    )
    return [span for row in rows if (span := incident_span(row)) is not None]


def _issued(
    tx: Transaction, whose: ColumnElement[bool], first: datetime, last: datetime
) -> list[Assignment]:
    """The assignments that stand and touch that time."""
    rows = tx.session.scalars(
        select(AssignmentRow).where(
            whose,
            AssignmentRow.withdrawn_entry.is_(None),
            AssignmentRow.since != "",
            AssignmentRow.since <= stamp(last),
            or_(AssignmentRow.until.is_(None), AssignmentRow.until > stamp(first)),
        )
    )
    return [
        Assignment(
            camera=row.camera_key,
            officer=row.officer_key,
            since=unstamp(row.since),
            until=None if row.until is None else unstamp(row.until),
        )
        for row in rows
    ]


def _rostered(
    tx: Transaction, whose: ColumnElement[bool], first: datetime, last: datetime
) -> list[Duty]:
    """The same of duties in some unit."""
    rows = tx.session.scalars(
        select(DutyRow).where(
            whose,
            DutyRow.withdrawn_entry.is_(None),
            DutyRow.unit.is_not(None),
            DutyRow.since != "",
            DutyRow.since <= stamp(last),
            DutyRow.until > stamp(first),
        )
    )
    return [
        Duty(
            officer=row.officer_key,
            unit=str(row.unit),
            since=unstamp(row.since),
            until=unstamp(row.until),
        )
        for row in rows
    ]


def _end(begin: datetime, duration_ms: int | None) -> datetime | None:
    """When a clip ends; None if that is not known, or cannot be meant."""
    length = timedelta(milliseconds=duration_ms or 0)
    if not length or length > LONGEST_RECORDING:
        return None
    end = shifted(begin, length)
    return end if end - begin == length else None
