"""Who proposes or approves at the command line signs in; a home's owner has no second voice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalogue import stored
from evidence.errors import Refused, TemporaryError
from evidence.rights import Role
from evidock.__main__ import main
from evidock.commands import retention
from evidock.control import Operation
from evidock.home import Home
from evidock.retention_acts import APPROVE, IMPACT, PROPOSE, WITHDRAW, agreeing_operations
from tests.archive.house import PASSWORD, Footage, House, Open

WHY = "the law asks for no more"


def under(house: House, law: str) -> House:
    settings = house.parts.settings
    archive = replace(settings.archive, law_pack=law)
    return house.with_(settings=replace(settings, archive=archive))


async def kept_for_ever(house: House) -> str:
    async with under(house, "cn-2016").opened() as door:
        return (await (await door.station()).archive(Footage(data=b"footage"))).clip


async def asked(door: Open, house: House) -> Mapping[str, Operation]:
    """What a running home answers, with two people who may agree and one who may not."""
    await door.archive.apply_rules_now()
    for name, role in (("Ada", Role.LEGAL), ("Bo", Role.SUPERVISOR), ("Cy", Role.ADMIN)):
        await door.archive.create_person(name, PASSWORD, role)
    return agreeing_operations(door.archive, house.parts.settings.archive)


def by(name: str, **told: object) -> dict[str, object]:
    return {"name": name, "password": PASSWORD, **told}


async def test_two_people_agree_to_a_list(tmp_path: Path) -> None:
    house = House.at(tmp_path)
    clip = await kept_for_ever(house)
    house = under(house, "us-ca")
    async with house.opened() as door:
        ops = await asked(door, house)
        seen = await ops[IMPACT]({})
        made = await ops[PROPOSE](by("Ada", impact=seen["sha256"], reason=WHY))
        approved = await ops[APPROVE](by("Bo", proposal=made["id"]))

        assert [each["clip"] for each in seen["clips"]] == [clip]  # type: ignore[attr-defined]
        assert (await ops[IMPACT]({"proposal": made["id"]}))["sha256"] == seen["sha256"]
        assert approved["approved_name"] == "Bo"
        assert str(approved["not_before"])[:10] == "2026-11-30"
        withdrawn = await ops[WITHDRAW](by("Bo", proposal=made["id"], reason="not needed"))
        assert withdrawn["ended"] == "withdrawn"
        rows = await door.archive.books.catalogue.run(stored.of, "entry", "kind", ["session.close"])
        assert len(rows) == 3


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (by("Ada"), "another person"),
        (by("Cy"), "has no right"),
        (by("Bo") | {"password": "a guess"}, "name and password: wrong"),
    ],
)
async def test_nobody_approves_without_a_right_of_their_own(
    tmp_path: Path, told: dict[str, object], problem: str
) -> None:
    house = House.at(tmp_path)
    await kept_for_ever(house)
    house = under(house, "us-ca")
    async with house.opened() as door:
        ops = await asked(door, house)
        seen = await ops[IMPACT]({})
        made = await ops[PROPOSE](by("Ada", impact=seen["sha256"], reason=WHY))

        with pytest.raises(Refused, match=problem):
            await ops[APPROVE]({**told, "proposal": made["id"]})

        (row,) = await door.archive.books.catalogue.run(
            stored.of, "proposal", "id", [str(made["id"])]
        )
        assert row["approved_entry"] is None


def test_a_home_at_rest_agrees_to_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    where = ["--home", str(home.folder)]
    approve = ["retention", "approve", "p-1", "--person", "Bo", *where]

    assert main(["retention", "impact", *where]) == TemporaryError.exit_code
    command = [sys.executable, "-m", "evidock", *approve]
    done = subprocess.run(command, input=b"a password\n", capture_output=True, check=False)
    assert done.returncode == TemporaryError.exit_code
    assert b"does not run" in done.stderr


def test_what_was_seen_and_agreed_is_told() -> None:
    clip = {"clip": "c-1", "now": "9999-12-31T00", "now_rule": "a", "then": "2028-11-24T00"}
    listed = retention._listed({"sha256": "ab", "clips": [clip | {"then_rule": "b"}] * 51})
    made = {"id": "p-1", "act": "shorten", "by_name": "Ada", "approved_name": None, "ended": None}

    assert "51 clips could be kept for less\nlist: ab" in listed
    assert "2028-11-24 (b)" in listed
    assert "and 1 more" in listed
    assert retention._proposal(made).endswith("another person has to approve it")
