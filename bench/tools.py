"""The tools that peers are made of: found, or said what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_PACKAGES: Mapping[str, str] = {
    "cp": "coreutils",
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "go": "golang-go",
    "mcopy": "mtools",
    "mkfs.vfat": "dosfstools",
    "nginx": "nginx-light",
    "rclone": "rclone",
    "rm": "coreutils",
    "sh": "dash",
    "sha256sum": "coreutils",
    "sync": "coreutils",
}
PATH_NAME = "EVIDOCK_BENCH_PATH"
"""The environment variable that says where peers' tools are looked for instead."""
_PATH = os.environ.get(PATH_NAME) or "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
_LONGEST = 3600


class MissingTool(Exception):
    """A peer cannot run here; its text says what to install."""


class ToolFailed(Exception):
    """A peer's tool ended with an error."""


def tool(name: str) -> str:
    """The path of the tool *name*; MissingTool says which Debian package brings it."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        raise MissingTool(
            f"the peer needs {name}, which is not here. As root: apt-get install {_PACKAGES[name]}"
        )
    return found


def run(argv: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str:
    """What *argv* printed; nothing of the caller's environment reaches it but *environment*.

    ToolFailed with the end of what it said if it fails.
    """
    done = subprocess.run(
        [tool(str(argv[0])), *map(str, argv[1:])],
        env={"PATH": _PATH, "HOME": "/nonexistent", "LC_ALL": "C", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST,
    )
    if done.returncode != 0:
        raise ToolFailed(f"{argv[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def version(name: str, *arguments: str) -> str:
    """The first line of what *name* says of its version."""
    return run([name, *(arguments or ("--version",))]).splitlines()[0].strip()
