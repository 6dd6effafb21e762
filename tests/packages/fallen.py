"""Packages of somebody who can forge SHA-256: only what stands beside it gives them away.

They are forged here with the keys of log and stations, since nobody has two files of one SHA-256.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from evidence.canonical import canonical
from tests.packages import gone, misfiled
from tests.packages.house import house
from tests.packages.writing import selected, whole


def anchor_over_other_entries(folder: Path) -> None:
    made = house()
    made.anchor(sha512="00" * 64)
    whole(made, folder)


def anchor_over_itself(folder: Path) -> None:
    made = house()
    made.anchor()
    fields = json.loads(made.entries[-1])
    made.entries[-1] = canonical(fields | {"size": len(made.entries)})
    whole(made, folder)


def history_rewritten_under_an_anchor(folder: Path) -> None:
    """Tiles, receipts and checkpoint agree, as if SHA-256 had fallen; the anchor does not."""
    made = house()
    made.anchor()
    made.entries[5] = made.entries[5].replace(b'"count":1', b'"count":2')
    whole(made, folder)


def original_with_another_sm3(folder: Path) -> None:
    """What SHA-256 says is right: as if it had fallen, and only SM3 told two files apart."""
    _tell_sm3(folder, "digests", "00" * 32)


def manifest_with_another_sm3(folder: Path) -> None:
    _tell_sm3(folder, "manifest", "00" * 32)


def original_with_the_sm3_of_nobody(folder: Path) -> None:
    """The archive's entry holds none, and the station signed one that the file has not."""
    made = house()
    clip = made.clips[3]
    fields = json.loads(made.entries[clip.archived])
    del fields["digests"]["sm3"]
    made.entries[clip.archived] = canonical(fields)
    index = clip.archived - 1  # what the station pulled
    told = json.loads(made.entries[index])
    act = canonical(json.loads(told["act"]) | {"sm3": "00" * 32})
    made.entries[index] = made.signed(made.stations[1], told["n"], act).raw
    selected(made, folder)


def sm3_that_was_taken_later_of_something_else(folder: Path) -> None:
    made = house()
    made.digest_later(made.clips[0], sm3="00" * 32)
    selected(made, folder)


def sha256_that_was_taken_later_of_something_else(folder: Path) -> None:
    made = house()
    made.digest_later(made.clips[0], sha256="00" * 32)
    selected(made, folder)


def unknown_digest(folder: Path) -> Path:
    """No forgery: the archive tells a digest that this version does not know."""
    made = house()
    clip = made.clips[0]
    fields = json.loads(made.entries[clip.archived])
    fields["digests"]["sha9\x1b"] = "00"
    made.entries[clip.archived] = canonical(fields)
    return selected(made, folder)


def _tell_sm3(folder: Path, name: str, sm3: str) -> None:
    """The archive's entry about a clip with SM3 tells another one in its map *name*."""
    made = house()
    clip = made.clips[3]
    fields = json.loads(made.entries[clip.archived])
    fields[name]["sm3"] = sm3
    made.entries[clip.archived] = canonical(fields)
    selected(made, folder)


FORGED: list[tuple[int, Callable[[Path], None]]] = [
    (4, anchor_over_other_entries),
    (4, anchor_over_itself),
    (4, history_rewritten_under_an_anchor),
    (8, original_with_another_sm3),
    (7, manifest_with_another_sm3),
    (8, original_with_the_sm3_of_nobody),
    (8, sm3_that_was_taken_later_of_something_else),
    (8, sha256_that_was_taken_later_of_something_else),
]
QUICK = {original_with_another_sm3.__name__, history_rewritten_under_an_anchor.__name__}
"""What is shown each time where each costs a process or a browser; the others go the same ways."""


def some_slow(names: Iterable[str]) -> list[object]:
    """*names* of forgeries as parameters of a test, those of here but for :data:`QUICK` slow."""
    forged = (*FORGED, *gone.FORGED, *misfiled.FORGED)
    slow = {forge.__name__ for _, forge in forged} - QUICK - gone.QUICK - misfiled.QUICK
    return [pytest.param(each, marks=pytest.mark.slow) if each in slow else each for each in names]
