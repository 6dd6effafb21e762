"""What lacks now, as findings are opened about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from archive.catalogue.accounted import cameras_of, shown
from archive.catalogue.answerable import Lacking
from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage import Asked, Covered, covered
from archive.catalogue.withheld import DockTerms, cameras, numbers, offers
from evidence.clock import stamp
from evidence.coverage import Judged, NumberGap, Outcome, Terms, Undocked
from evidence.finding_code import LATE, MISSING, NUMBERS, UNDOCKED, WAITING


def of_parts(tx: Transaction, since: datetime, terms: Terms, grace: timedelta) -> Iterator[Lacking]:
    """What incidents since then lack; only what has been so for longer than the *grace*."""
    now = tx.clock.now()
    for part in covered(tx, Asked(since=since, until=now), terms):
        for judged in part.judged:
            ends = judged.expected.ended + terms.late + grace
            if now > ends and (code := _code(judged)) is not None:
                yield _of_part(part, judged, code)


def of_docks(
    tx: Transaction, since: datetime, terms: DockTerms, grace: timedelta
) -> Iterator[Lacking]:
    """Numbers, cameras and clips that lack, and came or were missed since then."""
    now = tx.clock.now()
    for lack in numbers(tx, since):
        if not lack.disposed and now > lack.came + terms.late + grace:
            gap = lack.gap
            spans = f"{gap.first} … {gap.last} ({gap.count})"
            what = f"Camera {gap.camera}: no clip with the numbers {spans} was handed in."
            yield Lacking(
                code=NUMBERS,
                about="camera",
                subject=subject_of_gap(gap),
                what=what,
                source=gap.before,
            )
    for missed in cameras(tx, terms):
        is_young = since <= missed.missed_since <= now - grace
        if missed.officer is not None and is_young:
            seen = "never" if missed.seen is None else stamp(missed.seen)
            what = f"Camera {missed.camera} of {missed.officer} was last docked: {seen}."
            yield Lacking(
                code=UNDOCKED, about="camera", subject=subject_of_camera(missed), what=what
            )
    for waiting in offers(tx, terms):
        if stamp(since) <= waiting.since <= stamp(now - terms.late - grace):
            what = f"Camera {waiting.camera}: {waiting.name} was listed and is not archived."
            yield Lacking(
                code=WAITING,
                about="camera",
                subject=f"{waiting.camera} {waiting.name}",
                what=what,
                source=waiting.clip,
            )


def _code(judged: Judged) -> str | None:
    if judged.outcome is Outcome.MISSING:
        return MISSING
    is_late = judged.outcome is Outcome.LATE or judged.is_late
    return LATE if is_late and judged.outcome is not Outcome.EXCUSED else None


def _of_part(part: Covered, judged: Judged, code: str) -> Lacking:
    row, told = part.row, shown(part)
    camera = ", ".join(cameras_of(part)) or "no camera known"
    state = "no recording" if code == MISSING else "recording docked late"
    what = (
        f"Event {row.number}, officer {row.officer} ({camera}), "
        f"{told.since} to {told.until}: {state}."
    )
    return Lacking(
        code=code,
        about="incident",
        subject=subject_of_part(part, judged),
        what=what,
        unit=row.unit,
        source=row.id,
    )


def subject_of_part(part: Covered, judged: Judged) -> str:
    """What the finding about this recording is about."""
    camera = judged.expected.camera
    return part.row.id if camera is None else f"{part.row.id} {camera}"


def subject_of_gap(gap: NumberGap) -> str:
    """What the finding about these numbers is about; ends with the clips around them."""
    return f"{gap.camera} {gap.first} … {gap.last} {gap.before} {gap.after}"


def subject_of_camera(missed: Undocked) -> str:
    """What the finding about this camera is about: one for each time that it stays away."""
    return f"{missed.camera} {'never' if missed.seen is None else stamp(missed.seen)}"
