"""The cage: every tool that reads a camera's media sees one file, one folder and no network.

bubblewrap unshares all namespaces, drops every capability and closes the door to further user
namespaces.  A child in it sees the system's programs and its own, read-only; the files it may read,
one by one, read-only; and its scratch folder.  It is nobody (uid 65534) in there, and the kernel
refuses it the calls that no media tool makes (``syscalls.py``).

A daemon that runs as root needs two rooms, one in the other: the outer one, built as root, holds
the files and is left as a user of its own (so that limits on processes count), the inner one is
built by that user.  What the cage holds back, and what not, is in ``docs/media-cage.md``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from evidence.errors import TemporaryError
from ingest.rendition.syscalls import descriptor, refusal, unknown

CAGED_UID = 62_404
"""Whom root becomes for a caged child: an id of no account, outside all ranges Debian gives out."""

NOBODY = 65_534
PROCESSES = 128
"""Processes and threads of one child; ffmpeg uses a few for each core."""

_LEAST = (0, 8)
"""bubblewrap from here on knows ``--disable-userns``."""

_TOPS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SYSTEM = ("/etc/alternatives", "/etc/ld.so.cache")
"""What programs of Debian need to find their libraries, beside /usr."""

_WITHOUT = ("--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try")
_DEVICES = ("--dev", "/dev", "--remount-ro", "/dev")
"""The harmless ones; read-only, so that nothing is kept in /dev/shm."""

_UNFILTERED = "the filter of system calls is missing: libseccomp2 is not installed"
_TRIAL_SECONDS = 20


class CageRule(StrEnum):
    """What to do where no cage can be built."""

    REQUIRED = "required"
    """Open no media: renditions wait until there is a cage."""
    WHEN_POSSIBLE = "when-possible"
    """Open media without it, and say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one child gets to see."""

    folder: Path
    """Its scratch folder: the only place it may write, and where it starts."""
    reads: tuple[Path, ...] = ()
    """Files it may read."""
    code: tuple[Path, ...] = ()
    """Files and folders of programs outside /usr."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cage:
    """A cage that was tried and holds."""

    bwrap: str
    version: str
    is_root: bool
    setpriv: str
    prlimit: str
    program: bytes | None
    """What refuses system calls; None where libseccomp is not installed."""
    unknown: tuple[str, ...] = ()
    """Calls that should be refused, and that this libseccomp does not know."""

    @property
    def words(self) -> str:
        """For people and for ``rendition.json``."""
        if self.program is None:
            return f"{self.version}, no filter of system calls"
        gap = f", a filter that does not know {', '.join(self.unknown)}" if self.unknown else ""
        return self.version + gap

    @property
    def warning(self) -> str | None:
        """What people must know all the time: that one of its two layers is missing."""
        return None if self.program is not None else f"media is opened, but {_UNFILTERED}"

    def by_rule(self, rule: CageRule) -> Cage | NoCage:
        """This cage, but one layer alone is none where a cage is required."""
        if self.program is None and rule is CageRule.REQUIRED:
            return NoCage(reason=_UNFILTERED, rule=rule)
        return self

    def check(self, folder: Path) -> None:
        """TemporaryError if nothing runs in it at *folder*: that says nothing about any footage.

        Blocks for some 20 ms; call it from a thread, when a child has failed there.
        """
        nothing = shutil.which("true") or "/bin/true"
        reason = _fails(self, folder, (Path(nothing),), (nothing,))
        if reason is not None:
            raise TemporaryError(
                f"media is not opened, since its cage broke: {reason}",
                advice="It is tried again by itself; `evidock doctor` tries the cage, too.",
            )

    def filter(self) -> int | None:
        """A descriptor for one child to inherit, then to be closed; None where there is no filter.

        It holds the program that refuses system calls.
        """
        return None if self.program is None else descriptor(self.program)

    def around(self, sight: Sight, filtered: int | None) -> tuple[str, ...]:
        """The argv prefix that puts a child, which inherits *filtered*, into the cage.

        *filtered* is what :meth:`filter` gave; *sight* says what the child gets to see.
        As root the scratch folder is given to the caged user; what it may read must be readable
        for others, which files in a private folder may be.
        """
        folder = str(sight.folder.absolute())
        limit = (self.prlimit, f"--nproc={PROCESSES}", "--")
        inner = (
            *(self.bwrap, "--unshare-user", "--disable-userns", "--die-with-parent"),
            *("--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL", *_WITHOUT),
            *(() if filtered is None else ("--seccomp", str(filtered))),
        )
        if not self.is_root:
            # Its first process is bubblewrap's own, which dies with us, whatever the tool does to
            # outlive us; with it the kernel ends all others.
            room = _room(sight, self._code(sight))
            kept = (
                "--remount-ro",
                "/proc",
            )  # how soon the kernel kills it is not the tool's to say
            return (*inner, *room, *kept, "--chdir", folder, "--", *limit)
        os.chown(sight.folder, CAGED_UID, CAGED_UID)
        same = ("--ro-bind", "/", "/", *_DEVICES, "--bind", folder, folder, "--chdir", folder)
        return (
            *self._outer(sight),
            *(self.setpriv, f"--reuid={CAGED_UID}", f"--regid={CAGED_UID}", "--clear-groups"),
            *("--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=KILL", "--"),
            *(*inner, *same, "--", *limit),
        )

    def _outer(self, sight: Sight) -> tuple[str, ...]:
        keep = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")  # to become the caged user, and no more
        return (
            *(self.bwrap, "--die-with-parent", *_WITHOUT, "--cap-drop", "ALL"),
            *(word for each in keep for word in ("--cap-add", each)),
            *("--as-pid-1", *_room(sight, self._code(sight)), "--"),  # it is the inner bubblewrap
        )

    def _code(self, sight: Sight) -> tuple[Path, ...]:
        return (*sight.code, Path(self.bwrap), Path(self.setpriv), Path(self.prlimit))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCage:
    """Why there is none, and whether media may be opened all the same."""

    reason: str
    rule: CageRule

    @property
    def words(self) -> str:
        """For people and for ``rendition.json``."""
        return f"none: {self.reason}"

    @property
    def warning(self) -> str:
        """What people must know all the time."""
        if self.rule is CageRule.REQUIRED:
            return f"media is not opened, since it cannot be caged: {self.reason}"
        return f"media is opened without a cage: {self.reason}"

    def check(self, _folder: Path) -> None:
        """There is none that could have broken."""

    def filter(self) -> None:
        """There is no filter without a cage."""

    def around(self, sight: Sight, _filtered: int | None) -> tuple[str, ...]:
        """Nothing; TemporaryError where a cage is required and *sight* is of media."""
        if self.rule is CageRule.REQUIRED and sight.reads:
            raise TemporaryError(
                f"media is not opened without its cage, and there is none: {self.reason}",
                advice="apt-get install bubblewrap libseccomp2, then ask `evidock doctor`.",
            )
        return ()


