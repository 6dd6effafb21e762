"""Cards that fail while they are read: an image is made first, and says what it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from evidence.clip import ClipClass, ClipState
from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.errors import CardReadFailed, CardWriteFailed, TemporaryError
from evidence.vault.s3 import S3Vault
from ingest.release import on_card, read_again
from ingest.source import Listed
from ingest.staging import Staging
from ingest.watch import Watch
from station.disk.careful_card import SLICE, CarefulCard
from station.disk.raw_card import RawCard
from station.disk.rescue import PIECE
from tests.evidence.erase_proofs import proof_for
from tests.station.disk.failing import Failing
from tests.station.disk.images import fat_image
from tests.station.yard import Yard, once

CLOCK = SystemClock()
HURT = b"DCIM/in pieces 1.bin"
SOUND = b"DCIM/in pieces 2.bin"


@dataclass(slots=True, kw_only=True)
class Hurt:
    """A FAT16 card with two bad places: in the middle of a file, and in the table of clusters."""

    image: Path
    held: Mapping[bytes, bytes]
    bad: set[int]
    failing: Failing
    images: Staging

    def card(self, images: Staging | None = None, seconds: float = SLICE) -> CarefulCard:
        """The card, which is sound until :attr:`failing` strikes."""
        return CarefulCard(
            self.image,
            life="1",
            images=images or self.images,
            clock=CLOCK,
            access=self.failing.access,
            seconds=seconds,
        )

    @property
    def made(self) -> list[str]:
        return sorted(path.name for path in self.images.folder.iterdir())


@pytest.fixture
def hurt(tmp_path: Path) -> Hurt:
    image = tmp_path / "card.img"
    held = fat_image(image, "FAT16", seed=31)
    with closing(RawCard(image)) as card:
        (listed,) = (each for each in card.listing() if each.path == HURT)
        with card.open(listed) as original:
            run = original._entry.runs[-1]
            first = (original._volume.read.start + run.offset + run.length // 2) // PIECE
            table = original._volume.clusters.table // PIECE + 1  # type: ignore[attr-defined]
    bad = {table, first, first + 1}
    folder = tmp_path / "images"
    folder.mkdir()
    return Hurt(
        image=image,
        held=held,
        bad=bad,
        failing=Failing(path=image, bad=bad, strikes=False),
        images=Staging(folder=folder, reserve=0),
    )


def whole(card: CarefulCard, listed: Listed) -> bytes:
    with card.open(listed) as original:
        data = b""
        while block := original.read_at(len(data), 1 << 20):
            data += block
    return data


def strike(hurt: Hurt, card: CarefulCard, listing: Sequence[Listed]) -> Listed:
    """Let the medium fail from now on, and find that out; the file that was hurt."""
    (listed,) = (each for each in listing if each.path == HURT)
    hurt.failing.strikes = True
    with pytest.raises(CardReadFailed):
        whole(card, listed)
    return listed


def rescued(card: CarefulCard) -> tuple[Listed, ...]:
    """What the card holds, once its image is made."""
    while True:
        try:
            return card.listing()
        except TemporaryError as error:
            assert "copied as an image first" in str(error)  # noqa: PT017


def test_a_sound_card_is_read_as_it_is(hurt: Hurt) -> None:
    with closing(hurt.card()) as card:
        assert {each.path: whole(card, each) for each in card.listing()} == hurt.held

    assert hurt.made == []


def test_of_a_failing_card_all_is_taken_but_what_is_lost(hurt: Hurt) -> None:
    with closing(hurt.card()) as card:
        before = card.listing()
        listed = strike(hurt, card, before)
        with pytest.raises(TemporaryError, match="copied as an image first, 0%"):
            whole(card, next(each for each in before if each.path == SOUND))

        listing = rescued(card)
        hurt.failing.asked.clear()
        read = {each.path: whole(card, each) for each in listing if each.path != HURT}
        with pytest.raises(CardReadFailed, match=r"8,192 of the [\d,]+ bytes .* failing: bytes"):
            whole(card, listed)

    assert listing == before
    assert read == {path: data for path, data in hurt.held.items() if path != HURT}
    assert hurt.failing.asked == {}


def test_the_image_of_a_failing_card_is_kept_with_its_map(hurt: Hurt) -> None:
    with closing(hurt.card()) as card:
        strike(hurt, card, card.listing())
        rescued(card)

    assert [name.rsplit("-", 1)[1] for name in hurt.made] == ["1.img", "1.img.map"]
    image = hurt.images.folder / hurt.made[0]
    with hurt.image.open("rb") as raw, image.open("rb") as copy:
        theirs, ours = (iter(partial(each.read, PIECE), b"") for each in (raw, copy))
        pairs = zip(theirs, ours, strict=True)
        assert {at for at, (there, here) in enumerate(pairs) if there != here} <= hurt.bad


def test_an_image_whose_card_left_is_removed(hurt: Hurt) -> None:
    with closing(hurt.card(seconds=-1.0)) as card:
        strike(hurt, card, card.listing())
        with pytest.raises(TemporaryError):
            card.listing()
        assert len(hurt.made) == 2

    assert hurt.made == []


def test_without_room_the_card_is_read_as_far_as_it_goes(hurt: Hurt) -> None:
    full = Staging(folder=hurt.images.folder, reserve=1 << 60)
    with closing(hurt.card(full)) as card:
        listed = strike(hurt, card, card.listing())
        sound = next(each for each in card.listing() if each.path == SOUND)
        assert whole(card, sound) == hurt.held[SOUND]
        with pytest.raises(CardReadFailed, match=r"no image is made of the card: .* bytes free"):
            whole(card, listed)

    assert hurt.made == []


def test_nothing_is_erased_from_a_failing_card(hurt: Hurt) -> None:
    with closing(hurt.card()) as card:
        listing = card.listing()
        sound = next(each for each in listing if each.path == SOUND)
        watch = Watch(lambda _read: None, CLOCK)
        proof = proof_for(on_card(card, sound), read_again(card, sound, CLOCK, watch))
        strike(hurt, card, listing)

        with pytest.raises(CardWriteFailed, match="its card is failing"):
            card.erase(sound, proof)


class StandingCard(CarefulCard):
    """A failing card that stands at the dock as a folder: known by the folder's identity."""

    place: Path

    @property
    def identity(self) -> str:
        held = self.place.stat()
        return f"{held.st_dev:x}-{held.st_ino:x}"


async def test_a_station_archives_what_a_failing_card_gives_and_names_what_is_lost(
    hurt: Hurt, tmp_path: Path, agency_vault: S3Vault
) -> None:
    def standing(place: Path) -> StandingCard:
        access = hurt.failing.access
        card = StandingCard(hurt.image, life="1", images=hurt.images, clock=CLOCK, access=access)
        card.place = place
        return card

    home = tmp_path / "yard" / "home"
    home.mkdir(parents=True)
    yard = Yard(home=home, vault=agency_vault, open_card=standing)
    yard.card("cam-1", {})
    hurt.failing.strikes = True
    items = {item.path: item for item in await once(yard)}

    lost = items.pop(HURT)
    assert {path: item.sha256 for path, item in items.items()} == {
        path: Sha256.of(data) for path, data in hurt.held.items() if path != HURT
    }
    assert {item.state for item in items.values()} == {ClipState.ARCHIVED}
    assert (lost.state, lost.clip_class, lost.sha256) == (ClipState.FOUND, ClipClass.PARTIAL, None)
    assert "8,192 of the" in (lost.problem or "")
    assert len(hurt.made) == 2
