from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.errors import CardGone, CardReadFailed, CardWriteFailed, SetupError
from evidence.settings import StationSettings
from evidence.vault import OBJECT_MAX
from ingest.source import Listed, Sort
from station.card import ASIDE
from station.claims import Claims, Told
from station.imports.card import ImportedCard
from station.imports.dock import ImportDock
from station.imports.names import ImportNames
from station.imports.order import ImportOrder, is_import
from station.simulator.exfat import make_card


def order(*paths: Path, **more: object) -> ImportOrder:
    said: dict[str, object] = {"by": "Clerk Li", "reason": "case 7"}
    return ImportOrder.of([str(path) for path in paths], **(said | more))  # type: ignore[arg-type]


def listed(card: ImportedCard) -> dict[bytes, Listed]:
    return {each.path: each for each in card.listing()}


def read(card: ImportedCard, path: bytes) -> bytes:
    with card.open(listed(card)[path]) as original:
        return original.read_at(0, 1 << 20)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "CCTV" / "day 1").mkdir(parents=True)
    (folder / "CCTV" / "day 1" / "a.mp4").write_bytes(b"footage a")
    (folder / "CCTV" / "b.mp4").write_bytes(b"footage b")
    (folder / "note.txt").write_bytes(b"from the shop")
    return folder


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": " "},
        {"reason": ""},
        {"reason": "two\nlines"},
        {"by": "x" * 513},
        {"source": "\x1b[2J"},
        {"camera": "a/b"},
        {"camera": "x" * 65},
    ],
)
def test_an_order_says_who_and_why(shop: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(SetupError):
        order(shop / "CCTV", **wrong)


@pytest.mark.parametrize("name", ["", "/", "not there", "\0"])
def test_what_is_not_there_is_no_order(name: str) -> None:
    with pytest.raises(SetupError):
        ImportOrder.of([name], by="x", reason="y")


def test_nothing_is_named_twice_and_our_own_folders_not_at_all(shop: Path) -> None:
    inside = shop / "CCTV" / "b.mp4"
    for paths in ((shop, inside), (inside, shop), (inside, inside)):
        with pytest.raises(SetupError, match="twice"):
            order(*paths)
    for path in (shop, shop / "CCTV", inside):
        with pytest.raises(SetupError, match="keeps things"):
            order(path, never=[shop / "CCTV"])


MOUNTED = """\
import sys
from pathlib import Path
from evidence.errors import SetupError
from station.imports.order import ImportOrder
ours, *paths = sys.argv[1:]
for path in paths:
    try:
        ImportOrder.of([path], by="x", reason="y", never=[Path(ours)])
    except SetupError as error:
        print(error.args[0])
    else:
        print("taken")
"""


def test_our_own_folders_are_known_under_other_names_too(shop: Path, tmp_path: Path) -> None:
    ours, beside, above = shop / "CCTV", tmp_path / "beside", tmp_path / "above"
    beside.mkdir()
    above.mkdir()
    paths = [beside, beside / "day 1", above, above / "CCTV" / "b.mp4", above / "note.txt"]
    script = 'mount --bind "$1" "$2" && mount --bind "$3" "$4" && shift 4 && exec "$@"'
    inside = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"]
    mounts: list[str | Path] = [ours, beside, shop, above]
    asked: list[str | Path] = [sys.executable, "-c", MOUNTED, ours, *paths]

    done = subprocess.run([*inside, *mounts, *asked], capture_output=True, text=True, check=False)

    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    told = ["keeps things" in line for line in done.stdout.splitlines()]
    assert told == [True, True, True, True, False], done.stdout + done.stderr


def test_a_file_is_the_same_whether_it_or_its_folder_is_named(shop: Path) -> None:
    alone = ImportedCard(order(shop / "CCTV" / "b.mp4"))
    whole = ImportedCard(order(shop / "CCTV"))

    assert listed(alone)[b"CCTV/b.mp4"] == listed(whole)[b"CCTV/b.mp4"]
    assert set(listed(alone)) == {b"CCTV/b.mp4"}
    assert set(listed(whole)) == {b"CCTV/b.mp4", b"CCTV/day 1/a.mp4"}
    assert read(whole, b"CCTV/day 1/a.mp4") == b"footage a"
    alone.close()
    whole.close()


def test_files_folders_and_images_stand_beside_one_another(shop: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick.img"
    make_card(stick, shop / "CCTV", serial=7)
    card = ImportedCard(order(shop / "CCTV", shop / "note.txt", stick))

    assert set(listed(card)) == {
        b"CCTV/b.mp4",
        b"CCTV/day 1/a.mp4",
        b"shop/note.txt",
        b"stick.img/b.mp4",
        b"stick.img/day 1/a.mp4",
    }
    assert read(card, b"stick.img/day 1/a.mp4") == b"footage a"
    assert set(card.serial.split("+")) >= {"00000007"}
    card.close()


def test_an_image_may_be_kept_as_a_file(shop: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick.img"
    make_card(stick, shop / "CCTV", serial=7)
    card = ImportedCard(order(stick, as_files=True))

    (found,) = card.listing()
    assert (found.path.rpartition(b"/")[2], found.size) == (b"stick.img", stick.stat().st_size)
    card.close()


def test_the_image_of_a_disc_is_for_a_person_to_mount(tmp_path: Path) -> None:
    disc = tmp_path / "disc.iso"
    disc.write_bytes(bytes(32769) + b"CD001" + bytes(2048))

    with pytest.raises(SetupError, match="ISO 9660") as refused:
        ImportedCard(order(disc))

    assert "mount" in refused.value.advice


def test_two_places_of_one_name_are_imported_one_by_one(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place / "DCIM").mkdir(parents=True)

    with pytest.raises(SetupError, match="DCIM"):
        ImportedCard(order(tmp_path / "one" / "DCIM", tmp_path / "two" / "DCIM"))


def test_a_pipe_named_outright_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(SetupError, match="neither"):
        ImportedCard(order(tmp_path / "pipe"))


def test_nothing_is_mended_or_erased_where_footage_was_handed_in(shop: Path) -> None:
    aside = shop / "CCTV" / os.fsdecode(ASIDE + b"x.mp4")
    aside.write_bytes(b"the giver's own name")
    card = ImportedCard(order(shop / "CCTV"))
    found = listed(card)

    with pytest.raises(CardWriteFailed, match="not ours to clear"):
        card.erase(found[b"CCTV/b.mp4"], object())  # type: ignore[arg-type]

    assert b"CCTV/" + ASIDE + b"x.mp4" in found
    assert sorted(os.listdir(shop / "CCTV")) == [aside.name, "b.mp4", "day 1"]
    card.close()


def test_what_no_vault_can_hold_is_listed_with_its_reason_and_not_read(shop: Path) -> None:
    large = shop / "CCTV" / "large.avi"
    large.touch()
    os.truncate(large, OBJECT_MAX + 1)
    os.truncate(shop / "CCTV" / "b.mp4", OBJECT_MAX)
    card = ImportedCard(order(shop / "CCTV"))

    found = listed(card)

    assert "5,497,558,138,880" in str(found[b"CCTV/large.avi"].problem)
    assert found[b"CCTV/b.mp4"].problem is None
    card.close()


def test_a_folder_that_another_took_the_place_of_is_gone(shop: Path) -> None:
    dock, wanted = ImportDock(), order(shop / "CCTV")
    dock.begin(wanted)
    (shop / "CCTV").rename(shop / "kept")
    with pytest.raises(CardGone):
        dock.open(wanted.slot)
    (shop / "CCTV").mkdir()
    with pytest.raises(CardGone, match="something else"):
        dock.open(wanted.slot)
    (shop / "CCTV").rmdir()
    os.mkfifo(shop / "CCTV")
    with pytest.raises(CardReadFailed):
        dock.open(wanted.slot)


def test_one_name_at_the_dock_is_one_import(shop: Path) -> None:
    dock, wanted = ImportDock(), order(shop / "CCTV")
    begun = dock.begin(wanted)
    assert dock.begin(wanted) == begun

    with pytest.raises(SetupError, match="under way"):
        dock.begin(order(shop / "CCTV", reason="another"))

    assert list(dock.cards()) == [wanted.slot]
    assert is_import(wanted.slot)
    dock.end(replace(begun, identity="another"))
    assert list(dock.cards()) == [wanted.slot]
    dock.end(begun)
    dock.end(begun)
    assert not dock.cards()


def test_of_two_that_come_at_once_under_one_name_one_stands(shop: Path) -> None:
    orders = [order(shop / "CCTV", reason=reason) for reason in ("one", "two")]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(200):
            dock = ImportDock()
            begun = [threads.submit(dock.begin, each) for each in orders]

            assert sorted(each.exception() is None for each in begun) == [False, True]


def test_names_claim_nothing(shop: Path) -> None:
    """A name that a camera's grammar would read tells of whoever gave the file its name."""
    named = shop / "CCTV" / "DSJ-123_004711_20261120101500.mp4"
    named.write_bytes(b"x")
    for camera, told in ((None, "import/CCTV"), ("Lobby", "import/Lobby")):
        card = ImportedCard(order(shop / "CCTV", camera=camera))
        reader = card.reader((), b"import/x", fallback=None)  # type: ignore[arg-type]
        found = Listed(path=b"CCTV/" + os.fsencode(named.name), sort=Sort.FILE)
        claims = reader.claims(found)
        assert (claims.camera, claims.officer, claims.started) == (told, None, None)
        assert reader.camera([claims]) is None, "nobody can be given it to wear"
        card.close()


NVR = b"NVR01_D03_20261123160000_20261123163000.mp4"


def names(**settings: object) -> ImportNames:
    chosen = StationSettings(camera_utc_offset_minutes=480, **settings)  # type: ignore[arg-type]
    return ImportNames.of("fixed-recorder", chosen)


def test_recorder_channel_and_begin_are_read_where_the_order_says_how(shop: Path) -> None:
    (shop / NVR.decode()).write_bytes(b"film")
    plain, read_so = order(shop), order(shop, names=names())
    card = ImportedCard(read_so)
    path = b"shop/" + NVR

    told = card.reader((), b"", fallback=read_so.names.profile).claims(listed(card)[path])  # type: ignore[union-attr]
    assert (told.camera, told.camera_told) == ("import/NVR01/D03", Told.NAME)
    assert told.started == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert plain.claims(path) == Claims(camera="import/shop", camera_told=Told.FOLDER)
    assert card.identity != ImportedCard(plain).identity


@pytest.mark.parametrize(
    ("name", "camera", "hours"),
    [
        (b"note.txt", "import/shop", []),
        (b"NVR01_D03_20261399160000_20261123163000.mp4", "import/NVR01/D03", []),
        (b"x-NVR01_D03_20261123160000_20261123163000.mp4", "import/x-NVR01/D03", [8]),
        (b"NVR 1_D03_20261123160000_20261123163000.mp4", "import/shop", []),
    ],
)
def test_a_name_that_is_not_so_claims_nothing(
    shop: Path, name: bytes, camera: str, hours: list[int]
) -> None:
    told = order(shop, names=names()).claims(b"shop/" + name)

    assert (told.camera, [each.hour for each in [told.started] if each]) == (camera, hours)
    assert order(shop, names=names(), camera="B1").claims(NVR).camera == "import/B1/D03"


@pytest.mark.parametrize("profile", ["gat-filename", "generic-dcim", "import", "x"])
def test_a_profile_that_tells_no_channel_is_none_for_imports(profile: str) -> None:
    with pytest.raises(SetupError, match="channel") as told:
        ImportNames.of(profile, StationSettings())
    assert "fixed-recorder" in told.value.advice
