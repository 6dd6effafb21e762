"""An archive that was put back to an old state: it catches up, or signs nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from archive.log.elsewhere import Known
from archive.log.halt import Halt
from archive.log.key import load_or_make_signer
from archive.log.mirror import PREFIX
from archive.log.witnesses import HALTED
from archive.restored import RestoredMark
from archive.resuming import resume_at_rest
from archive.service import Archive
from evidence.custody import EntryKind
from evidence.errors import LogBroken, SetupError, TemporaryError
from evidence.note import Checkpoint, VerifierKey, open_checkpoint
from evidence.rights import Role
from evidence.settings import WitnessesSettings
from evidence.tiles import CHECKPOINT
from evidence.vault import Bucket
from evidence.witnessing import AddCheckpoint, Refusal, judge
from tests.archive.house import Footage, House
from tests.archive.rebuilding import held_by, rebuilt
from tests.court import made, served
from tests.faults.lab import RottingVault


@pytest.fixture(autouse=True)
def place() -> None:
    """In SQLite only: a database server's backups are its own."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House.at(tmp_path)
    vault = RottingVault(house.clock)
    return replace(house.with_(vault=vault), vault=vault)


@dataclass(slots=True)
class Cosigner:
    """A witness by the rule of C2SP, which remembers what it cosigned."""

    key: VerifierKey
    name: str = "the court's witness"
    last: Checkpoint | None = field(default=None)

    def known(self, ours: bytes) -> Known | None:
        """Asked with no proof it says no, and how far the log was, if it has seen more."""
        old = open_checkpoint(ours, [self.key]).size
        answer = judge(AddCheckpoint(old=old, proof=(), note=ours), [self.key], self.last)
        if isinstance(answer, Refusal):
            return Known(size=answer.size)
        return Known(size=answer.size)


def head(house: House) -> bytes:
    return (house.parts.folder / "log" / CHECKPOINT).read_bytes()


def key_of(house: House) -> VerifierKey:
    return load_or_make_signer(house.parts.folder / "log.key", "evidock.example/lab").key


async def work(house: House, data: bytes) -> None:
    """A clip comes in, and somebody gets an account."""
    async with house.opened() as door:
        station, footage = await door.station(), Footage(data=data, path=data)
        await station.pull(footage)
        await station.archive(footage)
        await door.person(Role.REVIEWER, name=data.decode())


async def put_back(house: House, away: Path) -> Checkpoint:
    """Work, keep a copy, go on working, and put the old copy in the place; the newest head."""
    await work(house, b"first")
    shutil.copytree(house.parts.folder, away)
    await work(house, b"second")
    newest = open_checkpoint(head(house), [key_of(house)])
    shutil.rmtree(house.parts.folder)
    away.rename(house.parts.folder)
    return newest


def forget_copy(house: House) -> None:
    """Let the vault's copy of the log be gone."""
    for version in list(house.vault.versions(Bucket.RECORDS, PREFIX + CHECKPOINT)):
        house.vault.delete_version(Bucket.RECORDS, version.key, version.version_id)


@pytest.mark.parametrize("marked", [True, False])
async def test_an_old_copy_catches_up_from_the_vault_before_it_signs(
    house: House, tmp_path: Path, *, marked: bool
) -> None:
    newest = await put_back(house, tmp_path / "away")
    if marked:
        RestoredMark(house.parts.folder).set(house.clock.now(), 1)

    async with house.opened() as door:
        clips = await door.archive.clips()
        assert await door.archive.examine(lambda *_: None) == []

    grown = open_checkpoint(head(house), [key_of(house)])
    assert grown.size >= newest.size
    assert house.parts.folder.joinpath("log").exists()
    assert len(clips) == 2
    assert not RestoredMark(house.parts.folder).stands


