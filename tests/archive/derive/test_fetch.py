from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.derive.fetch import Recorded, fetch, scratch, sweep
from evidence.clock import SetClock
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, DiskFull
from evidence.vault import Bucket
from evidence.vault.memory import MemoryVault
from tests.archive.house import START
from tests.ingest.rendition.somebody import as_somebody

DATA = b"footage" * 1000


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault(SetClock(START))


def stored(vault: MemoryVault, data: bytes = DATA) -> Recorded:
    """*data* in the vault, on record as :data:`DATA`."""
    version = vault.put(Bucket.ORIGINALS, "lab/x", data)
    return Recorded(
        bucket=Bucket.ORIGINALS,
        key="lab/x",
        version_id=version.version_id,
        size=len(DATA),
        sha256=Sha256.of(DATA),
    )


def test_a_folder_that_a_tool_has_closed_does_not_stay_in_scratch() -> None:
    def play() -> str:
        with tempfile.TemporaryDirectory() as place:
            for leave in (scratch, _killed):
                with leave(Path(place, "rooms")) as room:
                    closed = room / "tools" / "closed"
                    (closed / "inner").mkdir(parents=True)
                    closed.chmod(0)
                    closed.parent.chmod(0)
            left = os.listdir(Path(place, "rooms"))
            sweep(Path(place, "rooms"))
            return f"{len(left)} {os.listdir(place)}"

    assert as_somebody(play) == "1 []"


@contextmanager
def _killed(folder: Path) -> Iterator[Path]:
    """Like scratch, of a process that does not come to its end."""
    yield Path(tempfile.mkdtemp(dir=folder))


def test_what_is_on_record_is_brought_whole(vault: MemoryVault, tmp_path: Path) -> None:
    fetch(vault, stored(vault), tmp_path / "x")

    assert (tmp_path / "x").read_bytes() == DATA


@pytest.mark.parametrize("other", [DATA[:-1], DATA + b"x", DATA[:-1] + b"x", b""])
def test_anything_else_is_found_out(vault: MemoryVault, tmp_path: Path, other: bytes) -> None:
    with pytest.raises(DigestMismatch, match="are on record"):
        fetch(vault, stored(vault, other), tmp_path / "x")


def test_a_full_disk_is_said_to_be_one(vault: MemoryVault) -> None:
    with pytest.raises(DiskFull):
        fetch(vault, stored(vault), Path("/dev/full"))


def test_scratch_is_gone_afterwards_even_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    with scratch(folder) as room:
        (room / "x").write_bytes(DATA)
    assert list(folder.iterdir()) == []

    (folder / "left" / "over").mkdir(parents=True)
    sweep(folder)

    assert not folder.exists()
