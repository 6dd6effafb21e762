from __future__ import annotations

import errno
import hashlib
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from archive.export.bag import PART, Bag, bag_at, claim
from archive.export.plan import ending_of
from evidence.digest import Sha256
from evidence.errors import (
    DigestMismatch,
    DiskFull,
    EvidenceError,
    HomeBusy,
    SetupError,
    TemporaryError,
)
from tests.archive.export.packages import Package
from tests.crash.mounted import forgetful_disk

MADE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LARGE = 5 * 1024**3 + 17


def never() -> bool:
    return False


def zeros(size: int) -> Iterator[bytes]:
    block = bytes(1 << 20)
    for _ in range(size >> 20):
        yield block
    yield block[: size & ((1 << 20) - 1)]


def fill(bag: Bag) -> None:
    bag.data("a", b"first")
    bag.tag("README.txt", b"read me")
    bag.finish([("Source-Organization", "two\nlines")], MADE)


def _end(out: Path, error: type[BaseException]) -> None:
    with bag_at(out, MADE, never) as bag:
        bag.data("a", b"first")
        raise error("it ended")


def _appears(out: Path) -> None:
    with bag_at(out, MADE, never) as bag:
        out.write_bytes(b"mine")
        fill(bag)


def test_a_bag_is_what_the_standard_says(tmp_path: Path) -> None:
    with bag_at(tmp_path / "out", MADE, never) as bag:
        fill(bag)

    out = tmp_path / "out"
    digest = hashlib.sha256(b"first").hexdigest()
    assert (out / "bagit.txt").read_bytes() == (
        b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    )
    assert (out / "manifest-sha256.txt").read_text() == f"{digest}  data/a\n"
    assert (out / "bag-info.txt").read_text() == (
        "Source-Organization: two lines\nBagging-Date: 2026-11-23\nPayload-Oxum: 5.1\n"
    )
    listed = (out / "tagmanifest-sha256.txt").read_text().split()[1::2]
    assert listed == ["README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt"]


def test_there_is_no_declaration_before_the_end(tmp_path: Path) -> None:
    with bag_at(tmp_path / "out", MADE, never) as bag:
        bag.data("a", b"first")
        part = tmp_path / ("out" + PART)
        assert [path.name for path in part.iterdir()] == ["data"]
        assert not (tmp_path / "out").exists()
        bag.finish([], MADE)
    assert not part.exists()


@pytest.mark.parametrize("name", ["out", "out.zip", "OUT.ZIP"])
@pytest.mark.parametrize("error", [DigestMismatch, KeyboardInterrupt, ValueError])
def test_whatever_ends_it_leaves_nothing(
    tmp_path: Path, name: str, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        _end(tmp_path / name, error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wanted", "size"), [(Sha256.of(b"other"), 5), (Sha256.of(b"first"), 4), (None, 6)]
)
def test_other_bytes_than_wanted_are_refused(
    tmp_path: Path, wanted: Sha256 | None, size: int
) -> None:
    with (
        pytest.raises(DigestMismatch, match="originals/x"),
        bag_at(tmp_path / "out", MADE, never) as bag,
    ):
        bag.stream("originals/x", [b"fir", b"st"], wanted, size)


def test_who_is_told_to_stop_stops_within_a_block(tmp_path: Path) -> None:
    taken: list[int] = []

    def blocks() -> Iterator[bytes]:
        for number in range(10):
            taken.append(number)
            yield b"block"

    with (
        pytest.raises(TemporaryError, match="stopped"),
        bag_at(tmp_path / "out", MADE, lambda: len(taken) > 3) as bag,
    ):
        bag.stream("x", blocks(), None, None)
    assert taken == [0, 1, 2, 3]


def test_what_appears_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    for name in ("out", "out.zip"):
        with pytest.raises(SetupError, match="exists"):
            _appears(tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("A.MP4", ".mp4"),
        ("a", ""),
        ("a.", ""),
        (".bashrc", ".bashrc"),
        ("a.mp4/../b", ""),
        ("a.ｍｐ４", ""),
        ("a.123456789", ""),
        ("a.b\n", ""),
        ("a.\u212a", ".k"),
    ],
)
def test_only_a_plain_ending_is_kept(name: str, ending: str) -> None:
    assert ending_of(name) == ending


