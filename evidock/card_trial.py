"""What the station would make of the files of a card by one profile; the card is only read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from evidence.clock import stamp
from evidence.names import shown
from evidence.settings import StationSettings
from evidock.tables import table
from ingest.source import Listed, Sort
from station.accompanying import accompanied
from station.card import Card
from station.claims import Claims, read_card
from station.joining import recordings
from station.numbering import missing
from station.profile import Profile, best, fallback
from station.profile.segments import Segments


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """*profile* tried on a card called *name*, as one of *profiles*."""

    profile: Profile
    profiles: Sequence[Profile]
    name: bytes

    def of(self, card: Card, listing: Sequence[Listed]) -> dict[str, object]:
        """What is made of each file, and of all together, as JSON holds it."""
        reader = read_card(
            card,
            listing,
            self.name,
            profile=self.profile,
            fallback=fallback(self.profiles),
            offset=timedelta(minutes=StationSettings().camera_utc_offset_minutes),
        )
        beside = accompanied(reader, listing)
        paths = [each.path for each in listing if each.sort is Sort.FILE]
        others = [each for each in self.profiles if each.id != self.profile.id]
        return {
            "profile": self.profile.id,
            "chosen_by_station": best([*others, self.profile], listing).id,
            "files": [
                _tried(each, self.profile, reader.claims(each))
                | {"accompanies": shown(beside[each.path]) if each.path in beside else None}
                for each in listing
            ],
            "missing": missing(paths, []),
            "recordings": _joined(paths, self.profile.segments),
        }


def _joined(paths: Sequence[bytes], segments: Segments | None) -> list[dict[str, object]]:
    """The recordings that stand in several files, or of which a part lacks."""
    found = () if segments is None else recordings(paths, segments)
    return [
        {"parts": [shown(part) for part in each.parts], "lacks": list(each.lacks)}
        for each in found
        if len(each.parts) > 1 or each.lacks
    ]


def _tried(listed: Listed, profile: Profile, claims: Claims) -> dict[str, object]:
    left_out = (
        listed.sort is Sort.FILE
        and profile.scope is not None
        and not profile.scope.holds(listed.path)
    )
    return {
        "path": shown(listed.path),
        "taken": listed.sort is Sort.FILE and not left_out,
        "why_not": "out of scope" if left_out else None,
        "camera": claims.camera,
        "camera_told": claims.camera_told.value,
        "officer": claims.officer,
        "officer_told": None if claims.officer_told is None else claims.officer_told.value,
        "started": None if claims.started is None else stamp(claims.started),
        "important": claims.important,
    }


def in_words(told: dict[str, object]) -> str:
    """What :meth:`Trial.of` told, for people."""
    files: list[dict[str, object]] = told["files"]  # type: ignore[assignment]
    rows = [
        [
            str(each["path"]),
            "yes" if each["taken"] else str(each["why_not"] or "no file"),
            f"{each['camera']} ({each['camera_told']})",
            f"{each['officer']} ({each['officer_told']})" if each["officer"] else "",
            str(each["started"] or ""),
            "yes" if each["important"] else "",
            str(each["accompanies"] or ""),
        ]
        for each in files
    ]
    lines = [
        table(["file", "taken", "camera", "officer", "started", "important", "accompanies"], rows),
        "",
        (
            f"{len(files)} files by profile {told['profile']};"
            f" the station would choose {told['chosen_by_station']} for this card"
            f"; numbers that lack: {', '.join(map(str, told['missing'])) or 'none'}"  # type: ignore[call-overload]
        ),
    ]
    for recording in told["recordings"]:  # type: ignore[attr-defined]
        lines.append("one recording: " + ", ".join(recording["parts"]))
        lines.extend(f"  lacks {each}" for each in recording["lacks"])
    return "\n".join(lines)
