"""Cameras and phones that speak PTP or MTP, over pyusb and a backend that is no kernel."""

from __future__ import annotations

import os
import random
from contextlib import closing, suppress
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.errors import CameraError, CardGone, CardReadFailed, CardWriteFailed, NothingShown
from ingest.pull import pull
from ingest.release import on_card, read_again
from ingest.staging import Staging
from ingest.watch import Watch
from station.ptp.card import PtpCard
from station.ptp.codes import Operation
from station.ptp.datasets import nanoseconds
from station.usb.still import StillPipe
from tests.evidence.erase_proofs import proof_for
from tests.station.usb.backend import Bus
from tests.station.usb.mtp_model import PARTS, PARTS_64, PROPERTIES, MtpModel, Thing, tree

FILES = {
    "DCIM/100MEDIA/VID_0001.MP4": os.urandom(3_000_000),
    "DCIM/100MEDIA/VID_0002.MP4": os.urandom(500),
    "DCIM/100MEDIA/全部.MP4": os.urandom(512 * 7 - 12),
    "DCIM/empty.bin": b"",
    "GPS/1.nmea": b"$GPRMC",
}
WAYS = [(), (PARTS,), (PARTS_64,), (PARTS, PARTS_64, PROPERTIES)]


def card_of(model: MtpModel, bus: Bus | None = None) -> PtpCard:
    device = (bus or Bus()).plug(model)
    return PtpCard(StillPipe(device, "at USB port 1-1"), life="1")


def digests(card: PtpCard, staging: Staging) -> dict[str, str]:
    held = {}
    for number, listed in enumerate(card.listing()):
        copy = pull(card, listed, staging, f"c-{number}", Watch(lambda _n: None, SystemClock()))
        held[listed.path.decode()] = copy.sha256.hex
    return held


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    folder = tmp_path / "staging"
    folder.mkdir()
    return Staging(folder=folder, reserve=0)


WANTED = {path: Sha256.of(data).hex for path, data in FILES.items()}


@pytest.mark.parametrize("more", WAYS)
@pytest.mark.parametrize("lists_all", [False, True])
@pytest.mark.parametrize("ends_marked", [False, True])
def test_every_file_is_read_whole_and_nothing_is_changed(
    staging: Staging, more: tuple[int, ...], *, lists_all: bool, ends_marked: bool
) -> None:
    model = MtpModel(things=tree(FILES), more=more, lists_all=lists_all, ends_marked=ends_marked)
    with closing(card_of(model)) as card:
        assert digests(card, staging) == WANTED
        listed = card.listing()[0]
        assert listed.mtime_ns == nanoseconds("20260102T030405") > 0
    assert set(model.asked) <= set(Operation)
    assert model.cancelled == 0
    assert not model.is_open


def test_a_session_of_somebody_before_us_is_ended_first() -> None:
    model = MtpModel(things=tree(FILES), is_open=True)
    with closing(card_of(model)) as card:
        assert len(card.listing()) == len(FILES)


def test_a_phone_that_shows_no_storage_says_what_to_do() -> None:
    with pytest.raises(NothingShown, match="no storage") as caught:
        card_of(MtpModel(shows=False))
    assert "Unlock the phone" in caught.value.advice


@pytest.mark.parametrize("more", WAYS)
def test_a_cable_pulled_anywhere_is_gone_on_with(staging: Staging, more: tuple[int, ...]) -> None:
    model, chance = MtpModel(things=tree(FILES), more=more), random.Random(4)
    whole = Bus()
    with closing(card_of(model, whole)) as card:
        card.listing()
        path = max(card.listing(), key=lambda each: each.size).path
        begun = whole.asked
        for listed in card.listing():
            with card.open(listed) as original:
                at = 0
                while block := original.read_at(at, 1 << 20):
                    at += len(block)
    cuts = sorted(chance.sample(range(begun, whole.asked), min(12, whole.asked - begun)))
    watch = Watch(lambda _n: None, SystemClock())
    for number, cut in enumerate(cuts):
        clip, model.is_open = f"cut-{number}", False
        with suppress(CameraError), closing(card_of(model, Bus(pull_after=cut))) as card:
            (listed,) = (each for each in card.listing() if each.path == path)
            pull(card, listed, staging, clip, watch)
        model._told, model.is_open = [], False
        with closing(card_of(model)) as card:
            (listed,) = (each for each in card.listing() if each.path == path)
            copy = pull(card, listed, staging, clip, watch)
        assert copy.sha256.hex == WANTED[path.decode()]


