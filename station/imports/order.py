"""What a person asks to be imported, and what that person says of it.

One rule: who imports and why is said before a byte is read; an order that lacks it is none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from evidence.acquisition import CAMERA_PREFIX
from evidence.errors import SetupError
from evidence.names import last_part
from station.claims import Claims, HandedIn, Told, folder_name
from station.imports.names import ImportNames
from station.imports.place import Place

_LONGEST_NAME, _LONGEST_TEXT = 64, 512
"""Letters."""
SLOTS = b"import/"
"""What the names of imports at the dock begin with; no folder of a dock root has a slash in its."""


def is_import(slot: bytes) -> bool:
    """Whether what stands at the dock as *slot* is an import: nothing of it may be erased."""
    return slot.startswith(SLOTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """Made by :meth:`of` only."""

    paths: tuple[Path, ...]
    """Whole paths without links, none within another."""
    handed_in: HandedIn
    camera: str | None
    as_files: bool
    """Whether images of disks are files like any other, and not looked into."""
    sums: Mapping[bytes, str] = field(default_factory=dict)
    """The giver's own digests, by path (:mod:`station.imports.sums`)."""
    names: ImportNames | None = None
    """What its files' names tell; None: nothing."""

    @classmethod
    def of(
        cls,
        paths: Sequence[str],
        *,
        by: str,
        reason: str,
        source: str | None = None,
        camera: str | None = None,
        as_files: bool = False,
        sums: Mapping[bytes, str] | None = None,
        names: ImportNames | None = None,
        never: Sequence[Path] = (),
    ) -> Self:
        """The order to import *paths*; nothing at, in or around *never* may be imported.

        SetupError naming what is missing, too long, not there, or named twice.
        """
        handed_in = HandedIn(
            by=_said("--by", by, _LONGEST_TEXT),
            reason=_said("--reason", reason, _LONGEST_TEXT),
            source=None if source is None else _said("--from", source, _LONGEST_TEXT),
        )
        name = None if camera is None else _said("--camera", camera, _LONGEST_NAME)
        if name is not None and "/" in name:
            raise SetupError(f"--camera {name!r}: a camera's name holds no slash")
        found = tuple(_there(path) for path in paths)
        _see_apart(found, [each.resolve() for each in never])
        if sums and len(found) > 1:
            raise SetupError(
                "with --sha256sums one PATH is imported, since its paths are counted from there"
            )
        return cls(
            paths=found,
            handed_in=handed_in,
            camera=name,
            as_files=as_files,
            sums=sums or {},
            names=names,
        )

    @property
    def slot(self) -> bytes:
        """Under which name it stands at the dock."""
        return SLOTS + os.fsencode(self.camera or folder_name(os.fsencode(self.paths[0].name)))

    def claims(self, path: bytes) -> Claims:
        """The camera of the file at *path*: what was said, its name where that counts, its folder.

        A start only by the name; no officer.
        """
        named = None if self.names is None else self.names.told(last_part(path))
        recorder = None if named is None else named.recorder
        camera = self.camera or recorder or folder_name(path.partition(b"/")[0])
        told = Told.FOLDER
        if self.camera is not None:
            told = Told.IMPORT
        elif recorder is not None:
            told = Told.NAME
        channel = "" if named is None or named.channel is None else f"/{named.channel}"
        return Claims(
            camera=f"{CAMERA_PREFIX}{camera}{channel}",
            camera_told=told,
            started=None if named is None else named.started,
        )


def _said(option: str, text: str, longest: int) -> str:
    said = text.strip()
    if not 0 < len(said) <= longest or not said.isprintable():
        raise SetupError(
            f"{option} must say something, in at most {longest} letters on one line",
            advice="Say who imports this and why; it stands in the record with every clip.",
        )
    return said


def _there(path: str) -> Path:
    """*path*, whole and with links followed: a person named it, no card did."""
    if not path:
        raise SetupError("an empty name names nothing to import")
    try:
        found = Path(path).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise SetupError(f"{path!r} cannot be imported: {error}") from error
    if not found.name:
        raise SetupError("a whole file system is not imported: name a folder of it")
    return found


def _see_apart(paths: Sequence[Path], never: Sequence[Path]) -> None:
    if not paths:
        raise SetupError("nothing is named to be imported")
    places, ours = [Place.at(path) for path in paths], [Place.at(path) for path in never]
    for place in places:
        for other in filter(place.touches, ours):
            raise SetupError(
                f"{place.path} and {other.path}, where Evidock itself keeps things or cards are"
                " docked, lie within one another"
            )
    for number, place in enumerate(places):
        for other in filter(place.touches, places[:number]):
            raise SetupError(f"{place.path} and {other.path} name the same files twice")
