"""What cameras are logged in to with: a file of its own, so that it may be private."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from evidence.errors import SetupError
from evidence.secret import read_secret


def read_passwords(file: str) -> Mapping[str, str]:
    """Profile -> password, from lines such as ``amba-control = "000000"``; none if *file* is empty.

    Raises SetupError naming the file, and never what it holds, if others may read it or it is not
    of this form.
    """
    if not file:
        return {}
    setting = "[station] camera_passwords"
    try:
        found = tomllib.loads(read_secret(Path(file), setting, encoding="utf-8"))
    except tomllib.TOMLDecodeError:  # its text is not told: it holds passwords
        raise SetupError(f"{setting} {file} is not TOML") from None
    if not all(isinstance(password, str) for password in found.values()):
        raise SetupError(f"{setting} {file} holds something else than text")
    return found
