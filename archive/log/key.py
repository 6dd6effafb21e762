"""The log's signing key: whoever holds it can sign a second history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evidence import durable, key_file, succession
from evidence.errors import SetupError
from evidence.note import FileSigner

KEY, BEFORE, _NEXT = "log.key", "log-before.key", "log-next.key"
SUCCESSIONS = "successions"
"""Folder of the statements, numbered from 1."""


def load_or_make_signer(path: Path, name: str) -> FileSigner:
    """The signer *name* whose Ed25519 key lies at *path*; a new key where there is no file yet.

    A new key under an old log is noticed when that log is opened: its checkpoint carries no
    signature of the new key.  SetupError if the file is no such key or others may read it.
    """
    return FileSigner(name, key_file.load_or_make(path))


def signers(folder: Path, name: str) -> tuple[FileSigner, ...]:
    """Who signs the log *name*: the key in the archive's *folder*, and the one before it if kept.

    Errors as :func:`load_or_make_signer`.
    """
    current = load_or_make_signer(folder / KEY, name)
    if not (folder / BEFORE).exists():
        return (current,)
    return (current, load_or_make_signer(folder / BEFORE, name))


def successor(folder: Path, name: str) -> FileSigner:
    """The key that will follow, made if there is none yet; it signs nothing before :func:`switch`.

    SetupError while the one before the current key still signs.
    """
    if (folder / BEFORE).exists():
        raise SetupError(
            f"{folder / BEFORE} still signs beside its successor",
            advice="Wait until every station follows, then: evidock keys retire --home DIR.",
        )
    return load_or_make_signer(folder / _NEXT, name)


def switch(folder: Path, name: str) -> bytes:
    """Let the successor sign, the present key beside it; the statement both signed.

    Safe to repeat after a crash at any point: nothing is lost, and no key signs alone too early.
    """
    old, new = load_or_make_signer(folder / KEY, name), load_or_make_signer(folder / _NEXT, name)
    if old.key == new.key:  # cut off below
        durable.discard(folder / _NEXT)
        return statements(folder)[-1]
    held, statement = statements(folder), succession.write(old, new)
    if not held or held[-1] != statement:
        durable.make_folder(folder / SUCCESSIONS)
        durable.create(folder / SUCCESSIONS / f"{len(held) + 1:06d}", statement)
    before = (folder / KEY).read_bytes()
    durable.replace(folder / BEFORE, before, mode=durable.PRIVATE)
    durable.replace(folder / KEY, (folder / _NEXT).read_bytes(), mode=durable.PRIVATE)
    durable.discard(folder / _NEXT)
    return statement


def retire(folder: Path) -> None:
    """Let the key before the present one sign no more: it is removed."""
    durable.discard(folder / BEFORE)


def statements(folder: Path) -> Sequence[bytes]:
    """Every statement of succession, the first one first."""
    place = folder / SUCCESSIONS
    found = sorted(place.iterdir()) if place.is_dir() else []
    return [each.read_bytes() for each in found if not each.name.endswith(durable.PART)]
