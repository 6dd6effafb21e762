"""A card whose file system we do not read ourselves, mounted by the kernel, for reading only.

One rule: it is mounted only if the settings say so, and never writable.  The kernel's drivers trust
what they read more than ours do, and a card is a stranger's (docs/usb.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evidence.erase_proof import EraseProof
from evidence.errors import CardGone, CardReadFailed, CardWriteFailed
from ingest.source import Listed
from station.card import FolderCard
from station.disk.medium import Medium
from station.disk.mounting import mounted, nodes_of, why


@dataclass(frozen=True, slots=True)
class _Kind:
    """A file system that the kernel may know, and what gives it away."""

    name: str
    driver: str
    at: int
    magic: bytes
    options: Sequence[str] = ()


_KINDS = (
    _Kind("ext2, ext3 or ext4", "ext4", 1024 + 56, b"\x53\xef", ("noload",)),
    _Kind("NTFS", "ntfs3", 3, b"NTFS    "),
    _Kind("UDF", "udf", 16 * 2048 + 1, b"BEA01"),
)
"""``noload``: a journal is not replayed, which would be a write."""


class MountedCard(FolderCard):
    """The files of the first volume on *disk* that the kernel can mount.

    *life* tells this docking from another of the same card.  Raises CardReadFailed if there is no
    such volume or it cannot be mounted, CardGone if nothing stands there.
    """

    def __init__(self, disk: Path, *, life: str = "") -> None:
        self._life = life
        with ExitStack() as stack:
            root = _mounted(disk, stack)
            super().__init__(Path(), within=root)
            self._mount = stack.pop_all()

    @property
    def identity(self) -> str:
        """As a folder's, and its docking."""
        return f"{super().identity}+{self._life}" if self._life else super().identity

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """Never: CardWriteFailed, having changed nothing."""
        del proof  # however good it is
        raise CardWriteFailed(
            f"{listed.path!r} is not erased: such a card is mounted for reading only",
            advice="Its footage is archived; clear the camera by its own menu, if you must.",
        )

    def close(self) -> None:
        super().close()
        self._mount.close()


def _mounted(disk: Path, stack: ExitStack) -> int:
    """The root folder of the first volume that is mounted, until *stack* ends."""
    reasons = []
    for node, kind in _found(nodes_of(disk)):
        try:
            return stack.enter_context(mounted(node, kind.driver, options=kind.options))
        except OSError as error:
            reasons.append(f"{kind.name} on {node} cannot be mounted: {why(error)}")
            if not node.exists():
                raise CardGone(reasons[-1]) from error
    raise CardReadFailed("; ".join(reasons) or f"{disk} holds no file system that is known")


def _found(nodes: Iterable[Path]) -> Iterator[tuple[Path, _Kind]]:
    for node in nodes:
        medium = Medium(node)
        try:
            for kind in _KINDS:
                if _shows(medium, kind):
                    yield node, kind
        finally:
            medium.close()


def _shows(medium: Medium, kind: _Kind) -> bool:
    try:
        return medium.read(kind.at, len(kind.magic)) == kind.magic
    except CardReadFailed:
        return False
