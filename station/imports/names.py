"""What the names of imported files tell, where whoever imports them says how they are named.

One rule: nothing is read out of a name unless the order names a profile for it, which then stands
in the record; and what a name tells is a claim like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from evidence.errors import SetupError
from evidence.settings import StationSettings
from station.approval import approvals
from station.claims import moment_of, number_of
from station.profile import Profile

_CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What one name tells."""

    recorder: str | None
    channel: str | None
    started: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportNames:
    """How a recorder names its files.  Made by :meth:`of` only."""

    profile: Profile
    offset: timedelta
    """What the recorder's clock shows at UTC 00:00."""

    @classmethod
    def of(cls, profile: str, settings: StationSettings) -> Self:
        """By the *profile* of this id; SetupError if the station uses none, or it has no channel.

        Blocks.
        """
        used = {each.id: each for each in approvals(settings).profiles}
        fit = {name: each for name, each in used.items() if _tells_channel(each)}
        if profile not in fit:
            raise SetupError(
                f"--profile {profile!r}: no profile of that id tells the channel of a recorder",
                advice=f"There are: {', '.join(sorted(fit)) or 'none'} (docs/import.md).",
            )
        offset = timedelta(minutes=settings.camera_utc_offset_minutes)
        return cls(profile=fit[profile], offset=offset)

    def told(self, name: bytes) -> Named | None:
        """What *name* tells; None if it is not named so."""
        text = name.decode("utf-8", errors="surrogateescape")
        for grammar in self.profile.name:
            found = re.search(grammar.pattern, text)
            if found is not None:
                told = found.groupdict()
                return Named(
                    recorder=number_of(told.get("camera")),
                    channel=number_of(told.get(_CHANNEL)),
                    started=moment_of(told.get("date"), told.get("time"), self.offset),
                )
        return None


def _tells_channel(profile: Profile) -> bool:
    return any(_CHANNEL in re.compile(each.pattern).groupindex for each in profile.name)
