"""A home's keys change places or do not: from every moment of it there is a way on."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.log import key
from archive.log.log import Log
from archive.log.mirror import PREFIX, Mirror
from archive.log.store import TileStore
from archive.log.witnesses import Witnesses
from archive.rebuild.catching_up import Others
from archive.service import Archive
from evidence import durable, succession
from evidence.clock import SystemClock
from evidence.cosignature import KeyCosigner, cosign
from evidence.custody import EntryKind
from evidence.errors import LogBroken, SetupError
from evidence.note import add_signatures, open_checkpoint, sign_checkpoint, signed_by
from evidence.tiles import CHECKPOINT
from evidence.vault import Bucket, Lock, LockMode, Vault
from evidence.vault.memory import MemoryVault
from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_log
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


def _cut_off(home: Home, vault: Vault) -> key.Change:
    """A rotation of *home* that was killed once the log named the new key."""
    change = key.change(home.archive, origin(home))

    async def recorded() -> None:
        settings, clock = home.settings(), SystemClock()
        others = Others.around(vault, settings.agency.name)
        async with Archive.at_rest(settings, home.archive, clock, others) as books:
            said = {"old": str(change.old.key), "new": str(change.new.key)}
            await books.record(EntryKind.LOG_KEY, "owner", **said)

    asyncio.run(recorded())
    return change


def test_a_new_key_that_was_lost_before_it_signed_is_followed_by_another(home: Home) -> None:
    change = _cut_off(home, vault := MemoryVault(SystemClock()))
    (home.archive / key.NEXT).unlink()
    with pytest.raises(LogBroken, match="this is an old key") as told:
        entries_of(home)
    assert "evidock keys rotate names another one" in told.value.advice

    with pytest.raises(LogBroken, match="this is an old key"):
        rotate(home, vault)  # it has no copy of the log, and cannot say either

    _copied(home, vault)
    made = rotate(home, vault)

    assert made["old"] == str(change.old.key)
    assert made["new"] not in {str(change.old.key), str(change.new.key)}
    (statement,) = key.statements(home.archive)
    assert str(succession.follow([statement], change.old.key)) == made["new"]
    assert sum('"log.key"' in each for each in entries_of(home)) == 2


@pytest.mark.parametrize("shown", ["head", "statement"])
def test_one_that_signed_is_not_passed_over(home: Home, shown: str) -> None:
    change = _cut_off(home, vault := MemoryVault(SystemClock()))
    (home.archive / key.NEXT).unlink()
    if shown == "head":  # the vault's copy is from after the switch
        _copied(home, vault)
        head = open_checkpoint(_log(home).checkpoint(), [change.old.key])
        both = sign_checkpoint(head, change.old, change.new)
        vault.put(Bucket.RECORDS, PREFIX + CHECKPOINT, both)
    else:
        durable.make_folder(home.archive / key.SUCCESSIONS)
        statement = succession.write(change.old, change.new)
        durable.create(home.archive / key.SUCCESSIONS / "000001", statement)

    with pytest.raises(LogBroken, match="this is an old key") as told:
        rotate(home, vault)

    assert "names another" not in told.value.advice
    assert not (home.archive / key.NEXT).exists()


def test_a_key_is_retired_only_after_witnesses_saw_its_successor(home: Home) -> None:
    court, vault = KeyCosigner("court", Ed25519PrivateKey.generate()), MemoryVault(SystemClock())
    (policy := home.folder / "policy").write_text(f"witness court {court.key}\nquorum none\n")
    home.settings_file.write_text(f'[witnesses]\npolicy = "{policy}"\n')
    _cosigned(home, court)
    made = rotate(home, vault)
    durable.replace(home.public / "policy", f"log {made['new']}\nquorum none\n".encode())
    _copied(home, vault)

    with pytest.raises(SetupError, match="witnesses cosigned is not signed by the present key"):
        retire(home, vault)

    _cosigned(home, court)
    retire(home, vault)
    assert len(key.signers(home.archive, origin(home))) == 1
    brought = Brought(policy=f"log {made['new']}\nquorum none\n".encode(), now=SystemClock().now())
    report = judge_log(Folder(home.archive / "log"), brought, lambda *_: None)
    assert report.findings == []


def _log(home: Home) -> Log:
    return Log.open(TileStore(home.archive / "log"), *key.signers(home.archive, origin(home)))


def _cosigned(home: Home, by: KeyCosigner) -> None:
    """Carry a cosignature of the present head home."""
    log, clock = _log(home), SystemClock()
    there = Witnesses.open(log, home.archive, home.settings().witnesses, clock)
    head = open_checkpoint(log.checkpoint(), log.keys)
    there.answered(add_signatures(log.checkpoint(), cosign(head.text, by, clock.now())))


def _copied(home: Home, vault: Vault) -> None:
    until = SystemClock().now() + timedelta(days=1)
    Mirror(log := _log(home), vault, log.key).run(Lock(mode=LockMode.COMPLIANCE, until=until))
