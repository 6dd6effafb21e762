"""What cameras are logged in to with: a file of its own, so that it may be private."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from evidence.errors import SetupError


def read_passwords(file: str) -> Mapping[str, str]:
    """Profile -> password, from lines such as ``amba-control = "000000"``; none if *file* is empty.

    Raises SetupError naming the file, and never what it holds, if others may read it or it is not
    of this form.
    """
    if not file:
        return {}
    path = Path(file)
    try:
        if path.stat().st_mode & 0o077:
            raise SetupError(
                f"[station] camera_passwords: {path} may be read by others",
                advice=f"chmod 600 {path}",
            )
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"[station] camera_passwords: {path}: {error.strerror}") from error
    except ValueError:  # its text is not told: it holds passwords
        raise SetupError(f"[station] camera_passwords: {path} is not TOML") from None
    if not all(isinstance(password, str) for password in found.values()):
        raise SetupError(f"[station] camera_passwords: {path} holds something else than text")
    return found
