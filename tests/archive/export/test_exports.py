from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.catalogue import incidents
from archive.catalogue.incidents import Told
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.errors import NotKnown, SetupError
from evidence.manifest import Manifest
from evidence.note import FileSigner
from evidence.package import LARGEST_STATEMENT
from evidence.tiles import TileTree, check_growth
from tests.archive.export.packages import REASON, Package, archived, export, order
from tests.archive.house import START, Footage, Open

EVENTS = [
    Told(
        number=event,
        officer=officer,
        nth=1,
        dispatched=START - timedelta(hours=1),
        cleared=START,
        call_type=None,
        case_id=case,
    )
    for event, officer, case in (
        ("E-1", "4711", "A-7"),
        ("E-1", "0815", "A-7"),
        ("E-2", "0001", "A-8"),
    )
]


async def test_a_package_of_clips_holds_and_proves_them_and_nobody_elses(
    door: Open, tmp_path: Path
) -> None:
    station, key = await door.station(), door.archive.verifier_key
    clip = await archived(station, Footage(data=b"first", path=b"1.MP4"))
    await station.derive(clip)
    other = await archived(station, Footage(data=b"second", path=b"2.MP4"))
    done = await export(door, tmp_path / "out", "clips", clips=[clip])

    package = Package(folder=tmp_path / "out")
    (held,) = package.statement.clips
    assert package.wrong_digests() == []
    assert package.data(str(held.original)) == b"first"
    assert Manifest.from_bytes(package.data(str(held.manifest))).sha256 == Sha256.of(b"first")
    assert package.indexes == [*package.statement.entries, done.entry]
    proven = {index: package.prove(index, key) for index in package.indexes}
    assert proven[held.entry]["digests"] == {"sha256": Sha256.of(b"first").hex}
    assert proven[done.entry]["statement"] == {"sha256": package.statement.digest.hex}
    assert {entry.get("clip") for entry in proven.values()} == {clip, None}
    assert not any(other.encode() in package.data(f"entries/{n}.json") for n in package.indexes)
    assert REASON not in str(proven)


async def test_a_whole_package_holds_the_whole_log(door: Open, tmp_path: Path) -> None:
    station = await door.station()
    for number in range(3):
        await archived(station, Footage(data=b"%d" % number, path=b"%d.MP4" % number))
    done = await export(door, tmp_path / "out")

    package = Package(folder=tmp_path / "out")
    checkpoint = package.checkpoint(door.archive.verifier_key)
    log = package.folder / "data/log"

    def read(path: str) -> bytes | None:
        return (log / path).read_bytes() if (log / path).exists() else None

    check_growth(0, checkpoint.size, checkpoint.root, read)
    assert b'"export"' in TileTree(checkpoint.size, read).entries(0)[done.entry]
    assert package.wrong_digests() == []
    assert len(package.statement.clips) == len(list((package.folder / "data/originals").iterdir()))
    assert package.statement.entries == []


async def test_amid_a_change_of_the_key_nothing_whole_leaves(door: Open, tmp_path: Path) -> None:
    """With neither key a home could go on with that log; a part of it goes on nowhere."""
    clip = await archived(await door.station(), Footage(data=b"first", path=b"1.MP4"))
    key, new = door.archive.verifier_key, str(FileSigner("lab", Ed25519PrivateKey.generate()).key)
    await door.archive.record(EntryKind.LOG_KEY, "owner", old=key, new=new)
    await export(door, tmp_path / "clips", "clips", clips=[clip])

    with pytest.raises(SetupError, match="go on with neither key"):
        await export(door, tmp_path / "all")

    assert not (tmp_path / "all").exists()


async def test_a_zip_holds_the_same_under_its_own_name(door: Open, tmp_path: Path) -> None:
    station = await door.station()
    clip = await archived(station, Footage(data=b"first"))
    await export(door, tmp_path / "out.zip", "clips", clips=[clip])

    with zipfile.ZipFile(tmp_path / "out.zip") as held:
        assert held.testzip() is None
        assert {info.compress_type for info in held.infolist()} == {zipfile.ZIP_STORED}
        held.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    assert folder.name == "out"
    assert Package(folder=folder).wrong_digests() == []


