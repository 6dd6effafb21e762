"""What a station says of the witnesses: by signatures it has, and never on the archive's word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.log.key import load_or_make_signer
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.note import add_signatures
from evidence.policy import Policy
from evidence.receipt import believe_receipt
from evidence.settings import AgencySettings, WitnessesSettings
from evidence.vault.s3 import S3Vault
from station.cosigning import Cosigning
from station.enrol import pinned_policy
from station.journal.records import ClipRecord
from station.service import Station
from station.view import CardView
from station.workstation import Workstation
from tests.court import made, witness
from tests.station.mailbox import MailServer, plain
from tests.station.test_post import attached, mail_now, text_of
from tests.station.yard import Ahead, Yard, seen, settled

FILES = {b"DCIM/VID_0001.MP4": b"one", b"DCIM/VID_0002.MP4": b"two"}


@dataclass(slots=True, kw_only=True)
class Dock:
    """A station at work whose log a court witnesses, by answers that are carried there and back."""

    archive: Archive
    station: Station
    court: Path

    @property
    def workstation(self) -> Workstation:
        assert self.station._workstation is not None
        return self.station._workstation

    @property
    def cosigning(self) -> Cosigning:
        return self.workstation._crew.cosigning

    @property
    def card(self) -> CardView:
        (card,) = self.station.snapshot().cards
        return card

    async def carry(self) -> None:
        """Take the log's head to the court, and its signature back."""
        asked = self.archive.witnesses.request("court", None)
        with witness(self.court) as court:
            reply = court.answer(asked.body)
        assert reply.status == 200
        note = add_signatures(asked.note, reply.body)
        await asyncio.to_thread(self.archive.witnesses.answered, note)

    async def clips(self) -> list[ClipRecord]:
        desk, long_ago = self.workstation._crew.desk, datetime(2020, 1, 1, tzinfo=UTC)
        (stay,) = await desk.ask(lambda journal: journal.dockings_since(long_ago))
        found = await desk.ask(lambda journal: journal.archived_at(stay.docking))
        assert found
        return found

    async def beat(self) -> None:
        cards = tuple(self.workstation._cards.values())
        await self.workstation._crew.fleet.beat(cards, self.workstation.view)


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    (tmp_path / "home" / "archive").mkdir(parents=True)
    return Yard(home=tmp_path / "home", vault=agency_vault)


@asynccontextmanager
async def docked(yard: Yard, quorum: str = "court") -> AsyncIterator[Dock]:
    """A card whose clips are archived and have receipts, and no witness has seen any."""
    origin = AgencySettings().origin
    key = load_or_make_signer(yard.home / "archive" / "log.key", origin).key
    folder = yard.home.parent / "court"
    court = made(folder, log=key)
    policy = yard.home.parent / "policy"
    policy.write_text(f"witness court {court.key()}\nquorum {quorum}\n")
    yard.witnesses = WitnessesSettings(policy=str(policy), every_seconds=0.2)
    yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive) as station:
        dock = Dock(archive=archive, station=station, court=folder)
        await settled(station)
        await seen(lambda: dock.card.receipt is not None)
        yield dock


async def test_a_receipt_that_nobody_has_seen_for_an_hour_is_shown_until_it_is(yard: Yard) -> None:
    async with docked(yard) as dock:
        assert not dock.card.unseen, "an hour has not passed"
        dock.cosigning.clock = Ahead(1.1)
        await seen(lambda: dock.card.unseen)
        await dock.cosigning.ask()
        assert dock.card.unseen, "the archive has no better one"

        await dock.carry()
        await dock.cosigning.ask()
        await seen(lambda: not dock.card.unseen)
        policy = pinned_policy(yard.home / "station", "")

    believed(yard.receipts, policy)


def believed(receipts: Path, policy: Policy) -> None:
    """Return if every receipt in the folder is one that a quorum has seen."""
    files = list(receipts.glob("*.tlog-proof"))
    assert len(files) == 2
    for file in files:
        entry = file.with_name(file.name.replace(".tlog-proof", ".entry.json")).read_bytes()
        assert believe_receipt(file.read_bytes(), entry, policy).cosignatures


async def test_after_a_restart_what_was_seen_stays_seen(yard: Yard) -> None:
    async with docked(yard) as dock:
        await dock.carry()
        await dock.cosigning.ask()
    async with yard.station() as station:
        await seen(lambda: bool(station.snapshot().cards))
        await seen(lambda: station.snapshot().cards[0].receipt is not None)
        again = Dock(archive=dock.archive, station=station, court=dock.court)
        again.cosigning.clock = Ahead(30)

        assert await again.cosigning.pending(await again.clips()) is None
        assert not again.card.unseen


async def test_where_no_quorum_is_wanted_nothing_is_missed(yard: Yard) -> None:
    async with docked(yard, quorum="none") as dock:
        dock.cosigning.clock = Ahead(1000)
        await dock.beat()

        assert await dock.cosigning.pending(await dock.clips()) is None
        assert dock.station.snapshot().witnesses_silent is None


async def test_mail_waits_for_the_witnesses(yard: Yard) -> None:
    server = MailServer()
    async with server.serving():
        yard.mail = plain(server)
        async with docked(yard) as dock:
            await mail_now(dock.station)
            assert server.taken == [], "an hour has not passed"
            await dock.carry()
            await dock.cosigning.ask()
            await mail_now(dock.station)
            policy = pinned_policy(yard.home / "station", "")
    ((_, mail),) = server.taken

    assert "as many as the policy" in text_of(mail)
    files = attached(mail)
    for name in files:
        if name.endswith(".tlog-proof"):
            entry = files[name.replace(".tlog-proof", ".entry.json")]
            assert believe_receipt(files[name], entry, policy).cosignatures


async def test_mail_says_when_the_witnesses_were_waited_for_in_vain(yard: Yard) -> None:
    server = MailServer()
    async with server.serving():
        yard.mail = plain(server)
        async with docked(yard) as dock:
            dock.cosigning.clock = Ahead(1.1)
            await mail_now(dock.station)

    ((_, mail),) = server.taken
    assert "too few had seen it after an hour" in text_of(mail)


async def test_a_day_without_a_word_of_the_witnesses_is_told(yard: Yard) -> None:
    async with docked(yard) as dock:
        await dock.carry()
        await dock.beat()
        assert dock.station.snapshot().witnesses_silent is None
        dock.cosigning.clock = Ahead(24.1)
        silent = dock.station.snapshot().witnesses_silent
        assert silent
        assert abs(datetime.fromisoformat(silent) - SystemClock().now()) < timedelta(minutes=5)


async def test_a_log_that_no_witness_ever_signed_is_told_after_an_hour(yard: Yard) -> None:
    async with docked(yard) as dock:
        await dock.beat()
        assert dock.station.snapshot().witnesses_silent is None
        dock.cosigning.clock = Ahead(1.1)
        assert dock.station.snapshot().witnesses_silent == ""


async def test_the_archives_word_for_a_witness_is_not_believed(yard: Yard, tmp_path: Path) -> None:
    """A court of its own has the same name and another key."""
    async with docked(yard) as dock:
        asked = dock.archive.witnesses.request("court", 0)
        made(tmp_path / "false", log=dock.archive.witnesses.log.key)
        with witness(tmp_path / "false") as court:
            false = add_signatures(asked.note, court.answer(asked.body).body)
        for note in (false.decode(), asked.note.decode(), "no note at all"):
            dock.cosigning.heard(note)
        dock.cosigning.clock = Ahead(2)

        assert dock.station.snapshot().witnesses_silent == ""
