"""fsck works out anew whether dates were made shorter, and clips destroyed, as the law wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from archive.catalogue import stored
from archive.fixity import Component, Finding, Step, nobody
from archive.originals import pack_key
from evidence.custody import EntryKind
from evidence.vault import Bucket
from tests.archive.house import Footage, House, Open
from tests.faults.lab import RottingVault


@pytest.fixture
async def held(house: House) -> AsyncIterator[tuple[Open, str, RottingVault]]:
    """A house with one clip and a law that was published."""
    vault = RottingVault(house.clock)
    async with replace(house.with_(vault=vault), vault=vault).opened() as door:
        clip = (await (await door.station()).archive(Footage(data=b"footage"))).clip
        await door.archive.apply_rules_now()
        yield door, clip, vault


Held = tuple[Open, str, RottingVault]


async def lawful(door: Open) -> list[Finding]:
    found = await door.archive.examine(nobody)
    return [each for each in found if each.step is Step.LAWFUL]


async def test_what_people_may_do_is_no_difference(held: Held) -> None:
    door, clip, _ = held
    later = {"retain_until": "2099-01-01T00:00:00.000Z", "retain_rule": "x/1:y"}
    await door.archive.record(EntryKind.RETAINED, "archive", clip=clip, **later)

    assert await lawful(door) == []


async def test_a_date_that_one_made_shorter_is_named(held: Held) -> None:
    door, clip, _ = held
    sooner = {"retain_until": "2026-12-25T00:00:00.000Z", "retain_rule": "x/1:y"}
    entry = await door.archive.record(EntryKind.RETAINED, "archive", clip=clip, **sooner)

    (found,) = await lawful(door)
    assert (found.component, found.subject) == (Component.DISPOSAL, f"clip {clip}")
    assert found.problem.startswith(f"entry {entry} shortens what was promised until ")


@pytest.mark.parametrize("lost", [True, False])
async def test_a_law_pack_that_is_lost_or_another_is_named(held: Held, lost: bool) -> None:  # noqa: FBT001
    door, _, vault = held
    (row,) = await door.archive._books.catalogue.run(
        stored.of, "entry", "kind", [EntryKind.LAW_PUBLISHED.value]
    )
    key = pack_key("lab", door.archive._rulebook.law.digest.hex)
    ((_, version),) = vault.objects(Bucket.RECORDS, key)
    if lost:
        vault.relock(Bucket.RECORDS, key, version, None)
        vault.delete_version(Bucket.RECORDS, key, version)
    else:
        vault.alter(Bucket.RECORDS, key, version, lambda data: b"#" + data[1:])

    (found,) = await lawful(door)
    assert (found.component, found.subject) == (Component.LAW_PACK, f"entry {row['seq']}")
    problem = "is missing" if lost else "is not the one that it names"
    assert found.problem == f"records/{key} {problem}"
