"""One flipped bit, wherever evidence or its record lies: caught, and laid to where it is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from archive.fixity import Component
from evidence.vault import Bucket
from tests.conftest import Count
from tests.faults.lab import Lab, Undo, flip_cell, flip_file, flipped, lab

Flip = Callable[[Lab, random.Random], Undo | None]

BOUND = {
    Component.CLIP_ROW: {
        "clip": (
            "id state by_entry archived_entry camera path_hex name sha256 size clip_class station"
            " camera_key officer officer_key started begins received bucket key version_id"
            " lock_mode lock_until retain_until retain_rule manifest_sha256 acquisition"
        )
    },
    Component.ENTRY_ROW: {"entry": "seq kind by clip state raw"},
    Component.RENDITION_ROW: {"rendition": "clip by_entry kind segments verdict verdict_entry"},
    Component.DERIVED_ROW: {"derived": "clip name key version_id size sha256"},
    Component.LOOK_ROW: {"look": "clip by_entry"},
    Component.LINK_ROW: {
        "link": "clip incident reason seconds_outside standing points parts by_entry"
    },
    Component.COPY_ROW: {"copy": "clip by_entry bucket key version_id lock_mode lock_until"},
    Component.LEGAL_HOLD_ROW: {"legal_hold": "clip vault version_id by_entry"},
    Component.HOLD_ROW: {"hold": "id clip by_entry authority authority_salt reason reason_salt"},
    Component.JOURNAL_ROW: {"journal": "station number entry"},
    Component.STATION_ROW: {"station": "id public_key journal_through by_entry"},
    Component.PERSON_ROW: {
        "person": "id name name_key name_salt officer officer_salt role by_entry"
    },
    Component.INCIDENT_ROW: {
        "incident": (
            "id by_entry number officer officer_key dispatched cleared call_type case_id salt"
        )
    },
    Component.REASON_ROW: {"view_reason": "entry reason salt"},
}
"""Every column that the log binds."""


def cell_of(component: Component) -> Flip:
    ((table, columns),) = BOUND[component].items()

    def flip(lab: Lab, chance: random.Random) -> Undo | None:
        return flip_cell(lab.database, table, chance.choice(columns.split()), chance)

    return flip


def file_of(*patterns: str) -> Flip:
    def flip(lab: Lab, chance: random.Random) -> Undo:
        return flip_file(chance.choice([f for each in patterns for f in lab.files(each)]), chance)

    return flip


def object_of(bucket: Bucket, prefix: str) -> Flip:
    def flip(lab: Lab, chance: random.Random) -> Undo:
        key, version = chance.choice(lab.vault.objects(bucket, prefix))
        return lab.vault.alter(bucket, key, version, lambda data: flipped(data, chance))

    return flip


PLACES: dict[Component, Flip] = {
    Component.CHECKPOINT: file_of("checkpoint"),
    Component.BUNDLE: file_of("tile/entries/**/*"),
    Component.TILE: file_of("tile/[0-9]/**/*"),
    Component.ORIGINAL: object_of(Bucket.ORIGINALS, ""),
    Component.MANIFEST: object_of(Bucket.RECORDS, "lab/manifests/"),
    Component.DERIVED_OBJECT: object_of(Bucket.DERIVED, ""),
    Component.LOG_COPY: object_of(Bucket.RECORDS, "log/"),
    Component.WITNESSED: file_of("witnessed", "../witnessed/*"),
    Component.TIMESTAMP: file_of("timestamps/*"),
    Component.CENSUS: object_of(Bucket.RECORDS, "lab/census/"),
    Component.EXPORT: object_of(Bucket.RECORDS, "lab/exports/"),
    **{component: cell_of(component) for component in BOUND},
}

MAIN = (
    Component.ORIGINAL,
    Component.MANIFEST,
    Component.CLIP_ROW,
    Component.ENTRY_ROW,
    Component.BUNDLE,
    Component.TILE,
    Component.CHECKPOINT,
)
"""Where evidence and its record lie; beside them stand what is made of it, and copies."""

RIGHT = "caught and rightly named"


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab(tmp_path) as made:
        assert await made.fsck() == []
        yield made


async def struck(archive: Lab, component: Component, times: int, seed: int) -> Counter[str]:
    """Flip so many bits of one component, one after the other: what was said of each."""
    chance, said = random.Random(seed), Counter[str]()
    while said.total() < times:
        undo = PLACES[component](archive, chance)
        if undo is None:
            continue
        found = await archive.fsck()
        undo()
        named = {finding.component for finding in found}
        said[RIGHT if named == {component} else str(found)] += 1
    return said


def told(component: Component, said: Counter[str]) -> str:
    return f"bit flips: {said.total()} in {component.value}, {said[RIGHT]} {RIGHT}"


async def test_a_flipped_bit_is_caught_and_its_place_is_named(archive: Lab, count: Count) -> None:
    for component in PLACES:
        said = await struck(archive, component, 6 if component in MAIN else 2, seed=1)

        count(told(component, said))
        assert set(said) == {RIGHT}
    assert await archive.fsck() == []


@pytest.mark.slow
@pytest.mark.parametrize("component", list(PLACES))
async def test_of_a_thousand_flipped_bits_all_are_caught(
    archive: Lab, component: Component, count: Count
) -> None:
    said = await struck(archive, component, 1000 if component in MAIN else 100, seed=2)

    count(told(component, said))
    assert set(said) == {RIGHT}
