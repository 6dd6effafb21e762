"""A home's keys change places or do not: from every moment of it there is a way on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from archive.log import key
from evidence import durable, succession
from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.note import signed_by
from evidence.vault import Vault
from evidence.vault.memory import MemoryVault
from evidock.home import Home
from evidock.key_rotation import retired, rotated
from tests.evidock.homes import started


def entries_of(home: Home) -> list[str]:
    return asyncio.run(started(home))


def rotate(home: Home, vault: Vault | None = None) -> dict[str, str]:
    clock = SystemClock()
    return asyncio.run(rotated(home, vault or MemoryVault(clock), clock))


def retire(home: Home, vault: Vault | None = None) -> dict[str, str]:
    clock = SystemClock()
    return asyncio.run(retired(home, vault or MemoryVault(clock), clock))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    asyncio.run(started(made, acts=1))
    return made


def origin(home: Home) -> str:
    return home.settings().agency.origin


def test_a_policy_that_does_not_know_the_new_key_changes_nothing(home: Home) -> None:
    (old,) = key.signers(home.archive, origin(home))
    policy = home.folder / "policy"
    policy.write_text(f"log {old.key}\nquorum none\n")
    home.settings_file.write_text(f'[witnesses]\npolicy = "{policy}"\n')
    size = len(entries_of(home))

    with pytest.raises(SetupError, match="does not name the key") as refused:
        rotate(home)

    assert [each.key for each in key.signers(home.archive, origin(home))] == [old.key]
    assert len(entries_of(home)) == size
    policy.write_text(f"log {old.key}\n{refused.value.advice.partition(': ')[2]}\nquorum none\n")
    made = rotate(home)
    assert made["old"] == str(old.key)
    assert made["new"] in refused.value.advice


@pytest.mark.parametrize("taken", [False, True], ids=["before kept", "new taken"])
def test_a_switch_that_was_cut_off_is_seen_through(home: Home, *, taken: bool) -> None:
    change = key.change(home.archive, origin(home))
    statement = succession.write(change.old, change.new)
    durable.make_folder(home.archive / key.SUCCESSIONS)
    durable.create(home.archive / key.SUCCESSIONS / "000001", statement)
    _copy(home.archive / key.KEY, home.archive / key.BEFORE)
    if taken:
        _copy(home.archive / "log-next.key", home.archive / key.KEY)
    size = len(entries_of(home))  # it runs meanwhile, whoever signs

    with pytest.raises(SetupError, match="cut off"):
        retire(home)
    made = rotate(home)

    assert (made["old"], made["new"]) == (str(change.old.key), str(change.new.key))
    assert len(entries_of(home)) == size, "what was said before is not said again"
    assert (home.public / "log-succession.1").read_bytes() == statement
    head = (home.archive / "log" / "checkpoint").read_bytes()
    assert len(signed_by(head, [change.old.key, change.new.key])) == 2


def _copy(source: Path, target: Path) -> None:
    durable.replace(target, source.read_bytes(), mode=durable.PRIVATE)
