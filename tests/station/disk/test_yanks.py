"""A cable that is pulled out at any byte: the copy goes on there, and is never a shorter file."""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.digest import BLOCK, Sha256
from evidence.errors import CardGone
from ingest.pull import Pulled, pull
from ingest.staging import Staging
from ingest.watch import Watch
from station.disk.raw_card import RawCard
from tests.conftest import Count
from tests.station.disk.images import fat_image, put

FILE = b"DCIM/100MEDIA/LONG.MP4"
SIZE = 3 * BLOCK + 4321


@dataclass(slots=True)
class Medium:
    """An image, which ends wherever it is told to: what an unplugged device answers."""

    image: Path
    sound: bytes
    at: int
    """Where the file begins on it."""
    seen: Counter[str] = field(default_factory=Counter)

    def pull(self, staging: Staging, *, until: int | None) -> Pulled:
        """Copy the file from a card that leaves after *until* bytes of it."""
        with self.image.open("rb+") as stream:
            stream.seek(self.at)
            stream.write(self.sound[self.at :])
        with closing(RawCard(self.image)) as card:
            (listed,) = (each for each in card.listing() if each.path == FILE)
            if until is not None:
                os.truncate(self.image, self.at + until)
            return pull(card, listed, staging, "c-1", Watch(lambda _total: None, SystemClock()))


@pytest.fixture
def medium(tmp_path: Path) -> Medium:
    """A card whose file lies in one piece at its end."""
    image = tmp_path / "card.img"
    fat_image(image, "FAT16", seed=11)
    data = random.Random(11).randbytes(SIZE)
    put(image, FILE.decode(), data)
    sound = image.read_bytes()
    at = sound.index(data)
    return Medium(image, sound, at)


def yanked(medium: Medium, staging: Staging, offsets: list[int]) -> None:
    """Pull the cable at each of *offsets*, docking the card again in between; then not at all."""
    kept = 0
    for offset in sorted(offsets):
        with pytest.raises(CardGone):
            medium.pull(staging, until=offset)
        assert not staging.whole("c-1").exists()
        mark = staging.mark("c-1")
        medium.seen["with a beginning kept" if mark else "with nothing kept"] += 1
        if mark is not None:
            assert kept <= mark.length <= offset
            kept = mark.length
    done = medium.pull(staging, until=None)
    assert done.restarted is None
    assert done.resumed_at == kept
    assert (done.sha256, done.size) == (Sha256.of(medium.sound[medium.at :][:SIZE]), SIZE)
    assert Sha256.of_file(staging.whole("c-1")) == done.sha256
    staging.free("c-1")


def test_a_cable_pulled_anywhere_costs_at_most_a_block(
    tmp_path: Path, medium: Medium, count: Count
) -> None:
    _yanks(100, tmp_path, medium, count)


@pytest.mark.slow
def test_a_cable_pulled_a_thousand_times_costs_at_most_a_block(
    tmp_path: Path, medium: Medium, count: Count
) -> None:
    _yanks(1000, tmp_path, medium, count)


def _offset(chance: random.Random) -> int:
    """Anywhere; a third of them where one block ends and the next begins."""
    edges = (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, SIZE - 1)
    return chance.choice((chance.choice(edges), chance.randrange(SIZE), chance.randrange(SIZE)))


def _yanks(number: int, tmp_path: Path, medium: Medium, count: Count) -> None:
    chance, left = random.Random(number), number
    staging = Staging(folder=tmp_path / "staging", reserve=0)
    staging.folder.mkdir()
    while left:
        several = min(left, chance.choice((1, 1, 2, 5)))
        yanked(medium, staging, [_offset(chance) for _ in range(several)])
        left -= several
    told = ", ".join(f"{count_of} {how}" for how, count_of in sorted(medium.seen.items()))
    count(f"yanks: {number} at random bytes ({told}), all copies whole and equal")
