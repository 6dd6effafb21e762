"""Whole packages by people who mean harm, before and while a home is made of them."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import DigestMismatch, EvidenceError
from evidence.verification.case import Brought
from evidock.__main__ import main
from evidock.home import Home
from evidock.keys_brought import KeysBrought
from evidock.taking_over import Terms, take_over
from tests.archive.export.packages import archived, export
from tests.archive.house import Footage, House

JUDGED = "checking station signatures"
"""What is told last before the package is found to be good."""
Harm = Callable[[Path], object]


async def _made(folder: Path) -> None:
    async with House.at(folder).opened() as door:
        station = await door.station()
        await archived(station, Footage(data=b"first", path=b"1.MP4"))
        await export(door, folder / "early")
        await archived(station, Footage(data=b"second", path=b"2.MP4"))
        await export(door, folder / "package")
        await export(door, folder / "package.zip")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packages of one archive: ``early``, ``package``, and ``package.zip``; and its key."""
    folder = tmp_path_factory.mktemp("whole")
    asyncio.run(_made(folder))
    return folder


def taken(whole: Path, package: Path, new: Path) -> int:
    key = whole / "archive" / "log.key"
    said = ("--unverified", "--log-key", str(key))
    return main(["rebuild", "--from", str(package), "--into", str(new), *said])


def original(package: Path) -> Path:
    return min(path for path in (package / "data" / "originals").rglob("*") if path.is_file())


def _link(package: Path) -> None:
    """Of the same bytes, so that only its kind is wrong."""
    file = original(package)
    file.rename(package.with_name("outside"))
    file.symlink_to(package.with_name("outside"))


def _linked_folder(package: Path) -> None:
    (package / "data" / "originals").rename(package.with_name("outside"))
    (package / "data" / "originals").symlink_to(package.with_name("outside"))


def _pipe(package: Path) -> None:
    file = original(package)
    file.unlink()
    os.mkfifo(file)


def _not_utf_8(package: Path) -> None:
    Path(os.fsdecode(os.fsencode(package) + b"/data/\xff")).write_bytes(b"x")


def _deep(package: Path) -> None:
    (package / ("d/" * 40)).mkdir(parents=True)


@pytest.mark.parametrize("harm", [_link, _linked_folder, _pipe, _not_utf_8, _deep])
def test_a_folder_that_holds_more_than_plain_files_becomes_no_home(
    whole: Path, tmp_path: Path, harm: Harm, capsys: pytest.CaptureFixture[str]
) -> None:
    package, new = tmp_path / "package", tmp_path / "new"
    shutil.copytree(whole / "package", package)
    harm(package)

    assert taken(whole, package, new) == 31
    assert "refused: " in capsys.readouterr().err
    assert [each.name for each in new.iterdir()] == ["lock"]


def _member(name: str, packing: int = zipfile.ZIP_STORED, kind: int = 0) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.compress_type, member.external_attr = packing, kind << 16
    return member


TRICKS = [
    _member("../evil"),
    _member("package/data/../../../evil"),
    _member("/evil"),
    _member("package\\..\\evil"),
    _member("package/data/bomb", packing=zipfile.ZIP_DEFLATED),
    _member("package/data/link", kind=stat.S_IFLNK | 0o777),
]


@pytest.mark.parametrize("member", TRICKS, ids=lambda member: str(member.filename))
def test_a_zip_file_of_tricks_becomes_no_home(
    whole: Path, tmp_path: Path, member: zipfile.ZipInfo, capsys: pytest.CaptureFixture[str]
) -> None:
    package, new = Path(shutil.copy(whole / "package.zip", tmp_path)), tmp_path / "new"
    with zipfile.ZipFile(package, "a") as archive:
        archive.writestr(member, bytes(1 << 24))

    assert taken(whole, package, new) == 31
    assert "refused: " in capsys.readouterr().err
    assert [each.name for each in new.iterdir()] == ["lock"]
    assert {each.name for each in tmp_path.iterdir()} == {"package.zip", "new"}


