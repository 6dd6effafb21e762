"""Cameras and phones that speak PTP or MTP, over pyusb and a backend that is no kernel."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import cast

import pytest

from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.errors import CameraError, CardGone, CardReadFailed, CardWriteFailed, NothingShown
from ingest.pull import pull
from ingest.release import on_card, read_again
from ingest.source import Listed
from ingest.staging import Staging
from ingest.watch import Watch
from station.ptp.card import PtpCard
from station.ptp.codes import Operation
from station.ptp.datasets import command, nanoseconds
from station.simulator.bus import Bus
from station.usb.still import StillPipe
from tests.evidence.erase_proofs import proof_for
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


def test_a_file_that_is_longer_than_it_says_is_refused_and_others_are_read(
    staging: Staging,
) -> None:
    things = {
        1: Thing(name="a.mp4", data=bytes(900), claimed=700),
        2: Thing(name="b.mp4", data=b"whole"),
    }
    model = MtpModel(things=things, more=())
    watch = Watch(lambda _n: None, SystemClock())
    with closing(card_of(model)) as card:
        longer, other = card.listing()
        with pytest.raises(CardReadFailed, match="sends 900 bytes of a file of 700"):
            pull(card, longer, staging, "a", watch)
        assert pull(card, other, staging, "b", watch).sha256 == Sha256.of(b"whole")
    assert not staging.whole("a").exists()


@pytest.mark.parametrize("ends_marked", [False, True])
def test_a_file_announced_without_its_length_is_read_by_its_size(
    staging: Staging, *, ends_marked: bool
) -> None:
    sizes = [1, 499, 500, 501, 1011, 1012, 1013, 1_048_576, 1_048_564, 2_097_152 + 1012]
    files = {f"{size}.mp4": os.urandom(size) for size in sizes}
    model = MtpModel(things=tree(files), more=(), endless=True, ends_marked=ends_marked)
    with closing(card_of(model)) as card:
        assert digests(card, staging) == {path: Sha256.of(b).hex for path, b in files.items()}
    assert set(model.asked) <= set(Operation)


def test_a_size_that_no_file_has_is_a_problem_of_that_file() -> None:
    things = {1: Thing(name="big.mp4", data=b"12345", claimed=0xFFFFFFFF)}

    def spoil(container: bytes) -> bytes:
        return container.replace(struct.pack("<Q", 5), bytes(7) + b"\x80")

    with closing(card_of(MtpModel(things=things, more=(PROPERTIES,), spoil=spoil))) as card:
        (listed,) = card.listing()
        assert "has 9,223,372,036,854,775,808 bytes" in str(listed.problem)


def test_more_storages_and_objects_than_there_are_end_with_a_reason() -> None:
    with pytest.raises(CardReadFailed, match="shows 4,000 storages"):
        card_of(MtpModel(storages=4_000))
    pipe = StillPipe(Bus().plug(MtpModel(things=tree(FILES), storages=2)), "at USB port 1-1")
    card = PtpCard(pipe, most=10)
    with closing(card), pytest.raises(CardReadFailed, match="more than 10 objects"):
        card.listing()


def test_folders_that_all_list_everything_end_with_a_reason() -> None:
    things = {number: Thing(name=f"{number}") for number in range(1, 41)}
    pipe = StillPipe(Bus().plug(MtpModel(things=things, lists_again=True)), "at USB port 1-1")
    with closing(PtpCard(pipe, most=40)) as card, pytest.raises(CardReadFailed, match="again and"):
        card.listing()
    with closing(card_of(MtpModel(things=tree(FILES), lists_again=True))) as card:
        assert len(card.listing()) == len(FILES)


def test_a_thousand_files_of_one_name_are_each_listed() -> None:
    things = {number: Thing(name="a.mp4", data=b"1") for number in range(1, 1001)}
    with closing(card_of(MtpModel(things=things))) as card:
        paths = {each.path for each in card.listing()}
        assert len(paths) == len(card.listing()) == 1000
        assert {b"a.mp4", b"a.mp4 (2)", b"a.mp4 (1000)"} <= paths


def test_what_a_device_calls_itself_can_be_kept() -> None:
    with closing(card_of(MtpModel(things=tree(FILES), serial="\ud800\n\u202e"))) as card:
        for told in (card.serial, card.identity):
            assert told.encode().decode().isprintable()


def test_a_million_objects_in_a_folder_are_not_taken_in() -> None:
    def spoil(container: bytes) -> bytes:
        kind, code, number = struct.unpack_from("<HHI", container, 4)
        if (kind, code) != (2, 0x1007):
            return container
        count = 1_000_000
        return struct.pack("<IHHII", 16 + 4 * count, 2, code, number, count) + bytes(4 * count)

    card = card_of(MtpModel(things=tree(FILES), spoil=spoil))
    with closing(card), pytest.raises(CardReadFailed, match="of 4,000,004 bytes, where at most"):
        card.listing()


def test_an_object_of_which_nothing_is_told_costs_no_other(staging: Staging) -> None:
    """Its dataset ends early, and a folder is not listed."""
    files = {"DCIM/a.mp4": b"1", "DCIM/b.mp4": b"2", "MISC/c.mp4": b"3"}
    model = MtpModel(things=tree(files))
    numbers = {thing.name: number for number, thing in model.things.items()}
    model.ill = {(0x1008, numbers["b.mp4"]): 0x2001, (0x1007, numbers["MISC"]): 0x200F}
    with closing(card_of(model)) as card:
        listed = {each.path: each for each in card.listing()}
        told = {path: str(each.problem) for path, each in listed.items() if each.problem}
        nameless = b"object-%08x" % numbers["b.mp4"]
        assert set(listed) == {b"DCIM/a.mp4", nameless, b"MISC"}
        assert "nonsense" in told[nameless]
        assert "access denied" in told[b"MISC"]
        watch = Watch(lambda _n: None, SystemClock())
        assert pull(card, listed[b"DCIM/a.mp4"], staging, "a", watch).sha256 == Sha256.of(b"1")


def test_what_a_killed_station_left_under_way_is_thrown_away(staging: Staging) -> None:
    model, bus = MtpModel(things=tree(FILES), more=()), Bus()
    card = card_of(model, bus)
    original = card.open(max(card.listing(), key=lambda each: each.size))
    assert original.read_at(0, 1000)
    bus.claimed.clear()  # as the kernel does for who is killed
    with closing(PtpCard(StillPipe(bus.find(1), "at USB port 1-1"))) as after:
        assert digests(after, staging) == WANTED
    assert model.resets == 1


def test_another_object_under_the_same_handle_is_not_taken_for_it() -> None:
    model = MtpModel(things=tree({"a.mp4": b"12345"}), more=(PARTS, PROPERTIES))
    with closing(card_of(model)) as card:
        (listed,) = card.listing()
        with card.open(listed) as original:
            assert original.stat().fits(listed)
            model.life += 1
            with pytest.raises(CardGone, match="not there any more"):
                original.stat()


def test_what_may_be_said_is_a_closed_list() -> None:
    reading = {0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1007, 0x1008, 0x1009, 0x101B}
    assert {int(each) for each in Operation} == reading | {0x9803, 0x95C1}
    with pytest.raises(ValueError, match="4107"):
        command(cast("Operation", 0x100B), 1, (1,))


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


def spoilt_as_lines_do(chance: random.Random) -> Callable[[bytes], bytes]:
    """Heads are spoilt and transfers cut; no byte of a file is changed."""

    def spoil(container: bytes) -> bytes:
        (kind,) = struct.unpack_from("<H", container, 4)
        if chance.random() > (0.1 if kind == 2 else 0.03):
            return container
        data = bytearray(container)
        if chance.random() < 0.5:
            return bytes(data[: chance.randrange(len(data) + 1)])
        data[chance.randrange(12)] = chance.randrange(256)
        return bytes(data)

    return spoil


@pytest.mark.parametrize("seed", range(40))
def test_a_copy_that_is_whole_is_the_truth_whatever_containers_say(
    staging: Staging, seed: int
) -> None:
    data, spoil = os.urandom(300_000), spoilt_as_lines_do(random.Random(seed))
    model = MtpModel(things=tree({"a.mp4": data}), more=WAYS[seed % 4])
    watch = Watch(lambda _n: None, SystemClock())
    for _ in range(5):
        model.spoil = spoil
        with suppress(CameraError), closing(card_of(model)) as card:
            pull(card, listed_now(card), staging, "c", watch)
        model._told, model.is_open, model.spoil = [], False, bytes
    with closing(card_of(model)) as card:
        copy = pull(card, listed_now(card), staging, "c", watch)
    assert copy.sha256 == Sha256.of(data)


def listed_now(card: PtpCard) -> Listed:
    """The file that is there."""
    (listed,) = (each for each in card.listing() if each.problem is None)
    return listed


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
