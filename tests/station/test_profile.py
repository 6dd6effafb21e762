from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from evidence.errors import SetupError
from ingest.source import Listed, Sort
from station.profile import Profile, best, fallback, load_profiles, read_profile
from station.profile.verbs import Spoken, Verb

GAT = b"DCAM_A1234_P0815_20260101_120000_IMP.mp4"
DCIM = b"DCIM/100MEDIA/VID_20260101_120000.MP4"
SHIPPED = Path(__file__).parents[2] / "firmware_profiles"

BUS = 'id = "x"\ntitle = "t"\nverified = "none"\n'
DATED = r"(?P<date>\d{8})(?P<time>\d{6})"
WIRE = "[wire]\nendpoint_out = 0x01\nendpoint_in = 0x81\n"


def listing(*paths: bytes) -> list[Listed]:
    return [Listed(path=path, sort=Sort.FILE) for path in paths]


@pytest.mark.parametrize(
    ("paths", "profile"),
    [
        ([], "generic-dcim"),
        ([DCIM], "generic-dcim"),
        ([GAT], "gat-filename"),
        ([DCIM, DCIM, b"video/" + GAT], "gat-filename"),
        ([DCIM, b"param.ini"], "gat-filename"),
        ([b"DCIM/100GOPRO/GX010533.MP4"], "gopro"),
        ([b"DCIM/100CANON/MVI_0042.MP4"], "dcf-camera"),
        ([b"files/data/1.avi"], "tecsar-storage"),
        ([b"Android/data/a", b"DCIM/Camera/VID_20260101_120000.mp4"], "android-phone"),
        ([b"storage-2/Download/a.pdf"], "android-phone"),
    ],
)
def test_the_best_profile_that_fits_is_used(paths: list[bytes], profile: str) -> None:
    assert best(load_profiles(None), listing(*paths)).id == profile


def test_a_link_does_not_speak_for_a_profile() -> None:
    named = [Listed(path=GAT, sort=Sort.LINK)]

    assert best(load_profiles(None), named).id == "generic-dcim"


def test_a_profile_of_ones_own_replaces_the_shipped_one(tmp_path: Path) -> None:
    own = 'id = "generic-dcim"\ntitle = "ours"\nverified = "log"\n'
    (tmp_path / "ours.toml").write_text(own)

    assert fallback(load_profiles(tmp_path)).title == "ours"


def test_a_profile_of_the_bus_alone_speaks_for_no_card() -> None:
    only_bus = next(each for each in load_profiles(None) if each.id == "amba-control")

    assert best([only_bus, *load_profiles(None)], listing(DCIM)).id == "generic-dcim"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = ", "is not TOML"),
        ('id = "-x"\ntitle = "t"\nverified = "none"', "id"),
        ('id = "x\\n"\ntitle = "t"\nverified = "none"', "id"),
        ('id = "x"\ntitle = "t"', "verified"),
        ('id = "x"\ntitle = "t"\nverified = "surely"', "verified"),
        ('id = "x"\ntitle = "t"\nverified = "none"\nkolour = 1', "kolour"),
        ('id = "x"\ntitle = "t"\nverified = "none"\n[[name]]\npattern = "("', r"name\[0\]"),
        ('id = "x"\ntitle = "t"\nverified = "none"\n[[name]]\npattern = "(?P<who>.)"', "who"),
        ('id = "x"\ntitle = "t"\nverified = "none"\n[match]\npaths = ["["]', "match.paths"),
        (
            (
                'id = "x"\ntitle = "t"\nverified = "none"\n[sidecar]\nname = "a"\n'
                'section = "b"\nencoding = "morse"'
            ),
            "sidecar.encoding",
        ),
        (BUS + "[[verbs.battery]]\nsend = '01'\nanswer = '{percent:u8}'\n", "verbs.* without"),
        (BUS + WIRE + "[[verbs.battery]]\nsend = '01'\nanswer = '02'\n", "percent"),
        (BUS + WIRE + "[[verbs.battery]]\nsend = '0'\npattern = ''\n", r"battery\[0\]"),
        (BUS + WIRE + "[[verbs.login]]\nsend = '{who:u8}'\npattern = ''\n", "nobody gives"),
        (BUS + WIRE + "[[verbs.identify]]\nsend = '{password:u8}'\npattern = ''\n", "password"),
        (BUS + WIRE + "[[verbs.set_clock]]\nsend = '{now:%Y年}'\npattern = ''\n", "not ASCII"),
        (BUS + WIRE + "[verbs]\nidentify = []\n", "identify|length"),
        (BUS + "[wire]\nendpoint_out = 0x81\nendpoint_in = 0x01\n", "direction"),
        (BUS + "[wire]\nendpoint_out = 1\n", "either"),
        (BUS + '[segments]\npattern = "("\n', "segments.pattern is no regular"),
        (BUS + '[segments]\npattern = "(?P<part>.)"\n', "segments.pattern names .'part'"),
        (BUS + '[segments]\npattern = "x"\nevery_seconds = 60\n', "segments.pattern names"),
        (BUS + f"[segments]\npattern = '{DATED}'\nevery_seconds = 60\nfirst = 1\n", "first"),
        (BUS + f"[segments]\npattern = '{DATED}'\nevery_seconds = 1\n", "every_seconds"),
        (BUS + WIRE + "[[verbs.firmware_write]]\nsend = '01'\npattern = ''\n", "no phrase says"),
        (BUS + WIRE + "[[verbs.config_push]]\nsend = '{value:u8}'\npattern = ''\n", "setting"),
        (
            BUS + WIRE + "[[verbs.erase]]\nsend = '01'\npattern = '^OK'\nexample = \"'NO'\"\n",
            "does not fit its own example",
        ),
        (
            BUS + WIRE + "[[verbs.erase]]\nsend = '01'\nanswer = '02'\nexample = '02'\n",
            "its own example",
        ),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)

    with pytest.raises(SetupError, match=f"mine.toml.*{said}"):
        read_profile(file)


def test_a_folder_of_profiles_that_is_not_there_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="profiles"):
        load_profiles(tmp_path / "nothing")


def test_words_that_change_a_camera_are_in_the_vocabulary_and_in_no_shipped_profile(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        BUS
        + WIRE
        + "[[verbs.firmware_write]]\nsend = '01 {offset:u32be} {length:u16be} {data:bytes*4}'\n"
        + "pattern = '^OK'\nexample = \"'OK'\"\n"
    )
    (phrase,) = read_profile(file).verbs[Verb.FIRMWARE_WRITE]

    sent = Spoken.of(phrase).send.put({"offset": 8, "length": 2, "data": b"\xff\x00"})

    assert sent == bytes.fromhex("01 00000008 0002 ff000000")
    changing = {Verb.ERASE, Verb.CONFIG_PUSH, Verb.FIRMWARE_WRITE}
    assert [each.id for each in load_profiles(None) if changing & each.verbs.keys()] == []


def test_the_schema_is_that_of_the_code() -> None:
    written = json.loads((SHIPPED / "schema.json").read_text(encoding="utf-8"))

    assert written == msgspec.json.schema(Profile)


def test_every_profile_is_in_the_readme() -> None:
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")

    assert [each.id for each in load_profiles(None) if f"`{each.id}`" not in readme] == []