@pytest.mark.slow
def test_a_zip_holds_what_is_larger_than_five_gigabytes(tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    with bag_at(out, MADE, never) as bag:
        bag.stream("originals/large", zeros(LARGE), Sha256.of_blocks(zeros(LARGE)), LARGE)
        bag.finish([], MADE)

    with zipfile.ZipFile(out) as held:
        assert held.getinfo("out/data/originals/large").file_size == LARGE
    assert subprocess.run(["unzip", "-tqq", out], check=False).returncode == 0


@pytest.mark.slow
def test_a_zip_holds_more_files_than_an_old_one_could(tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    with bag_at(out, MADE, never) as bag:
        for number in range(70_000):
            bag.data(f"entries/{number}.json", b"{}")
        bag.finish([], MADE)

    with zipfile.ZipFile(out) as held:
        assert len(held.namelist()) == 70_000 + 4


def _make_file(out: Path) -> None:
    out.write_bytes(b"mine")


def _make_link(out: Path) -> None:
    out.symlink_to("nowhere")


def _make_folder(out: Path) -> None:
    out.mkdir()
    (out / "mine").write_bytes(b"mine")


@pytest.mark.parametrize("make", [_make_file, _make_link, _make_folder])
@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_whatever_takes_the_name_at_the_last_moment_keeps_it(
    tmp_path: Path, make: Callable[[Path], None], name: str
) -> None:
    out = tmp_path / name
    seen: list[object] = []

    with pytest.raises(SetupError, match="exists"):
        _taken_at_the_end(out, make, seen)

    assert seen == [_look(out)]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def _taken_at_the_end(out: Path, make: Callable[[Path], None], seen: list[object]) -> None:
    with bag_at(out, MADE, never) as bag:
        make(out)
        seen.append(_look(out))
        fill(bag)


def _look(out: Path) -> object:
    held = out.lstat()
    names = sorted(out.iterdir()) if out.is_dir() else []
    return held.st_ino, held.st_size, held.st_mtime_ns, names


def _no_second_name(_part: Path, _out: Path) -> None:
    """What a memory stick's file system says of hard links."""
    raise OSError(errno.EPERM, "Operation not permitted")


def test_where_a_file_has_but_one_name_nothing_is_written_over_either(tmp_path: Path) -> None:
    part, out = tmp_path / "part", tmp_path / "out.zip"
    part.write_bytes(b"a package")
    claim(part, out, _no_second_name)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [
        ("out.zip", b"a package")
    ]

    part.write_bytes(b"another")
    with pytest.raises(FileExistsError):
        claim(part, out, _no_second_name)
    assert (part.read_bytes(), out.read_bytes()) == (b"another", b"a package")


def _fill_at(out: Path) -> EvidenceError | None:
    """What ends a bag at *out*, if anything does."""
    try:
        with bag_at(out, MADE, never) as bag:
            fill(bag)
    except EvidenceError as error:
        return error
    return None


@pytest.mark.parametrize("name", ["out", "out.zip"])
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_fails_after_the_name_is_given_is_told_so(
    tmp_path: Path, name: str, number: int
) -> None:
    told: list[str] = []
    with forgetful_disk(tmp_path / "disk") as disk:
        for operations in range(80):
            out = disk.folder / str(operations) / name
            out.parent.mkdir()
            disk.tell("record")
            disk.tell("refuse", number, operations)
            error = _fill_at(out)
            disk.tell("allow")
            is_whole = out.exists() and Package(folder=_unpacked(out)).wrong_digests() == []
            assert is_whole == (error is None or "is a whole package" in str(error))
            assert error is None or isinstance(error, DiskFull) == (number == errno.ENOSPC)
            told.append("whole" if is_whole and error else "named" if is_whole else "nothing")
    assert set(told) == {"whole", "named", "nothing"}


def _unpacked(out: Path) -> Path:
    if out.suffix != ".zip":
        return out
    with zipfile.ZipFile(out) as held:
        held.extractall(out.parent / "unpacked")
    return out.parent / "unpacked" / "out"


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_of_several_that_begin_at_once_one_is_made_and_each_other_is_told_why(
    tmp_path: Path, name: str
) -> None:
    """Whoever is late by any step hears that another one writes, or has written."""

    def attempt(out: Path, together: Barrier) -> str:
        together.wait(60)
        try:
            with bag_at(out, MADE, never) as bag:
                fill(bag)
        except (HomeBusy, SetupError) as error:
            return type(error).__name__
        return "made"

    for nth in range(100):
        folder, together = tmp_path / str(nth), Barrier(4)
        folder.mkdir()
        with ThreadPoolExecutor(4) as threads:
            work = [threads.submit(attempt, folder / name, together) for _ in range(4)]
        assert [one.result() for one in work].count("made") == 1
        assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_fails_after_it_had_its_name_takes_nothing_of_the_next(
    tmp_path: Path, name: str
) -> None:
    with ExitStack() as late:
        first = late.enter_context(bag_at(tmp_path / name, MADE, never))
        fill(first)
        (tmp_path / name).rename(tmp_path / "taken away")
        with bag_at(tmp_path / name, MADE, never) as second:
            second.data("b", b"more")
            with pytest.raises(TemporaryError), late:
                raise TemporaryError("it ended late")
            fill(second)

    assert Package(folder=_unpacked(tmp_path / name)).wrong_digests() == []
