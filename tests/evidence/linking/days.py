"""Clips and incidents of one morning, said shortly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from evidence.linking import Assignment, ClipSpan, Duty, IncidentSpan, Known, Link, Place, judged

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE, NEAR, AWAY = (Place(latitude=24.48 + north, longitude=118.09) for north in (0, 0.001, 0.1))
"""NEAR is 110 m from HERE, AWAY 11 km."""


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def clip(
    begin: float,
    end: float | None = None,
    *,
    name: str = "c-1",
    officer: str | None = "4711",
    camera: str = "cam",
    place: Place | None = None,
) -> ClipSpan:
    return ClipSpan(
        clip=name,
        camera=camera,
        officer=officer,
        begin=at(begin),
        end=None if end is None else at(end),
        place=place,
    )


def call(
    dispatched: float,
    cleared: float,
    *,
    event: str = "E-1",
    officer: str = "4711",
    unit: str | None = None,
    place: Place | None = None,
) -> IncidentSpan:
    return IncidentSpan(
        incident=f"{event}/{officer}",
        event=event,
        officer=officer,
        dispatched=at(dispatched),
        cleared=at(cleared),
        unit=unit,
        place=place,
    )


def issued(officer: str, camera: str = "cam", since: float = -600) -> Assignment:
    return Assignment(camera=camera, officer=officer, since=at(since))


def on_duty(officer: str, unit: str = "U1") -> Duty:
    return Duty(officer=officer, unit=unit, since=at(-120), until=at(360))


def links(
    clips: ClipSpan | list[ClipSpan],
    *incidents: IncidentSpan,
    issues: tuple[Assignment, ...] = (),
    duties: tuple[Duty, ...] = (),
) -> list[Link]:
    known = Known(incidents=incidents, assignments=issues, duties=duties)
    return judged(clips if isinstance(clips, list) else [clips], known)


def standings(found: list[Link]) -> dict[tuple[str, str], str]:
    """Clip and event -> standing."""
    return {(each.clip, each.incident.split("/")[0]): each.standing.value for each in found}
