"""What people carry between machines that share no network: a file, or a QR code on a screen.

One rule: what is carried is text, and stays text; a code is only another way to write it down.
"""

from __future__ import annotations

import sys
from pathlib import Path

import segno

from evidence import durable
from evidence.errors import SetupError

_PICTURES = {".svg": 8, ".png": 8}
"""Pictures that a code is drawn as, by the ending of their name; with the pixels of a module."""
_MOST = 1 << 20


def read(source: Path) -> bytes:
    """The text in the file *source*; ``-`` is stdin, where a hand-held scanner types.

    Line ends of other systems become ours.  SetupError if it cannot be read.
    """
    try:
        if str(source) == "-":
            data = sys.stdin.buffer.read(_MOST)
        else:
            with source.open("rb") as stream:
                data = stream.read(_MOST)
    except OSError as error:
        raise SetupError(f"{source} cannot be read: {error.strerror}") from error
    return data.replace(b"\r\n", b"\n").rstrip(b"\n \t") + b"\n"


def write(data: bytes, target: Path | None) -> None:
    """Write *data* to the file *target*: a picture of a code if it ends so; to stdout without one.

    SetupError if it does not fit into a code, or the file cannot be written.
    """
    if target is None:
        sys.stdout.write(data.decode("utf-8"))
        return
    try:
        scale = _PICTURES.get(target.suffix.lower())
        if scale is None:
            durable.replace(target, data)
        else:
            _code(data).save(str(target), scale=scale, border=4, dark="#000", light="#fff")
    except OSError as error:
        raise SetupError(f"{target} cannot be written: {error.strerror}") from error


def show(data: bytes) -> None:
    """Draw *data* as a code in the terminal; SetupError if it does not fit into one."""
    _code(data).terminal(out=sys.stdout, compact=True)


def _code(data: bytes) -> segno.QRCode:
    try:
        return segno.make_qr(data, error="l", boost_error=False)
    except segno.DataOverflowError as error:
        raise SetupError(
            f"{len(data)} bytes do not fit into a QR code (2953 do)",
            advice="Carry it as a file.",
        ) from error