async def test_caught_up_it_has_the_rows_it_had_and_goes_on(house: House, tmp_path: Path) -> None:
    await work(house, b"first")
    shutil.copytree(house.parts.folder, tmp_path / "away")
    await work(house, b"second")
    wanted = await held_by(house)
    shutil.rmtree(house.parts.folder)
    (tmp_path / "away").rename(house.parts.folder)

    await work(house, b"third")

    rows = await held_by(house)
    for table, held in wanted.items():
        assert [row for row in rows[table] if row in held] == held
    assert len(rows["clip"]) == 3


async def test_a_witness_that_saw_more_stops_every_signature(house: House, tmp_path: Path) -> None:
    newest = await put_back(house, tmp_path / "away")
    forget_copy(house)
    before = head(house)
    witness = Cosigner(key_of(house), last=newest)

    with pytest.raises(LogBroken, match=f"court's witness has seen {newest.size} entries"):
        async with house.with_(elsewhere=(witness,)).opened():
            pass

    assert head(house) == before


async def test_a_restored_archive_asks_everybody_and_somebody_must_know_it(
    house: House, tmp_path: Path
) -> None:
    await put_back(house, tmp_path / "away")
    forget_copy(house)
    RestoredMark(house.parts.folder).set(house.clock.now(), 1)
    before = head(house)

    with pytest.raises(LogBroken, match="nobody can say"):
        async with house.opened():
            pass
    with pytest.raises(SetupError, match="has not caught up"):
        async with Archive.at_rest(house.parts.settings, house.parts.folder, house.clock):
            pass
    assert (head(house), RestoredMark(house.parts.folder).stands) == (before, True)


async def restored_under(house: House, policy: Path) -> House:
    """An old copy, marked as restored, with no copy in the vault and *policy* in its settings."""
    await put_back(house, policy.with_name("away"))
    forget_copy(house)
    RestoredMark(house.parts.folder).set(house.clock.now(), 1)
    told = WitnessesSettings(policy=str(policy), patience_seconds=1)
    return house.with_(settings=replace(house.parts.settings, witnesses=told))


async def test_a_witness_of_the_policy_holds_a_restored_archive_until_it_answers(
    house: House, tmp_path: Path
) -> None:
    away, policy = made(tmp_path / "court", log=key_of(house)), tmp_path / "policy"
    policy.write_text(f"witness court {away.key()} http://127.0.0.1:9\nquorum court\n")
    there = await restored_under(house, policy)
    before = head(house)

    with pytest.raises(TemporaryError, match="the witness court does not answer") as told:
        async with there.opened():
            pass

    assert "taken out of the policy" in told.value.advice
    assert (head(house), RestoredMark(house.parts.folder).stands) == (before, True)


async def test_a_real_witness_says_that_more_was_signed(house: House, tmp_path: Path) -> None:
    away = tmp_path / "away"
    async with served(tmp_path / "court", log=key_of(house)) as court:
        policy = tmp_path / "policy"
        policy.write_bytes(court.policy())
        told = WitnessesSettings(policy=str(policy))
        seen = house.with_(settings=replace(house.parts.settings, witnesses=told))
        await work(seen, b"first")
        shutil.copytree(house.parts.folder, away)
        async with seen.opened() as door:
            index = await door.archive.record(EntryKind.CREDENTIALS_READ, "owner")
            await door.archive.witnesses.covering(index, 1)
        shutil.rmtree(house.parts.folder)
        away.rename(house.parts.folder)
        forget_copy(house)
        RestoredMark(house.parts.folder).set(house.clock.now(), 1)
        before = head(house)
        with pytest.raises(LogBroken, match="the witness court has seen"):
            async with seen.opened():
                pass

    assert (head(house), RestoredMark(house.parts.folder).stands) == (before, True)


async def test_a_witness_that_saw_no_more_lets_it_go_on(house: House, tmp_path: Path) -> None:
    async with served(tmp_path / "court", log=key_of(house)) as court:
        policy = tmp_path / "policy"
        policy.write_bytes(court.policy())
        told = WitnessesSettings(policy=str(policy))
        seen = house.with_(settings=replace(house.parts.settings, witnesses=told))
        async with seen.opened() as door:
            index = await door.archive.record(EntryKind.CREDENTIALS_READ, "owner")
            await door.archive.witnesses.covering(index, 1)
        RestoredMark(house.parts.folder).set(house.clock.now(), 1)
        async with seen.opened():
            pass

    assert not RestoredMark(house.parts.folder).stands


