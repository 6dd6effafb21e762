"""Two hundred names that wish the station ill, on cards that stand at the dock of a whole yard."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidence.clip import ClipClass, ClipState
from evidence.digest import Sha256
from evidence.vault.s3 import S3Vault
from station.disk.raw_card import RawCard
from station.journal.records import ItemRow
from tests.conftest import Count
from tests.station.disk.hostile_names import NAMES, NAMES_ON_FAT, exfat_of_names, fat_of_names
from tests.station.disk.test_raw_card import whole
from tests.station.yard import Yard, once

LEAST = 200
_WRITERS = {"os.rename": 2, "os.link": 2, "os.symlink": 2, "os.mkdir": 1, "os.remove": 1}
"""Events of the interpreter, and how many of their first values are paths that they change."""
_CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class StandingCard(RawCard):
    """The card of an image, which stands at the dock as the folder *place*."""

    def __init__(self, image: Path, place: Path) -> None:
        super().__init__(image)
        held = place.stat()
        self._place = f"{held.st_dev:x}-{held.st_ino:x}"

    @property
    def identity(self) -> str:
        """As the dock tells it; a card of another identity would be docked anew for ever."""
        return self._place


@dataclass(slots=True)
class Changed:
    """Paths that this process created, changed or removed while it was watched."""

    paths: set[str] = field(default_factory=set)
    watching: bool = True

    def note(self, event: str, values: tuple[object, ...]) -> None:
        if not self.watching:
            return
        if event == "open":
            path, _mode, flags = values
            if isinstance(flags, int) and flags & _CHANGES:
                self._add(path)
        for path in values[: _WRITERS.get(event, 0)]:
            self._add(path)

    def _add(self, path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            self.paths.add(os.path.abspath(os.fsdecode(path)))


@contextmanager
def watched() -> Iterator[Changed]:
    changed = Changed()
    sys.addaudithook(changed.note)  # it stays for as long as the process lives
    try:
        yield changed
    finally:
        changed.watching = False


def everything(folder: Path, *, but: Path) -> Mapping[Path, tuple[int, int]]:
    """Size and time of change of all below *folder*, apart from *but*."""
    found = {}
    for path in folder.rglob("*"):
        if but != path and but not in path.parents:
            held = path.lstat()
            found[path] = (held.st_size, held.st_mtime_ns)
    return found


@pytest.mark.parametrize("kind", ["exFAT", "FAT"])
def test_a_file_of_any_name_is_read_whole(tmp_path: Path, kind: str) -> None:
    image = tmp_path / "card.img"
    wanted = exfat_of_names(image) if kind == "exFAT" else fat_of_names(image)

    with closing(RawCard(image)) as card:
        read = {each.path: whole(card, each) for each in card.listing() if not each.problem}

    assert len(NAMES) >= LEAST
    assert sorted(read.values()) == sorted(wanted)
    assert not [path for path in read if {b"", b".", b".."} & set(path.split(b"/"))]
    assert not [path for path in read if b"\0" in path or path.count(b"/") != 1]


async def test_hostile_names_are_taken_and_lead_nowhere(
    tmp_path: Path, agency_vault: S3Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _taken(tmp_path, agency_vault, monkeypatch, step=6)


@pytest.mark.slow
async def test_all_hostile_names_are_taken_and_lead_nowhere(
    tmp_path: Path, agency_vault: S3Vault, monkeypatch: pytest.MonkeyPatch, count: Count
) -> None:
    files = await _taken(tmp_path, agency_vault, monkeypatch, step=1)
    count(f"hostile names: {len(NAMES)}, {files} files on two cards, each taken whole, none astray")


async def _taken(
    folder: Path, vault: S3Vault, monkeypatch: pytest.MonkeyPatch, *, step: int
) -> int:
    """Dock two cards with every *step*-th name, and look where what they hold went; the files."""
    images = {"exfat": folder / "exfat.img", "fat": folder / "fat.img"}
    contents = {
        "exfat": exfat_of_names(images["exfat"], NAMES[::step]),
        "fat": fat_of_names(images["fat"], NAMES_ON_FAT[::step]),
    }
    (folder / "here").mkdir()
    monkeypatch.chdir(folder / "here")
    home = folder / "yard" / "home"
    home.mkdir(parents=True)
    yard = Yard(
        home=home,
        vault=vault,
        open_card=lambda place: StandingCard(images[place.name], place),
    )
    for name in images:
        yard.card(name, {})
    before = everything(folder, but=home)

    with watched() as changed:
        items = await once(yard, within=300.0)  # hundreds of files, each read back

    for name, wanted in contents.items():
        _check([item for item in items if item.folder == name.encode()], wanted)
    assert everything(folder, but=home) == before
    outside = {path for path in changed.paths if not Path(path).is_relative_to(home)}
    assert outside <= {os.devnull}
    assert {path.name for path in home.iterdir()} == {"station", "receipts", "archive"}
    return len(items)


def _check(items: Sequence[ItemRow], wanted: Sequence[bytes]) -> None:
    """All that can be read is archived as it is; what cannot is listed, with the reason."""
    done = [item for item in items if item.state is ClipState.ARCHIVED]
    (unread,) = (item for item in items if item not in done)
    assert {item.sha256 for item in done} == {Sha256.of(data) for data in wanted}
    assert len(done) == len(wanted) == len({item.path for item in done})
    assert unread.clip_class is ClipClass.PARTIAL
    assert unread.path.upper() == b"DCIM/BROKEN.MP4"
    assert any(why in (unread.problem or "") for why in ("checksum", "no cluster"))
