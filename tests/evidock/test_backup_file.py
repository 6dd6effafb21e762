"""A backup that is not what was written is never taken out."""

from __future__ import annotations

import io
import stat
import tarfile
from pathlib import Path

import msgspec
import pytest

from evidence.digest import Sha256
from evidence.errors import DigestMismatch, EvidenceError, SetupError
from evidock.backup_file import FORMAT, LIST, BackupFile, Contents, Part, write

HELD = {
    "archive/catalogue.sqlite": b"rows" * 300,
    "archive/log.key": b"secret",
    "evidock.toml": b"",
}


def contents(held: dict[str, bytes]) -> Contents:
    parts = {name: Part(sha256=Sha256.of(data).hex, size=len(data)) for name, data in held.items()}
    return Contents(
        format=FORMAT,
        made="2026-11-28T00:00:00.000Z",
        version="0",
        agency="lab",
        origin="evidock.example/lab",
        size=3,
        keys=True,
        elsewhere=[],
        parts=parts,
    )


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    places = {name: tmp_path / str(number) for number, name in enumerate(HELD)}
    for name, place in places.items():
        place.write_bytes(HELD[name])
    write(tmp_path / "home.backup", contents(HELD), places)
    return tmp_path / "home.backup"


def taken_out(backup: Path, into: Path) -> dict[str, bytes]:
    """What a restore would get."""
    BackupFile(backup).verified()
    BackupFile(backup).take_out({name: into / name for name in HELD})
    return {name: (into / name).read_bytes() for name in HELD}


def test_it_comes_back_as_it_went_for_its_owner_alone(backup: Path, tmp_path: Path) -> None:
    assert taken_out(backup, tmp_path / "out") == HELD
    for file in (backup, tmp_path / "out" / "archive" / "log.key"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_flipped_bit_anywhere_is_found_or_changes_nothing(backup: Path, tmp_path: Path) -> None:
    whole = bytearray(backup.read_bytes())
    for at in range(0, len(whole), 37):
        whole[at] ^= 1 << at % 8
        backup.write_bytes(whole)
        try:
            held = taken_out(backup, tmp_path / f"out{at}")
        except EvidenceError:
            held = HELD
        whole[at] ^= 1 << at % 8
        assert held == HELD, at


def test_a_backup_that_ends_early_is_not_taken(backup: Path) -> None:
    whole = backup.read_bytes()
    for length in range(0, len(whole) - 10240, 256):
        backup.write_bytes(whole[:length])
        with pytest.raises(EvidenceError):
            BackupFile(backup).verified()


@pytest.mark.parametrize(
    "name", ["../out", "/etc/passwd", "a/../../b", "", ".", "a//b", "a/", "名", "a\n"]
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    forge(tmp_path / "forged", {name: b"x"})

    with pytest.raises(DigestMismatch, match=r"no name of a part|not on its list"):
        BackupFile(tmp_path / "forged").verified()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, b"3"])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    forge(tmp_path / "forged", {"evidock.toml": b""}, kind)

    with pytest.raises(DigestMismatch, match="not on its list"):
        BackupFile(tmp_path / "forged").verified()


def test_another_tar_and_no_tar_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other", "w") as tar:
        tar.addfile(tarfile.TarInfo("README"))
    (tmp_path / "text").write_text("no tar")
    for name, error in (("other", DigestMismatch), ("text", DigestMismatch), ("none", SetupError)):
        with pytest.raises(error):
            BackupFile(tmp_path / name).verified()


def test_nothing_is_overwritten(backup: Path) -> None:
    before = backup.read_bytes()

    with pytest.raises(SetupError, match="exists"):
        write(backup, contents({}), {})

    assert backup.read_bytes() == before


@pytest.mark.parametrize("is_now", [b"sEcret", b"secre", b"secrets", b""])
def test_what_changed_since_it_was_listed_makes_no_backup(tmp_path: Path, is_now: bytes) -> None:
    (tmp_path / "key").write_bytes(is_now)

    with pytest.raises(EvidenceError):
        write(
            tmp_path / "b",
            contents({"archive/log.key": b"secret"}),
            {"archive/log.key": tmp_path / "key"},
        )

    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def forge(file: Path, held: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> None:
    """A tar that says what it likes."""
    listed = msgspec.json.encode(contents(held))
    with tarfile.open(file, "w") as tar:
        for name, data in {LIST: listed, **held}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            if name != LIST:
                member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member, io.BytesIO(data))
