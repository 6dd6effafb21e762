"""The log's signing key: whoever holds it can sign a second history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence import durable, key_file, succession
from evidence.errors import SetupError
from evidence.note import FileSigner, VerifierKey

KEY, BEFORE, NEXT = "log.key", "log-before.key", "log-next.key"
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
    before = load_or_make_signer(folder / BEFORE, name)
    return (current,) if before.key == current.key else (current, before)  # one: cut off in switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One key is to follow another."""

    old: FileSigner
    new: FileSigner
    is_begun: bool
    """Whether :func:`switch` was cut off in the middle of it: all that comes before it was done."""


def change(folder: Path, name: str) -> Change:
    """The change from the present key to a new one, made if there is none yet.

    The new one signs nothing before :func:`switch`.  SetupError while the one before the present
    key still signs, or the new key is the present one.
    """
    is_begun = is_switching(folder)
    if (folder / BEFORE).exists() and not is_begun:
        raise SetupError(
            f"{folder / BEFORE} still signs beside its successor",
            advice="Wait until every station follows, then: evidock keys retire --home DIR.",
        )
    old = load_or_make_signer(folder / (BEFORE if is_begun else KEY), name)
    new = load_or_make_signer(folder / NEXT, name)
    if old.key == new.key:
        raise SetupError(
            f"{folder / NEXT} is the present key itself: no key can follow itself",
            advice="Remove it, unless you put it there for a reason; then do it again.",
        )
    return Change(old=old, new=new, is_begun=is_begun)


def coming(folder: Path, name: str) -> VerifierKey | None:
    """The key that is about to follow the present one; None if there is none."""
    there = (folder / NEXT).exists()
    return load_or_make_signer(folder / NEXT, name).key if there else None


def is_switching(folder: Path) -> bool:
    """Whether :func:`switch` was cut off, and has to be done again."""
    return (folder / BEFORE).exists() and (folder / NEXT).exists()


def switch(folder: Path, name: str) -> bytes:
    """Let the successor sign, the present key beside it; the statement both signed.

    Safe to repeat after a crash at any point: nothing is lost, and no key signs alone too early.
    """
    under_way = change(folder, name)
    held, statement = statements(folder), succession.write(under_way.old, under_way.new)
    if not held or held[-1] != statement:
        durable.make_folder(folder / SUCCESSIONS)
        durable.create(folder / SUCCESSIONS / f"{len(held) + 1:06d}", statement)
    if not under_way.is_begun:
        durable.replace(folder / BEFORE, (folder / KEY).read_bytes(), mode=durable.PRIVATE)
    durable.replace(folder / KEY, (folder / NEXT).read_bytes(), mode=durable.PRIVATE)
    durable.discard(folder / NEXT)
    return statement


def must_be_settled(folder: Path) -> None:
    """SetupError in the middle of a switch: it is to be seen through first."""
    if is_switching(folder):
        raise SetupError(
            f"{folder / BEFORE} is needed: a change of the key was cut off",
            advice="See it through first: evidock keys rotate --home DIR.",
        )


def retire(folder: Path) -> None:
    """Let the key before the present one sign no more: it is removed.

    SetupError in the middle of a switch: the key before is the present one still, or its only copy.
    """
    must_be_settled(folder)
    durable.discard(folder / BEFORE)


def known_keys(folder: Path, signing: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """The keys *signing* now, and those that led to the first of them and sign no more.

    What these signed in their time was signed by the log.  LogBroken if a statement does not hold.
    """
    return tuple(dict.fromkeys((*signing, *succession.before(statements(folder), signing[0]))))


def statements(folder: Path) -> Sequence[bytes]:
    """Every statement of succession, the first one first."""
    place = folder / SUCCESSIONS
    found = sorted(place.iterdir()) if place.is_dir() else []
    return [each.read_bytes() for each in found if not each.name.endswith(durable.PART)]