async def test_two_clips_may_share_an_original(door: Open, tmp_path: Path) -> None:
    station = await door.station()
    clips = [
        await archived(station, Footage(data=b"same", path=path)) for path in (b"1.MP4", b"2.AVI")
    ]
    done = await export(door, tmp_path / "out", "clips", clips=clips)

    package = Package(folder=tmp_path / "out")
    (path,) = {held.original for held in package.statement.clips}
    assert (done.clips, done.originals, done.bytes) == (2, 1, 4)
    assert package.data(str(path)) == b"same"


@pytest.mark.parametrize(
    "name",
    [
        b"../../etc/passwd",
        b"a\r\nb.MP4",
        b"x." + b"e" * 40,
        b"\xff\xfe.m\x00p4",
        "\u202e4pm.exe".encode(),
        b"100%.MP4",
        b"name.tar. gz",
    ],
)
async def test_no_name_of_a_camera_is_a_path(door: Open, tmp_path: Path, name: bytes) -> None:
    station = await door.station()
    clip = await archived(station, Footage(data=b"bytes", path=b"DCIM/" + name))
    await export(door, tmp_path / "out", "clips", clips=[clip])

    package = Package(folder=tmp_path / "out")
    (original,) = (package.folder / "data/originals").iterdir()
    assert package.wrong_digests() == []
    assert original.name.partition(".")[0] == Sha256.of(b"bytes").hex
    assert set(original.suffix) <= set(".abcdefghijklmnopqrstuvwxyz0123456789")


async def test_nothing_selected_is_said_and_nothing_is_left(door: Open, tmp_path: Path) -> None:
    await door.station()
    for kind, more in (
        ("all", {}),
        ("clips", {"clips": ["c-none"]}),
        ("incident", {"subject": "none"}),
        ("case", {"subject": "none"}),
    ):
        with pytest.raises(NotKnown):
            await export(door, tmp_path / "out", kind, **more)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


async def test_entries_of_one_clip_may_lie_far_apart(door: Open, tmp_path: Path) -> None:
    station = await door.station()
    clip = await archived(station, Footage(data=b"first"))
    for _ in range(600):
        await door.archive._books.catalogue.run(
            lambda tx: tx.record(EntryKind.CREDENTIALS_READ, "owner")
        )
    await station.derive(clip)
    done = await export(door, tmp_path / "out", "clips", clips=[clip])

    package, key = Package(folder=tmp_path / "out"), door.archive.verifier_key
    (held,) = package.statement.clips
    assert held.renditions[0].entry > 512 > held.entry
    assert {package.prove(index, key)["v"] for index in package.indexes} == {1}
    assert done.entry == package.indexes[-1]


@pytest.mark.parametrize(
    ("kind", "subject", "clips"),
    [("incident", "E-1", 2), ("case", "A-7", 2), ("case", "A-8", 1), ("incident", "E-2", 1)],
)
async def test_an_incident_or_a_case_is_its_clips(
    door: Open, tmp_path: Path, kind: str, subject: str, clips: int
) -> None:
    station = await door.station()
    for number, officer in enumerate(("4711", "0815", "0001", None)):
        name = b"%d" % number
        await archived(station, Footage(data=name, path=name, officer=officer))
    await door.archive._books.catalogue.run(incidents.take, EVENTS, timedelta(minutes=5))
    done = await export(door, tmp_path / "out", kind, subject=subject)

    assert done.clips == clips
    assert Package(folder=tmp_path / "out").statement.selection.subject == subject


@pytest.mark.slow
async def test_what_no_verifier_would_read_is_refused_before_it_is_on_record(
    door: Open, tmp_path: Path
) -> None:
    await archived(await door.station(), Footage(data=b"first"))
    await export(door, tmp_path / "before")

    with pytest.raises(SetupError, match="too large for those who verify"):
        await export(door, tmp_path / "out", subject="x" * LARGEST_STATEMENT)

    log = door.archive._books.log
    kinds = [Entry(log.entry(index)).kind for index in range(log.size)]
    assert kinds.count(EntryKind.EXPORTED) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "before"}


@pytest.mark.parametrize("reason", ["", "  \n"])
async def test_without_a_reason_there_is_no_package(
    door: Open, tmp_path: Path, reason: str
) -> None:
    nameless = replace(order(tmp_path / "out"), reason=reason)

    with pytest.raises(SetupError, match="reason"):
        await door.archive.export(nameless, lambda *_told: None)
