"""By what coverage is judged and findings are opened: the settings, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from archive.catalogue.withheld import DockTerms
from evidence.coverage import RoomTerms, Terms
from evidence.coverage_settings import CoverageSettings
from evidence.errors import SetupError
from evidence.names import folded


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageTerms:
    """Made once, at the start."""

    judging: Terms
    docking: DockTerms
    rooms: RoomTerms
    owner: str
    """Name of the account that answers; empty: nobody is asked."""
    owners: Mapping[str, str]
    """Unit -> name of the account that answers for it."""
    grace: timedelta
    answer: timedelta
    look_back: timedelta

    @classmethod
    def of(cls, chosen: CoverageSettings) -> CoverageTerms:
        """As the settings say; SetupError for an owner of no unit."""
        pairs = [each.partition("=") for each in chosen.owners]
        if any(not unit.strip() or not name.strip() for unit, _, name in pairs):
            raise SetupError(
                "[coverage] owners holds something that is no unit=account name",
                advice='Write owners = ["U01=chief wang", "U02=chief li"].',
            )
        late = timedelta(hours=chosen.late_hours)
        return cls(
            judging=Terms(
                way=timedelta(minutes=chosen.way_minutes),
                gap=timedelta(minutes=chosen.gap_minutes),
                late=late,
            ),
            rooms=RoomTerms(
                join=timedelta(seconds=chosen.join_seconds),
                move=timedelta(seconds=chosen.move_seconds),
                late=late,
                channels=_channels(chosen.rooms),
            ),
            docking=DockTerms(late=late, days=timedelta(days=chosen.undocked_days)),
            owner=chosen.owner.strip(),
            owners={unit.strip(): name.strip() for unit, _, name in pairs},
            grace=timedelta(hours=chosen.grace_hours),
            answer=timedelta(days=chosen.answer_days),
            look_back=timedelta(days=chosen.look_back_days),
        )


def _channels(rooms: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Room -> the channels that record it, both folded; SetupError for what names neither."""
    found: dict[str, frozenset[str]] = {}
    seen: set[str] = set()
    for each in rooms:
        channel, _, room = (folded(part) for part in each.partition("="))
        recorder, _, number = channel.partition("/")
        if not (recorder.strip() and number.strip() and room) or "/" in number or channel in seen:
            raise SetupError(
                f"[coverage] rooms: {each!r} is no recorder/channel=room, or names a channel twice",
                advice='Write rooms = ["NVR01/D03=Interview room 3"]: one line for each channel.',
            )
        seen.add(channel)
        found[room] = found.get(room, frozenset()) | {channel}
    return found
