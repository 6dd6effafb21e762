"""The mounted form of :mod:`tests.crash.disk`: a FUSE file system, run as a process of its own.

``python -m tests.crash.mount FOLDER`` serves FOLDER until it is unmounted.  It is spoken to with
``os.setxattr(FOLDER, b"user.power", b"[verb, argument, …]")``; see :class:`Power` for the verbs.

FUSE does not pass on ``syncfs`` (the kernel keeps FUSE_SYNCFS for virtiofs), so whoever calls it
says so: ``sync_begins`` before and ``sync_ended`` after (see :mod:`tests.crash.launch`).
"""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mfusepy import FUSE, FuseOSError, Operations, fuse_get_context

from tests.crash.disk import ATTRIBUTE, PAGE, ROOT, Change, Disk, Model, Operation

SHOWN = "checkpoint"
"""A file of this name may be read by anybody as soon as it has its name."""
_BLOCKS = 4_000_000
"""4 KiB blocks the disk says it has."""
_NOBODY_NAMED = 2**32 - 1
"""chown with this user leaves the user as it is."""


class Power:
    """The switchboard: what a test may ask of the disk."""

    def __init__(self) -> None:
        self.disk = Disk()
        self.log: list[Operation] = []
        self.refusing: tuple[int, int] | None = None
        self._recording = False
        self._base = self.disk
        self._first: list[Operation] | None = None
        self._replayed: dict[Model, tuple[int, Disk]] = {}

    def do(self, *operation: Any) -> None:
        """Let one operation happen, and write it down."""
        self.disk.apply(operation)
        if self._recording:
            self.log.append(operation)

    def eager(self, path: str) -> None:
        """Whatever lies below *path* from now on forgets nothing."""
        self.disk.nodes[self.find(path)].eager = True

    def record(self) -> None:
        """All that is here is durable; from now on every operation is written down."""
        self.disk.sync_all()
        self._base, self.log, self._first = self.disk.copied(), [], None
        self._recording = True
        self._replayed = {}

    def mark(self, text: str) -> None:
        """Something happened beside this disk, in this moment."""
        self.do("mark", text)

    def sync_begins(self, token: str) -> None:
        self.do("sync_begins", token)

    def sync_ended(self, token: str) -> None:
        self.do("sync_ended", token)

    def refuse(self, number: int, operations: int) -> None:
        """Mutating operations fail with this errno once so many more were done."""
        self.refusing = number, len(self.log) + operations

    def allow(self) -> None:
        """Nothing is refused any more."""
        self.refusing = None

    def kill(self, after: int) -> None:
        """Be as if everybody had been killed so early in the first recording; power stays on."""
        self._first = self._first or self.log
        log = self._first[:after]
        self.disk, self.log = self._base.copied(), []
        self._recording, self._replayed = True, {}
        for operation in log:
            self.do(*operation)

    def forget(self, verbs: Sequence[str]) -> None:
        """Take these operations out of the recording, as if the product never made them."""
        self.log = [each for each in self.log if each[0] not in verbs]
        self._replayed = {}

    def cut(self, after: int, model: str, seed: int | None) -> None:
        """Be what a power cut after so many of the recorded operations leaves."""
        self._recording = False
        self.disk = self._at(after, Model(model)).after_power(seed)

    def points(self, model: str, file: str) -> None:
        """Write to *file* where the recording may be cut (:class:`tests.crash.mounted.Points`)."""
        changes, marks, erased, shown, made = [0], {}, [], {}, []
        before = self._at(0, Model(model)).generation
        for after, operation in enumerate(self.log, start=1):
            disk = self._at(after, Model(model))
            if disk.generation != before:
                changes.append(after)
                before = disk.generation
            if operation[0] == "new" and stat.S_ISDIR(operation[2]):
                made.append(after + 3)  # it gets its owner and its times, and then its name
            if operation[0] == "mark":
                marks[after] = operation[1]
            for folder, name, number in operation[1] if operation[0] == "change" else ():
                if number is None and disk.nodes[folder].eager:
                    erased.append(after)
                if number is not None and name == SHOWN:
                    shown[after] = disk.nodes[number].data.decode()
        told = {"operations": len(self.log), "changes": changes, "marks": marks}
        told |= {"erased": erased, "shown": shown, "made": made}
        Path(file).write_text(json.dumps(told), encoding="utf-8")

    def _at(self, after: int, model: Model) -> Disk:
        reached, disk = self._replayed.get(model, (0, None))
        if disk is None or reached > after:
            reached, disk = 0, self._base.copied()
            disk.model = model
        for operation in self.log[reached:after]:
            disk.apply(operation)
        self._replayed[model] = after, disk
        return disk

    def find(self, path: str) -> int:
        number = ROOT
        for name in path.split("/"):
            if name:
                number = self.disk.nodes[number].names.get(name, 0)
                if not number:
                    raise FuseOSError(errno.ENOENT)
        return number

    @property
    def refusal(self) -> int:
        """The errno with which mutating operations fail now; 0 if they do not."""
        if self.refusing and len(self.log) >= self.refusing[1]:
            return self.refusing[0]
        return 0

    def see_allowed(self, number: int) -> None:
        """Raise what is refused now, unless the node is on a card: that is another disk."""
        if self.refusal and not self.disk.nodes[number].eager:
            raise FuseOSError(self.refusal)


