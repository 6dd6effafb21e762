"""The parts of an import: each a folder, an image of a disk, or files that lie beside one another.

One rule: nothing is written where a part comes from, not even the mending that a docked card gets.
"""

from __future__ import annotations

import os
import stat
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from evidence.erase_proof import EraseProof
from evidence.errors import CardGone, CardReadFailed, CardWriteFailed, SetupError
from ingest.source import Listed
from station.card import Card, FolderCard, card_error, listed_as
from station.disk.medium import Medium
from station.disk.raw_card import RawCard
from station.disk.volume import volumes

_DISC_AT, _DISC_LENGTH = 32769, 5
_DISC_END = _DISC_AT + _DISC_LENGTH
_DISCS = frozenset({b"CD001", b"BEA01"})
"""What stands there on discs: of ISO 9660 (ECMA-119, 8.1.2), and of UDF alone (ECMA-167, 2/9.2)."""


def never_erased(listed: Listed) -> CardWriteFailed:
    """The answer to whoever would erase something that was handed in."""
    return CardWriteFailed(
        f"{listed.path!r} is not erased: it was handed in, and is not ours to clear",
        advice="Give it back as it is; the archive holds a copy.",
    )


class GivenFolder(FolderCard):
    """A folder that was handed in: as any folder card, but nothing is ever written to it.

    With *only*, of what lies in it only the files of these names are seen, and no folder.
    """

    def __init__(self, root: Path, *, only: Collection[bytes] | None = None) -> None:
        super().__init__(root)
        self._only = only
        held = os.fstat(self._root)
        self.serial = f"{held.st_dev:x}-{held.st_ino:x}-{held.st_mtime_ns:x}"
        """Tells a disc from the next one in the same drive: by when its root was written, too."""

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """Never: CardWriteFailed, having changed nothing."""
        del proof  # however good it is
        raise never_erased(listed)

    def _names(self, handle: int) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        return os.scandir(handle)

    def _walk(self) -> Iterator[Listed]:
        if self._only is None:
            yield from super()._walk()
            return
        try:
            with self._folder(b"") as handle, os.scandir(handle) as names:
                found = [each for each in names if os.fsencode(each.name) in self._only]
                yield from [listed_as(os.fsencode(each.name), each) for each in found]
        except OSError as error:
            raise card_error(error, self._root_name) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part, open for reading; its files' paths begin with its name."""

    name: bytes
    card: Card


def parts_of(paths: Sequence[Path], *, as_files: bool) -> list[Part]:
    """Open all *paths*; the caller closes the parts' cards.  Blocks.

    SetupError if a path is nothing that can be imported, or two parts have one name; CardGone or
    CardReadFailed if one cannot be opened.
    """
    folders, images, files = _sorted(paths, as_files=as_files)
    names = Counter([each.name for each in [*folders, *images]] + [each.name for each in files])
    for name, times in names.items():
        if times > 1 or not name:
            raise SetupError(
                f"two of the named places are called {name!r}, and paths in the record begin so",
                advice="Import them one after the other, each with its own --camera.",
            )
    with ExitStack() as opened:
        parts = []
        for path, card in _opened(folders, images, files):
            opened.callback(card.close)
            parts.append(Part(name=os.fsencode(path.name), card=card))
        opened.pop_all()
    return parts


def _opened(
    folders: Sequence[Path], images: Sequence[Path], files: Mapping[Path, Sequence[bytes]]
) -> Iterator[tuple[Path, Card]]:
    for folder in folders:
        yield folder, GivenFolder(folder)
    for image in images:
        yield image, RawCard(image)
    for parent, here in files.items():
        yield parent, GivenFolder(parent, only=frozenset(here))


def _sorted(
    paths: Sequence[Path], *, as_files: bool
) -> tuple[list[Path], list[Path], dict[Path, list[bytes]]]:
    """Folders, images of disks, and files by the folder they lie in."""
    folders, images, files = list[Path](), list[Path](), defaultdict[Path, list[bytes]](list)
    for path in paths:
        try:
            mode = path.lstat().st_mode
        except OSError as error:
            raise CardGone(f"{path} is not there any more: {error.strerror}") from error
        if stat.S_ISDIR(mode):
            folders.append(path)
        elif not stat.S_ISREG(mode):
            raise SetupError(
                f"{path} is neither a file nor a folder",
                advice="Mount a disc or disk for reading only (mount -o ro), and name its folder.",
            )
        elif not as_files and _is_image(path):
            images.append(path)
        else:
            files[path.parent].append(os.fsencode(path.name))
    return folders, images, files


def _is_image(path: Path) -> bool:
    """Whether *path* holds a FAT or exFAT volume; SetupError if it is the image of a disc."""
    try:
        with closing(Medium(path)) as medium:
            is_disc = medium.size >= _DISC_END and medium.read(_DISC_AT, _DISC_LENGTH) in _DISCS
            is_disk = not is_disc and bool(volumes(medium))
    except CardReadFailed:
        return False
    if is_disc:
        raise SetupError(
            f"{path} is the image of a disc (ISO 9660 or UDF), which is not read here",
            advice="Mount it for reading (mount -o ro,loop), and name that folder; or give"
            " --as-files to keep the image itself.",
        )
    return is_disk
