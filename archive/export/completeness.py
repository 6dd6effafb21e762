"""What a package shows of each census: whose clips it counts, or that it counts none of somebody's.

One rule: neighbours are shown closed, and nobody is named but who was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from archive.catalogue.censuses import Arrival, Taken
from archive.catalogue.exports import Aged
from archive.census import Censuses, record_of
from evidence.census import (
    FORMAT,
    Of,
    ShownCensus,
    Subject,
    check_all,
    check_tiling,
    day_of,
)
from evidence.errors import LogBroken


def of_day(clips: Iterable[Aged], day: str, censuses: Sequence[Taken], minutes: int) -> list[str]:
    """Those of an officer's *clips* that are of *day*.

    Each by the days of the census that counts it; by those of now, *minutes* before UTC's, if none
    does yet.
    """
    ranges = [(each.census.first, each.census.end, each.census) for each in censuses]

    def offset(entry: int) -> int:
        for first, end, census in ranges:
            if first <= entry < end:
                return census.utc_offset_minutes
        return minutes

    return [
        clip.clip
        for clip in clips
        if day_of(clip.started, clip.received, offset(clip.entry)) == day
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """All censuses of the log, to be shown; blocks on the vault."""

    censuses: Censuses
    taken: Sequence[Taken]

    def reaches(self) -> int:
        """Up to which log index they cover it; LogBroken if they leave a gap."""
        return check_tiling([each.census for each in self.taken])

    def of(self, subject: Subject) -> dict[int, ShownCensus]:
        """For each census what shows how many clips of *subject* it counts."""
        of = Of.proven(self.censuses.rules.secret, subject)
        found: dict[int, ShownCensus] = {}
        for each in self.taken:
            self.censuses.rules.must_be(each.census.key)
            leaves = self.censuses.tree(each).show(of.label(each.census.key))
            found[each.entry] = ShownCensus(format=FORMAT, asked=of, leaves=leaves)
        return found

    def whole(self, arrived: Mapping[int, Arrival]) -> dict[int, ShownCensus]:
        """Each census with all its leaves; *arrived*: log index -> the clip that came in.

        Without the key of a census nobody is named in it: that holds up no full exit.
        """
        proven: dict[Subject, Of] = {}
        found: dict[int, ShownCensus] = {}
        for each in self.taken:
            is_ours = each.census.key == self.censuses.rules.public
            shown = ShownCensus.from_bytes(record_of(self.censuses.tree(each)))
            leaves = []
            for leaf in shown.leaves:
                known = (arrived[i] for i in leaf.indexes() if i in arrived)
                came = next((each for each in known if not each.is_gone), None)
                of = self._proven(came, each, proven) if came and is_ours else None
                leaves.append(msgspec.structs.replace(leaf, of=of))
            found[each.entry] = ShownCensus(format=FORMAT, asked=None, leaves=leaves)
            check_all(each.census, found[each.entry])
        return found

    def _proven(self, came: Arrival, taken: Taken, proven: dict[Subject, Of]) -> Of:
        day = day_of(came.started, came.received, taken.census.utc_offset_minutes)
        subject = Subject(officer=came.officer, day=day)
        if subject not in proven:
            proven[subject] = Of.proven(self.censuses.rules.secret, subject)
        return proven[subject]


def listed(shown: Mapping[int, ShownCensus]) -> set[int]:
    """The entries that what is *shown* of all censuses lists."""
    opened = (leaf for each in shown.values() for leaf in each.leaves if leaf.opening)
    return {index for leaf in opened for index in leaf.indexes()}


def must_list(shown: Mapping[int, ShownCensus], entries: Iterable[int]) -> None:
    """LogBroken unless what is *shown* of all censuses lists just these *entries*."""
    if wrong := sorted(listed(shown) ^ set(entries)):
        raise LogBroken(
            f"the censuses and the catalogue do not agree about entry {wrong[0]}",
            advice="Run evidock fsck: it names what is wrong. Nothing was exported.",
        )