class Mounted(Operations):  # type: ignore[misc]  # mfusepy's class has no types
    """The calls of a file system, as operations on nodes."""

    use_ns = True

    def __init__(self, power: Power) -> None:
        self._power = power
        self._next = ROOT
        self._open: dict[int, int] = {}
        self._opened = 0

    # --- looking

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        number = self._number(path, fh)
        node = self._power.disk.nodes[number]
        size = len(node.target.encode() if stat.S_ISLNK(node.mode) else node.data)
        links = 2 if node.is_folder else max(1, self._links(number))
        return {
            "st_mode": node.mode,
            "st_ino": number,
            "st_nlink": links,
            "st_size": size,
            "st_blocks": -(-size // 512),
            "st_mtime": node.mtime_ns,
            "st_ctime": node.mtime_ns,
            "st_atime": node.mtime_ns,
            "st_uid": node.owner,
            "st_gid": node.owner,
        }

    def _links(self, number: int) -> int:
        if number in self._open.values():
            return sum(
                held == number
                for node in self._power.disk.nodes.values()
                for held in node.names.values()
            )
        return 1

    def readdir(self, path: str, fh: int) -> list[tuple[str, dict[str, int], int]]:
        nodes, here = self._power.disk.nodes, self._number(path, fh)
        names = {".": here, "..": here} | nodes[here].names
        return [
            (name, {"st_ino": number, "st_mode": nodes[number].mode}, 0)
            for name, number in names.items()
        ]

    def readlink(self, path: str) -> str:
        return self._power.disk.nodes[self._number(path)].target

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self._power.disk.nodes[self._number(path, fh)].data[offset : offset + size])

    def statfs(self, path: str) -> dict[str, int]:
        free = 0 if self._power.refusal == errno.ENOSPC else _BLOCKS // 2
        return {
            "f_bsize": PAGE,
            "f_frsize": PAGE,
            "f_blocks": _BLOCKS,
            "f_bfree": free,
            "f_bavail": free,
            "f_namemax": 255,
        }

    # --- names

    def mkdir(self, path: str, mode: int) -> int:
        self._make(path, stat.S_IFDIR | mode)
        return 0

    def mknod(self, path: str, mode: int, dev: int) -> int:
        self._make(path, mode)
        return 0

    def symlink(self, target: str, source: str) -> int:
        self._make(target, stat.S_IFLNK | 0o777, source)
        return 0

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        return self._handle(self._make(path, stat.S_IFREG | mode))

    def link(self, target: str, source: str) -> int:
        self._change([(*self._place(target), self._number(source))])
        return 0

    def rename(self, old: str, new: str) -> int:
        number = self._number(old)
        self._change([(*self._place(old), None), (*self._place(new), number)])
        return 0

    def unlink(self, path: str) -> int:
        self._number(path)
        self._change([(*self._place(path), None)])
        return 0

    def rmdir(self, path: str) -> int:
        if self._power.disk.nodes[self._number(path)].names:
            raise FuseOSError(errno.ENOTEMPTY)
        return self.unlink(path)

    # --- contents

    def open(self, path: str, flags: int) -> int:
        number = self._number(path)
        if flags & os.O_TRUNC:
            self._write("truncate", number, 0)
        return self._handle(number)

    def opendir(self, path: str) -> int:
        return self._handle(self._number(path))

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._write("write", self._open[fh], offset, bytes(data))
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self._write("truncate", self._number(path, fh), length)
        return 0

    def fallocate(self, path: str, mode: int, offset: int, size: int, fh: int) -> int:
        if mode not in {0, 1}:  # 1: the size stays
            raise FuseOSError(errno.EOPNOTSUPP)
        number = self._open[fh]
        if mode == 0 and offset + size > len(self._power.disk.nodes[number].data):
            self._write("truncate", number, offset + size)
        return 0

    def chmod(self, path: str, mode: int) -> int:
        return self._describe(path, mode=mode)

    def chown(self, path: str, uid: int, gid: int) -> int:
        if uid != _NOBODY_NAMED:
            self._power.do("own", self._number(path), uid)
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        return self._describe(path, mtime_ns=times[1] if times else time.time_ns())

    def _describe(self, path: str, mode: int | None = None, mtime_ns: int | None = None) -> int:
        number = self._number(path)
        node = self._power.disk.nodes[number]
        kind = stat.S_IFMT(node.mode)
        self._power.do(
            "describe",
            number,
            node.mode if mode is None else kind | stat.S_IMODE(mode),
            node.mtime_ns if mtime_ns is None else mtime_ns,
        )
        return 0

    # --- syncing

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._power.see_allowed(self._open[fh])
        self._power.do("sync_file", self._open[fh])
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._power.see_allowed(self._open[fh])
        self._power.do("sync_folder", self._open[fh])
        return 0

    def flush(self, path: str, fh: int) -> int:
        return 0

    def release(self, path: str, fh: int) -> int:
        self._open.pop(fh, None)
        return 0

    releasedir = release

    # --- the switchboard

    def setxattr(self, path: str, name: str, value: bytes, options: int, position: int = 0) -> int:
        if name != ATTRIBUTE:
            raise FuseOSError(errno.EOPNOTSUPP)
        verb, *arguments = json.loads(value)
        getattr(self._power, verb)(*arguments)
        if verb in {"cut", "kill"}:
            self._next = max(self._power.disk.nodes)
        return 0

    def getxattr(self, path: str, name: str, position: int = 0) -> bytes:
        if name != ATTRIBUTE:
            raise FuseOSError(errno.ENODATA)
        return str(len(self._power.log)).encode()

    # --- inner

    def _number(self, path: str, fh: int | None = None) -> int:
        return self._open[fh] if fh in self._open else self._power.find(path)

    def _place(self, path: str) -> tuple[int, str]:
        folder, _, name = path.rpartition("/")
        return self._power.find(folder), name

    def _handle(self, number: int) -> int:
        self._opened += 1
        self._open[self._opened] = number
        return self._opened

    def _make(self, path: str, mode: int, target: str = "") -> int:
        folder, name = self._place(path)
        self._power.see_allowed(folder)
        self._next += 1
        self._power.do("new", self._next, mode, target, folder)
        self._power.do("own", self._next, fuse_get_context()[0])
        self._power.do("describe", self._next, mode, time.time_ns())
        self._power.do("change", [(folder, name, self._next)])
        return self._next

    def _change(self, changes: list[Change]) -> None:
        self._power.see_allowed(changes[0][0])
        self._power.do("change", changes)

    def _write(self, verb: str, number: int, *arguments: Any) -> None:
        self._power.see_allowed(number)
        self._power.do(verb, number, *arguments)
        node = self._power.disk.nodes[number]
        self._power.disk.describe(number, node.mode, time.time_ns())


def main(folder: str) -> None:
    """Serve until unmounted."""
    FUSE(
        Mounted(Power()),
        folder,
        foreground=True,
        nothreads=True,
        fsname="forgetful",
        use_ino=True,
        hard_remove=True,
        attr_timeout=0,
        entry_timeout=0,
        negative_timeout=0,
        default_permissions=True,
        allow_other=os.getuid() == 0,  # the cage of root's media is another user's
    )


if __name__ == "__main__":
    main(sys.argv[1])
