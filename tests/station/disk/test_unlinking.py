"""Erasing from a raw card where no kernel can help: nothing is changed, and the reason is told.

What a kernel does is tried in ``tests/station/usb/guest/test_guest_erase.py``.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.erase_proof import Fact
from evidence.errors import CardGone, CardWriteFailed, EraseForbidden
from ingest.release import on_card, read_again, release
from ingest.watch import Watch
from station.disk.raw_card import RawCard
from tests.evidence.erase_proofs import proof_for
from tests.station.disk.hostile_names import exfat_of_names
from tests.station.disk.images import fat_image

CLOCK = SystemClock()
WATCH = Watch(lambda _read: None, CLOCK)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    fat_image(tmp_path / "card.img", "FAT12", seed=21)
    return tmp_path / "card.img"


def test_an_image_is_no_disk_of_the_kernels_and_stays_as_it_is(image: Path) -> None:
    before = image.read_bytes()
    with closing(RawCard(image)) as card:
        listed = card.listing()[0]
        proof = proof_for(on_card(card, listed), read_again(card, listed, CLOCK, WATCH))

        with pytest.raises(CardWriteFailed, match="the kernel sees no volume there"):
            release(card, listed, proof, CLOCK)

    assert image.read_bytes() == before


def test_a_proof_about_another_file_erases_none(image: Path) -> None:
    with closing(RawCard(image)) as card:
        listed, other = [each for each in card.listing() if each.size][:2]
        proof = proof_for(on_card(card, listed), read_again(card, listed, CLOCK, WATCH))

        with pytest.raises(EraseForbidden) as refused:
            card.erase(other, proof)
        with pytest.raises(CardGone):
            card.erase(replace(listed, path=b"DCIM/none.mp4"), proof)

    assert refused.value.fact is Fact.UNCHANGED


def test_a_file_whose_name_no_path_can_hold_is_not_erased(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    exfat_of_names(image, ["../x.mp4", "a%2Fb"])
    with closing(RawCard(image)) as card:
        for listed in (each for each in card.listing() if not each.problem):
            proof = proof_for(on_card(card, listed), read_again(card, listed, CLOCK, WATCH))
            hidden = listed.path == b"DCIM/..%2Fx.mp4"
            why = "one that no path can hold" if hidden else "the kernel sees no volume"
            with pytest.raises(CardWriteFailed, match=why):
                card.erase(listed, proof)