def find_cage(
    rule: CageRule, code: tuple[Path, ...] = (), starts: tuple[tuple[str, ...], ...] = ()
) -> Cage | NoCage:
    """The cage of this machine, tried once; or why there is none.

    *starts* are commands of the tools at *code*, such as ``ffmpeg -version``: a cage in which they
    do not run (their libraries lie where it does not look) is none.
    """
    try:
        cage = _tried()
        for each in starts:
            _start_once(cage, code, each)
    except _NotHere as error:
        return NoCage(reason=str(error), rule=rule)
    return cage.by_rule(rule)


class _NotHere(Exception):
    """Why there is no cage; raised, since ``cache`` then tries anew: a busy boot passes."""


@cache
def _tried() -> Cage:
    tools = {name: shutil.which(name) for name in ("bwrap", "setpriv", "prlimit", "true")}
    missing = [name for name, path in tools.items() if path is None]
    if missing:
        raise _NotHere(f"{', '.join(missing)} is not installed")
    version = _said(str(tools["bwrap"]), "--version")
    numbers = re.search(r"(\d+)\.(\d+)", version)
    if numbers is None or tuple(map(int, numbers.groups())) < _LEAST:
        least = ".".join(map(str, _LEAST))
        raise _NotHere(f"{version or 'bwrap'} is older than bubblewrap {least}")
    cage = Cage(
        bwrap=str(tools["bwrap"]),
        version=version,
        is_root=_is_root(),
        setpriv=str(tools["setpriv"]),
        prlimit=str(tools["prlimit"]),
        program=refusal(),
        unknown=unknown(),
    )
    nothing = str(tools["true"])
    _start_once(cage, (Path(nothing),), (nothing,))
    return cage


@cache
def _start_once(cage: Cage, code: tuple[Path, ...], argv: tuple[str, ...]) -> None:
    """Run *argv*, of a program at *code*, in the *cage*; _NotHere if it does not run."""
    with tempfile.TemporaryDirectory(prefix="evidock-cage-") as folder:
        reason = _fails(cage, Path(folder), code, argv)
    if reason is not None:
        raise _NotHere(reason)


def _fails(cage: Cage, folder: Path, code: tuple[Path, ...], argv: tuple[str, ...]) -> str | None:
    """Why *argv*, of a program at *code*, does not run in the *cage* at *folder*; None: it does."""
    handle = cage.filter()
    try:
        done = subprocess.run(
            (*cage.around(Sight(folder=folder, code=code), handle), *argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TRIAL_SECONDS,
            check=False,
            pass_fds=() if handle is None else (handle,),
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"bubblewrap does not run here: {error}"
    finally:
        if handle is not None:
            os.close(handle)
    if done.returncode == 0:
        return None
    last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return f"{Path(argv[0]).name} does not start in bubblewrap here: {last}"


def _is_root() -> bool:
    """Whether we are root who can become others; root of a small container is not."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory(prefix="evidock-cage-") as folder:
        try:
            os.chown(folder, CAGED_UID, CAGED_UID)
        except OSError:
            return False
    return True


def _said(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_TRIAL_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


def _room(sight: Sight, code: Iterable[Path]) -> tuple[str, ...]:
    """The mounts of a room: programs, then what is seen of media, then the scratch folder."""
    folder = str(sight.folder.absolute())
    words = ["--unshare-pid", "--proc", "/proc", *_DEVICES]
    words += ["--ro-bind", "/usr", "/usr"]
    for top in map(Path, (f"/{name}" for name in _TOPS)):
        if top.is_symlink():
            words += ["--symlink", str(top.readlink()), str(top)]
        elif top.is_dir():
            words += ["--ro-bind", str(top), str(top)]
    # bubblewrap builds its room on a folder /tmp, and the inner one is started in the outer room.
    words += ["--dir", "/tmp", "--dir", "/etc"]  # noqa: S108
    for name in _SYSTEM:
        words += ["--ro-bind-try", name, name]
    for path in (*code, *sight.reads):
        if not path.is_relative_to("/usr"):
            words += [*_parents(path), "--ro-bind", str(path.absolute()), str(path.absolute())]
    words += [*_parents(sight.folder), "--bind", folder, folder]
    words += ["--remount-ro", "/"]
    return tuple(words)


def _parents(path: Path) -> list[str]:
    """The folders above *path*, as such that anybody may pass through."""
    above = [each for each in reversed(path.absolute().parents) if each != Path("/")]
    return [word for each in above for word in ("--dir", str(each))]