def test_a_whole_file_that_is_given_up_half_way_is_cancelled() -> None:
    model = MtpModel(things=tree(FILES), more=())
    with closing(card_of(model)) as card:
        listed = max(card.listing(), key=lambda each: each.size)
        with card.open(listed) as original:
            assert original.read_at(1000, 10) == FILES[listed.path.decode()][1000:1010]
        assert model.cancelled == 1
        with card.open(listed) as original:
            assert original.read_at(0, 5) == FILES[listed.path.decode()][:5]


@pytest.mark.parametrize("more", [(), (PARTS,)])
@pytest.mark.parametrize("claimed", [10, 5_000_000])
def test_a_file_that_is_not_as_long_as_it_says_is_never_a_shorter_one(
    staging: Staging, more: tuple[int, ...], claimed: int
) -> None:
    model = MtpModel(things={1: Thing(name="a.mp4", data=bytes(9), claimed=claimed)}, more=more)
    with closing(card_of(model)) as card, pytest.raises((CardReadFailed, CardGone)):
        pull(card, card.listing()[0], staging, "c", Watch(lambda _n: None, SystemClock()))
    assert not staging.whole("c").exists()


def test_a_size_of_more_than_32_bits_is_asked_for() -> None:
    things = {1: Thing(name="big.mp4", data=b"12345", claimed=0xFFFFFFFF)}
    with closing(card_of(MtpModel(things=things, more=(PARTS_64, PROPERTIES)))) as card:
        (listed,) = card.listing()
        assert (listed.size, listed.problem) == (5, None)
    with closing(card_of(MtpModel(things=things))) as card:
        (listed,) = card.listing()
        assert "does not say how long" in str(listed.problem)


def test_names_lead_nowhere_and_circles_end() -> None:
    things = {
        1: Thing(name="..", parent=2),
        2: Thing(name="b/c", parent=1),
        3: Thing(name="../../etc/passwd", parent=2, data=b"1"),
        4: Thing(name="", parent=0, data=b"2"),
        5: Thing(name="\ud800.mp4", parent=99, data=b"3"),
        6: Thing(name="same", data=b"4"),
        7: Thing(name="same", data=b"5"),
    }
    with closing(card_of(MtpModel(things=things, lists_all=True))) as card:
        paths = [each.path for each in card.listing()]
    assert len(paths) == len(set(paths)) == 5
    assert not any({b"..", b""} & set(path.split(b"/")) for path in paths)


def test_nothing_is_erased() -> None:
    with closing(card_of(MtpModel(things=tree(FILES)))) as card:
        listed = card.listing()[0]
        second = read_again(card, listed, SystemClock(), Watch(lambda _n: None, SystemClock()))
        with pytest.raises(CardWriteFailed, match="nothing is erased by PTP"):
            card.erase(listed, proof_for(on_card(card, listed), second))


@pytest.mark.parametrize("seed", range(150))
def test_whatever_a_device_answers_is_an_error_or_the_truth(staging: Staging, seed: int) -> None:
    chance = random.Random(seed)

    def spoil(container: bytes) -> bytes:
        if chance.random() > 0.08:
            return container
        data = bytearray(container)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(min(len(data), 60))] = chance.randrange(256)
        return bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.3 else data)

    files = {path: data[:2000] for path, data in FILES.items()}
    model = MtpModel(things=tree(files), more=WAYS[seed % 4], spoil=spoil)
    try:
        card = card_of(model)
    except CameraError:
        return
    with closing(card), suppress(CameraError):
        for listed in card.listing():
            with suppress(CameraError):
                pull(card, listed, staging, f"{seed}", Watch(lambda _n: None, SystemClock()))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("19700101T000001", 1),
        ("19700101T010000.5+0100", 0),
        ("19700101T000000-0030", 1800),
        ("20261332T000000", 0),
        ("99991231T235959-2359", 0),
        ("yesterday", 0),
        ("", 0),
    ],
)
def test_times_that_do_not_exist_are_none(text: str, seconds: int) -> None:
    if text.startswith("9999"):
        assert nanoseconds(text) >= 0
    else:
        assert nanoseconds(text) == seconds * 10**9
