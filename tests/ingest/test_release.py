from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from evidence.clock import SetClock, SystemClock
from evidence.digest import BLOCK, Sha256
from evidence.digests import digests_of, sm3_maker
from evidence.erase_proof import EraseProof, Fact
from evidence.errors import CardWriteFailed, EraseForbidden
from ingest.release import on_card, read_again, release
from ingest.source import ErasableSource
from ingest.watch import Watch
from station.card import ASIDE, FolderCard
from tests.evidence.erase_proofs import proof_for
from tests.station.played_back import PlayedBackCard, card_of

NAME = b"DCIM/clip.mp4"
FOOTAGE = os.urandom(BLOCK + 12345)
CLOCK = SetClock(SystemClock().now())


def watch() -> Watch:
    return Watch(lambda _total: None, CLOCK)


def folder_card(folder: Path, files: Mapping[bytes, bytes]) -> FolderCard:
    for path, data in files.items():
        whole = folder / os.fsdecode(path)
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_bytes(data)
    return FolderCard(folder)


@pytest.fixture(params=["folder", "played back"])
def card(request: pytest.FixtureRequest, tmp_path: Path) -> ErasableSource:
    if request.param == "folder":
        return folder_card(tmp_path, {NAME: FOOTAGE})
    return card_of({NAME: FOOTAGE})


def proven(card: ErasableSource) -> EraseProof:
    """A proof for the first file of *card*, as read now."""
    (listed, *_) = card.listing()
    return proof_for(on_card(card, listed), read_again(card, listed, CLOCK, watch()))


def test_the_second_read_is_of_all_bytes(card: ErasableSource) -> None:
    second = read_again(card, card.listing()[0], CLOCK, watch())

    assert (second.sha256, second.file.size) == (Sha256.of(FOOTAGE), len(FOOTAGE))
    assert second.file == on_card(card, card.listing()[0])


def test_a_proven_file_is_erased_and_nothing_else(tmp_path: Path) -> None:
    card = folder_card(tmp_path, {NAME: FOOTAGE, b"DCIM/other.mp4": FOOTAGE})

    release(card, card.listing()[0], proven(card), CLOCK)

    assert [listed.path for listed in card.listing()] == [b"DCIM/other.mp4"]
    assert os.listdir(tmp_path / "DCIM") == ["other.mp4"]


def test_a_file_that_was_touched_since_is_not_erased(card: ErasableSource, tmp_path: Path) -> None:
    proof, listed = proven(card), card.listing()[0]
    if isinstance(card, PlayedBackCard):
        card.files[NAME] += b"more"
    else:
        os.utime(tmp_path / os.fsdecode(NAME), ns=(1, 1))

    with pytest.raises(EraseForbidden) as refused:
        release(card, listed, proof, CLOCK)

    assert refused.value.fact == Fact.UNCHANGED
    assert len(card.listing()) == 1


def test_a_file_whose_end_differs_is_not_erased() -> None:
    card = card_of({NAME: FOOTAGE})
    proof, listed = proven(card), card.listing()[0]
    card.files[NAME] = FOOTAGE[:-1] + bytes([FOOTAGE[-1] ^ 1])

    with pytest.raises(EraseForbidden, match="the end of"):
        release(card, listed, proof, CLOCK)

    assert card.erased == []


def test_a_successor_of_same_size_time_and_end_is_not_erased(tmp_path: Path) -> None:
    card = folder_card(tmp_path, {NAME: FOOTAGE})
    proof, listed, file = proven(card), card.listing()[0], tmp_path / os.fsdecode(NAME)
    other, held = tmp_path / "other", file.stat()
    other.write_bytes(b"\0" + FOOTAGE[1:])
    os.utime(other, ns=(held.st_atime_ns, held.st_mtime_ns))
    other.replace(file)

    with pytest.raises(EraseForbidden, match="fact 3"):
        release(card, listed, proof, CLOCK)

    assert file.read_bytes()[:1] == b"\0"


@pytest.mark.parametrize("name", ["clip.mp4", "n" * 200])
def test_what_a_crash_left_aside_has_its_name_again_at_the_next_look(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / (os.fsdecode(ASIDE) + name)).write_bytes(FOOTAGE)

    (listed,) = FolderCard(tmp_path).listing()

    assert (listed.path, listed.problem) == (name.encode(), None)
    assert (tmp_path / name).read_bytes() == FOOTAGE


def test_what_a_crash_left_aside_takes_no_name_from_another(tmp_path: Path) -> None:
    (tmp_path / (os.fsdecode(ASIDE) + "clip.mp4")).write_bytes(FOOTAGE)
    (tmp_path / "clip.mp4").write_bytes(b"a newer recording")

    paths = {listed.path for listed in FolderCard(tmp_path).listing()}

    assert paths == {b"clip.mp4", ASIDE + b"clip.mp4"}
    assert (tmp_path / "clip.mp4").read_bytes() == b"a newer recording"


def test_an_expired_proof_erases_nothing(card: ErasableSource) -> None:
    proof, listed = proven(card), card.listing()[0]
    later = SetClock(CLOCK.now())
    later.advance(proof.expires + 1)

    with pytest.raises(EraseForbidden, match="expired"):
        release(card, listed, proof, later)

    assert len(card.listing()) == 1


def test_a_file_that_took_the_name_meanwhile_gets_it_back(tmp_path: Path) -> None:
    card = folder_card(tmp_path, {NAME: FOOTAGE})
    proof, listed, file = proven(card), card.listing()[0], tmp_path / os.fsdecode(NAME)
    file.unlink()
    file.write_bytes(b"another recording")

    with pytest.raises(EraseForbidden, match="another file"):
        card.erase(listed, proof)

    assert file.read_bytes() == b"another recording"
    assert os.listdir(file.parent) == [file.name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write where nobody may")
def test_a_card_that_cannot_be_written_keeps_its_file(tmp_path: Path) -> None:
    card = folder_card(tmp_path, {NAME: FOOTAGE})
    proof, listed = proven(card), card.listing()[0]
    (tmp_path / "DCIM").chmod(0o500)
    try:
        with pytest.raises(CardWriteFailed):
            release(card, listed, proof, CLOCK)
        assert len(card.listing()) == 1
    finally:
        (tmp_path / "DCIM").chmod(0o700)


def test_the_second_read_takes_sm3_where_it_is_asked_to(card: ErasableSource) -> None:
    second = read_again(card, card.listing()[0], CLOCK, watch(), sm3_maker())

    assert second.digests == digests_of(FOOTAGE, sm3_maker())
