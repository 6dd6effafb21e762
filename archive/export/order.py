"""What is asked for, and what was made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from evidence.package import Selection


class Stage(StrEnum):
    """How far an export is."""

    SELECTING = "selecting"
    RECORDING = "recording"
    """The ``export`` entry is on its way into the signed log; nothing has left."""
    WRITING = "writing"
    FINISHING = "finishing"
    """All is written; the disk is waited for."""


Progress = Callable[[Stage, int, int, int, int], None]
"""Hears the stage, the clips done, of how many, and the bytes of originals done, of how many."""


def nobody(_stage: Stage, _clips: int, _of: int, _bytes: int, _of_bytes: int) -> None:
    """Nobody wants to hear how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language of the pages for people."""

    code: str
    """``zh`` or ``en``."""
    acts: Mapping[str, str]
    """Kind of entry -> what was done."""
    classes: Mapping[str, str]
    """Class of a clip -> what that is."""
    came: Mapping[str, str]
    """How a clip was acquired -> how that was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One export."""

    selection: Selection
    reason: str | None
    """Why; needed for everything but the whole archive."""
    out: Path
    """A folder that is not there yet, or a file ``….zip``."""
    by: str = "owner"
    """Id of the person who takes it out; ``owner`` for whoever holds the home."""
    with_renditions: bool = True
    enclosed: Mapping[str, bytes] = field(default_factory=dict)
    """Files for the reader that lie beside ``bagit.txt``: ``README.txt``, ``verify.html``."""
    languages: tuple[Words, ...] = ()
    """Of the timeline; without any there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A package that was made."""

    out: Path
    entry: int
    """Log index of the ``export`` entry."""
    statement: str
    """SHA-256 of its statement."""
    clips: int
    originals: int
    bytes: int
    """Of originals."""
    without: int
    """Clips whose original is not in it."""
    documents: int
    dossiers: int
    """Versions of them."""
    lost: int
    """Documents and versions that the vault has no more."""
    left_out: Mapping[str, str]
    """Path that packages mostly have and this one has not -> why."""
    complete_to: int | None
    """With an officer's day: up to which log index it is shown to be complete."""
    lacking: Mapping[str, str]
    """What the settings ask for and the package has not (``cosignatures``, ``timestamps``) -> why.

    Without cosignatures it is not genuine to whoever has the policy with the quorum.
    """