async def test_a_vault_that_does_not_answer_holds_up_only_a_restored_archive(
    house: House,
) -> None:
    await work(house, b"first")
    vault = house.vault
    assert isinstance(vault, RottingVault)
    vault.silent.add((Bucket.RECORDS, PREFIX + CHECKPOINT))
    RestoredMark(house.parts.folder).set(house.clock.now(), 1)
    with pytest.raises(TemporaryError, match="does not answer"):
        async with house.opened():
            pass
    RestoredMark(house.parts.folder).clear()

    async with house.opened() as door:
        assert len(await door.archive.clips()) == 1


async def test_an_older_history_takes_nothing_from_a_newer_catalogue(
    house: House, tmp_path: Path
) -> None:
    async with house.opened() as door:
        station = await door.station()
        await station.pull(first := Footage(data=b"first", path=b"1.MP4"))
        await station.archive(first)
    shutil.copytree(house.parts.folder / "log", tmp_path / "old")
    async with house.opened() as door:
        await replace(station, door=door).pull(Footage(data=b"second", path=b"2.MP4"))
    shutil.rmtree(house.parts.folder / "log")
    (tmp_path / "old").rename(house.parts.folder / "log")
    forget_copy(house)
    before = await held_by(house)

    after, _ = await rebuilt(house, house.parts.folder / "catalogue.sqlite")

    assert after == before
    assert [row["journal_through"] for row in after["station"]] == [len(station.acts)]


async def test_what_is_not_to_be_had_is_a_problem_of_the_archive(
    house: House, tmp_path: Path
) -> None:
    await put_back(house, tmp_path / "away")
    vault = house.vault
    assert isinstance(vault, RottingVault)
    for key, version in vault.objects(Bucket.RECORDS, "lab/manifests/"):
        vault.alter(Bucket.RECORDS, key, version, lambda data: data + b" ")

    async with house.opened() as door:
        problems = await door.archive.problems()
        clips = await door.archive.clips()

    assert len(clips) == 2
    assert any("not to be had since it was put back" in each for each in problems)


async def test_a_stopped_log_that_was_put_back_catches_up_and_is_resumed_at_rest(
    house: House, tmp_path: Path
) -> None:
    """Why it was stopped is in the backup; whoever resumes it must find it caught up."""
    newest = await put_back(house, tmp_path / "away")
    folder, settings = house.parts.folder, house.parts.settings
    RestoredMark(folder).set(house.clock.now(), 1)
    Halt(folder / HALTED).set("somebody knew more")
    with pytest.raises(SetupError, match="has not caught up"):
        await resume_at_rest(settings, folder, house.clock)

    with pytest.raises(LogBroken, match="somebody knew more"):
        async with house.opened():
            pass
    assert open_checkpoint(head(house), [key_of(house)]).size == newest.size
    resumed = await resume_at_rest(settings, folder, house.clock)

    assert resumed is not None
    assert resumed.why == "somebody knew more"
    async with house.opened() as door:
        assert len(await door.archive.clips()) == 2
    assert open_checkpoint(head(house), [key_of(house)]).size >= newest.size + 2


async def test_a_forked_copy_in_the_vault_is_told_apart(house: House, tmp_path: Path) -> None:
    await put_back(house, tmp_path / "away")
    hidden = House.at(tmp_path / "other")
    shutil.copytree(house.parts.folder, hidden.parts.folder)
    await work(replace(house, parts=replace(hidden.parts), vault=hidden.vault), b"forked")
    before = head(hidden)

    with pytest.raises(LogBroken, match="its root is not ours"):
        async with hidden.with_(vault=house.vault).opened():
            pass

    assert head(hidden) == before
