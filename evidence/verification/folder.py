"""A package that lies in a folder.

One rule: no link is followed, wherever it leads, and what is no plain file is not opened.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from evidence.verification.files import DEEPEST, Names, reading


class Folder:
    """The plain files below *root*."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sizes: dict[str, int] = {}
        names = Names()
        self._look(os.fsencode(root), b"", names, 1)
        self.names = frozenset(names.kept)
        self.refused = tuple(names.refused)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def open(self, name: str) -> BinaryIO:
        with reading(name):
            descriptor = os.open(self._root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise OSError("it is no plain file any more")
            return os.fdopen(descriptor, "rb")

    def _look(self, root: bytes, below: bytes, names: Names, depth: int) -> None:
        try:
            found = sorted(os.scandir(os.path.join(root, below)), key=lambda each: each.name)  # noqa: PTH118 - names are bytes
        except OSError as error:
            names.refuse(_text(below), f"the folder cannot be read: {error.strerror}")
            return
        for each in found:
            path = b"/".join((below, each.name)) if below else each.name
            if each.is_dir(follow_symlinks=False):
                if depth >= DEEPEST:
                    names.refuse(_text(path), "folders too deep")
                else:
                    self._look(root, path, names, depth + 1)
            elif not each.is_file(follow_symlinks=False):
                names.refuse(_text(path), "a link, device or pipe, no plain file")
            elif names.take(_text(path)):
                self._sizes[_text(path)] = each.stat(follow_symlinks=False).st_size


def _text(name: bytes) -> str:
    """Bytes that are not UTF-8 become lone surrogates, which no safe name holds."""
    return name.decode("utf-8", "surrogateescape")
