"""The graph for CASE tools: its structure here, the ontology's own check in the slow tests."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.digest import Sha256
from evidence.package import CASE
from tests.archive.export.packages import Package, archived, export
from tests.archive.house import Footage, Open


async def packed(door: Open, out: Path, kind: str = "clips") -> Package:
    station = await door.station()
    clips = [
        await archived(station, Footage(data=b"same", path=path)) for path in (b'a".MP4', b"2.AVI")
    ]
    await station.derive(clips[0])
    await export(door, out, kind, **({"clips": clips} if kind == "clips" else {}))
    return Package(folder=out)


def nodes(package: Package) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(package.data(CASE))["@graph"]
    return found


def within(value: object) -> Iterator[dict[str, Any]]:
    """Every object in *value*."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from within(each)


@pytest.mark.parametrize("kind", ["clips", "all"])
async def test_every_reference_leads_to_one_node(door: Open, tmp_path: Path, kind: str) -> None:
    package = await packed(door, tmp_path / "out", kind)
    every = list(within(nodes(package)))

    named = [each["@id"] for each in every if len(each) > 1 and "@id" in each]
    assert len(named) == len(set(named))
    assert {each["@id"] for each in every if set(each) == {"@id"}} <= set(named)


async def test_each_entry_is_an_action_with_its_hash(door: Open, tmp_path: Path) -> None:
    package = await packed(door, tmp_path / "out")
    held = nodes(package)

    actions = [each for each in held if each["@type"] == "case-investigation:InvestigativeAction"]
    about = {i for clip in package.statement.clips for i in clip.entries}
    hashes = {
        each["uco-types:hashValue"]["@value"]
        for each in within(held)
        if "uco-types:hashValue" in each
    }
    assert len(actions) == len(about) + 1  # and the export
    assert {Sha256.of(package.data(f"entries/{index}.json")).hex for index in about} <= hashes
    assert Sha256.of(b"same").hex in hashes
    for action in actions:
        assert {"uco-action:performer", "uco-action:object", "uco-action:startTime"} <= set(action)


VALIDATE = "case_validate"


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CASE community's own tool, in a venv of its own."""
    folder = tmp_path_factory.mktemp("case")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    got = subprocess.run(
        [folder / "bin" / "pip", "-q", "install", "case-utils"],
        capture_output=True,
        text=True,
        check=False,
    )
    if got.returncode:
        pytest.fail(f"case-utils cannot be installed here: {got.stderr[-500:]}")
    return folder / "bin" / VALIDATE


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["clips", "all"])
async def test_the_ontology_finds_nothing_wrong(
    door: Open, tmp_path: Path, kind: str, validator: Path
) -> None:
    package = await packed(door, tmp_path / "out", kind)

    graph = package.folder / "data" / CASE
    told = await asyncio.to_thread(
        subprocess.run, [validator, graph], capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout[:3000] + told.stderr[-1000:]
    assert "Conforms: True" in told.stdout