@pytest.mark.parametrize("kept", [0, 30, 5000, -30])
def test_a_zip_file_that_is_cut_off_becomes_no_home(
    whole: Path, tmp_path: Path, kept: int, capsys: pytest.CaptureFixture[str]
) -> None:
    package, new = tmp_path / "package.zip", tmp_path / "new"
    package.write_bytes((whole / "package.zip").read_bytes()[:kept])

    assert taken(whole, package, new) == 31
    assert "is no zip file" in capsys.readouterr().err
    assert [each.name for each in new.iterdir()] == ["lock"]


def taken_while(whole: Path, package: Path, harm: Harm, after: str) -> Path:
    """The folder in which a home was to be, where *harm* was done to *package* meanwhile."""
    new = Home(package.with_name("new"))
    harms = [harm]
    key = whole / "archive" / "log.key"
    terms = Terms(
        brought=Brought(policy=None, tsa_ca=None, now=SystemClock().now()),
        unverified=True,
        accept_losses=False,
        keys=KeysBrought(log=key, census=None, successions=()),
        settings=None,
    )

    def told(what: str, _done: int, _of: int) -> None:
        if what == after and harms:
            harms.pop()(package)

    with new.locked():
        try:
            asyncio.run(take_over(package, new, terms, SystemClock(), told))
        finally:
            assert not harms, "it went past without a word"
    return new.folder


def _without_a_clip(package: Path) -> None:
    """The statement of an export before: true, signed for, and short of a clip."""
    shutil.copy(package.with_name("early") / "data" / "statement.json", package / "data")


def _log_from_before(package: Path) -> None:
    _without_a_clip(package)
    shutil.rmtree(package / "data" / "log")
    shutil.copytree(package.with_name("early") / "data" / "log", package / "data" / "log")


def _gone(package: Path) -> None:
    original(package).unlink()


def _no_statement(package: Path) -> None:
    (package / "data" / "statement.json").unlink()


def _no_log(package: Path) -> None:
    shutil.rmtree(package / "data" / "log")


@pytest.mark.parametrize(
    "harm", [_without_a_clip, _log_from_before, _gone, _link, _pipe, _no_statement, _no_log]
)
def test_what_is_changed_after_it_was_judged_is_not_used(
    whole: Path, tmp_path: Path, harm: Harm
) -> None:
    for name in ("package", "early"):
        shutil.copytree(whole / name, tmp_path / name)

    with pytest.raises(EvidenceError) as refused:
        taken_while(whole, tmp_path / "package", harm, JUDGED)

    assert refused.value.exit_code in {31, 40}
    assert Home(tmp_path / "new").is_new


def test_the_statement_must_be_the_one_that_was_judged(whole: Path, tmp_path: Path) -> None:
    for name in ("package", "early"):
        shutil.copytree(whole / name, tmp_path / name)

    with pytest.raises(DigestMismatch, match="another than the one that was judged"):
        taken_while(whole, tmp_path / "package", _without_a_clip, JUDGED)


def test_a_zip_file_written_over_meanwhile_is_not_used(whole: Path, tmp_path: Path) -> None:
    package = Path(shutil.copy(whole / "package.zip", tmp_path))

    def write_over(path: Path) -> None:
        data = path.read_bytes()
        with path.open("r+b") as file:
            file.write(data.replace(b"first", b"other").replace(b"second", b"change"))

    with pytest.raises(DigestMismatch, match="cannot be read: Bad CRC-32"):
        taken_while(whole, package, write_over, "originals")
    assert Home(tmp_path / "new").is_new


def test_what_nobody_harms_becomes_a_home(whole: Path, tmp_path: Path) -> None:
    """The tests above fail for the harm, and for nothing else."""
    package = tmp_path / "package"
    shutil.copytree(whole / "package", package)

    new = taken_while(whole, package, lambda _: None, JUDGED)

    assert not Home(new).is_new
