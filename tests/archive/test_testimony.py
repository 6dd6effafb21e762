"""Step 12 of ``fsck``: what others said of the log, as the home has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.fixity import nobody
from archive.fixity.testimony import HEAD, STAMPS
from evidence.policy import Policy
from tests.archive.house import House
from tests.archive.test_witnessed import act, witnessed
from tests.faults.lab import Lab, lab


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab(tmp_path) as made:
        yield made


async def told(archive: Lab) -> list[str]:
    """What fsck says; no step but 12 finds anything."""
    found = await archive.fsck()
    assert {int(each.step) for each in found} <= {12}
    return [f"{each.subject}: {each.problem}" for each in found]


async def test_what_is_gone_though_the_vault_has_a_copy_is_missing(archive: Lab) -> None:
    (archive.folder / HEAD).unlink()
    token = min((archive.folder / STAMPS).glob("*.tsr"))
    token.unlink()

    assert [each.rpartition(": ")[2] for each in await told(archive)] == [
        "is missing, though the vault holds a copy",
        "is missing, though the vault holds a copy",
    ]


async def test_a_checkpoint_without_its_token_is_only_named_if_the_vault_knows_it(
    archive: Lab,
) -> None:
    """A kill between the two leaves the first."""
    about = archive.folder / STAMPS / "7-20261128T120000Z-00000000.checkpoint"
    about.write_bytes(b"of a stamp that never came")

    assert await told(archive) == []


async def test_a_token_in_the_place_of_another_is_named(archive: Lab) -> None:
    token = min((archive.folder / STAMPS).glob("*.tsr"))
    size, _, rest = token.name.partition("-")
    for path in (token, token.with_suffix(".checkpoint")):
        path.with_name(f"{int(size) - 1}-{rest}").with_suffix(path.suffix).write_bytes(
            path.read_bytes()
        )

    (problem,) = await told(archive)

    assert "is about another size of the log than its name says" in problem


async def test_a_head_under_another_name_or_cosigned_by_nobody_is_named(archive: Lab) -> None:
    (kept,) = (archive.folder / "witnessed").glob("[0-9]*")
    kept.with_name("3").write_bytes(kept.read_bytes())
    lines = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join(lines[:-1]))

    one, other = sorted(await told(archive))

    assert "is of" in other or "is of" in one
    assert "no witness of the policy cosigned it" in one + other


async def test_settings_that_cannot_be_used_are_named_and_the_rest_is_looked_at(
    archive: Lab,
) -> None:
    broken = replace(archive.what.testimony, problems=["[witnesses] policy: gone"])
    archive = replace(archive, what=replace(archive.what, testimony=broken))

    assert await told(archive) == ["settings: [witnesses] policy: gone"]


async def test_without_a_policy_the_logs_own_signature_is_looked_at(archive: Lab) -> None:
    testimony = archive.what.testimony
    bare = replace(testimony, policy=Policy(logs=tuple(testimony.keys)))
    archive = replace(archive, what=replace(archive.what, testimony=bare))
    assert await told(archive) == []
    head = archive.folder / HEAD
    head.write_bytes(head.read_bytes().replace(b"\n1", b"\n2", 1).replace(b"\n2", b"\n1", 2)[:-70])

    assert len(await told(archive)) == 1


async def test_a_running_home_that_is_witnessed_agrees(house: House, tmp_path: Path) -> None:
    async with witnessed(house, tmp_path / "court") as (there, _), there.opened() as door:
        for _ in range(3):
            await act(door.archive)
            await door.archive.witnesses.ask_all()

            assert await door.archive.examine(nobody) == []
