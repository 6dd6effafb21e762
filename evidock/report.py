"""What a home knows of its clips, as the JSON that scripts and auditors read.

The station's journal lists every file ever seen on a card; the archive's catalogue adds what it
vouches for.  Unknown is null.  The field names are a contract (``docs/cli.md``): extend, never
rename.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from archive.service import ArchivedClip
from evidence.clip import ClipClass, ClipState
from station.service import ItemRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReport:
    """All clips of a home with their counts."""

    clips: list[dict[str, object]]
    counts: dict[str, dict[str, int]]

    @property
    def originals_missing(self) -> list[dict[str, object]]:
        """Clips that have an original which is not archived and is not merely cut short."""
        fine = {ClipClass.PARTIAL.value, ClipClass.REFUSED.value}
        return [
            clip
            for clip in self.clips
            if clip["state"] not in {ClipState.ARCHIVED, ClipState.RELEASED} and clip["class"] not in fine
        ]

    @property
    def incomplete(self) -> bool:
        """Whether some clips are partial or refused."""
        found = self.counts["class"]
        return bool(found.get(ClipClass.PARTIAL.value) or found.get(ClipClass.REFUSED.value))

    def to_wire(self) -> dict[str, object]:
        return asdict(self)
