"""Files that somebody brings along to judge others by: policies, certificates, receipts.

One rule: they are small, and never taken from within what they are to judge.
"""

from __future__ import annotations

from pathlib import Path

from evidence.errors import SetupError

_LARGEST = 1 << 20


def must_be_outside(path: Path, *brought: Path | None) -> None:
    """SetupError if one lies in *path*: whoever writes a package could write one into it."""
    for each in brought:
        if each is not None and each.resolve().is_relative_to(path.resolve()):
            raise SetupError(
                f"{each} lies in {path}, which it is to judge",
                advice="Take it from a source of your own: published, printed or in escrow.",
            )


def if_named(path: Path | None) -> bytes | None:
    """As :func:`needed`; None where nothing is named."""
    return None if path is None else needed(path)


def needed(path: Path) -> bytes:
    """All of the file; SetupError if it cannot be read, or is too large to be one of these."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise SetupError(f"{path} has more than {_LARGEST} bytes: it is not what was asked for")
    return data
