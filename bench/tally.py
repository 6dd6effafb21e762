"""How right somebody was who linked a city's clips to its events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.city import CityClip
from bench.judges import Said


@dataclass(slots=True)
class Tally:
    """Pairs of clip and event, counted."""

    true: int = 0
    """That are so, whether anybody could know or not."""
    sure: int = 0
    """That were linked without asking."""
    right: int = 0
    """Of those, that are so."""
    asked: int = 0
    """That were put before people."""
    asked_right: int = 0
    clips: int = 0
    clips_asked: int = 0
    """Clips about which people are asked at all."""
    by_points: Counter[tuple[int, bool]] = field(default_factory=Counter)
    """Points and whether it is so -> how many pairs had as many."""
    missed: Counter[str] = field(default_factory=Counter)
    """What a clip is -> true pairs of such clips that were not linked without asking."""
    false: Counter[str] = field(default_factory=Counter)
    """The same of pairs that were linked and are not so."""

    def count(self, clips: Iterable[CityClip], said: Iterable[Said]) -> None:
        """Hold what was *said* of *clips* against what is so."""
        held: dict[str, list[Said]] = {}
        for each in said:
            held.setdefault(each.clip, []).append(each)
        for clip in clips:
            self._clip(clip, held.get(clip.id, []))

    def _clip(self, clip: CityClip, said: list[Said]) -> None:
        sure = {each.event for each in said if each.is_sure}
        asked = {each.event for each in said if not each.is_sure}
        self.clips += 1
        self.clips_asked += bool(asked)
        self.true += len(clip.about)
        self.sure += len(sure)
        self.right += len(sure & clip.about)
        self.asked += len(asked)
        self.asked_right += len(asked & clip.about)
        self.missed[_sort(clip)] += len(clip.about - sure)
        self.false[_sort(clip)] += len(sure - clip.about)
        for each in said:
            self.by_points[each.points, each.event in clip.about] += 1

    @property
    def precision(self) -> float:
        return self.right / self.sure if self.sure else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def wrong(self) -> float:
        """Pairs that are wrong or missing, for each thousand that are so."""
        return 1000 * (self.sure - self.right + self.true - self.right) / max(self.true, 1)

    def to_wire(self) -> dict[str, object]:
        """The figures, rounded."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "wrong_in_1000": round(self.wrong, 2),
            "pairs": self.true,
            "linked": self.sure,
            "clips": self.clips,
            "clips_left_to_people": round(self.clips_asked / max(self.clips, 1), 4),
            "recall_with_people": round((self.right + self.asked_right) / max(self.true, 1), 4),
            "missed": {name: count for name, count in sorted(self.missed.items()) if count},
            "false": {name: count for name, count in sorted(self.false.items()) if count},
        }

    def thresholds(self) -> list[dict[str, object]]:
        """Precision and recall if so many points had been enough."""
        found: list[dict[str, object]] = []
        for least in sorted({points for points, _ in self.by_points}):
            counts = [
                (right, n) for (points, right), n in self.by_points.items() if points >= least
            ]
            right, all_of_them = sum(n for is_so, n in counts if is_so), sum(n for _, n in counts)
            found.append(
                {
                    "points": least,
                    "precision": round(right / all_of_them, 4),
                    "recall": round(right / max(self.true, 1), 4),
                }
            )
        return found


def _sort(clip: CityClip) -> str:
    """What is odd about a clip, in a word."""
    if clip.kind != "call":
        return clip.kind
    if clip.officer is None:
        return "names nobody"
    if clip.officer != clip.wearer:
        return "names another"
    if len(clip.about) > 1:
        return "several"
    return "no length" if clip.duration is None else "plain"
