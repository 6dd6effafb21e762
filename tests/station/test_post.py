"""The receipt of a docking in a box that the agency does not run: once, or visibly twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
import threading
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from evidence.errors import SetupError
from evidence.mail_settings import MailSettings
from evidence.receipt import verify_receipt
from evidence.vault.s3 import S3Vault
from station.enrol import pinned_log_key
from station.post import Post
from station.service import Station
from tests.station.mailbox import PROSECUTOR, UNION, MailServer, plain
from tests.station.yard import Ahead, Yard, seen, settled

FILES = {b"DCIM/VID_0001.MP4": b"one", b"DCIM/P0471_zhang.MP4": b"two"}
ONE_ROUND = """
import asyncio, sys
from pathlib import Path
from evidence.clock import SystemClock
from tests.station.test_post import one_round
asyncio.run(one_round(Path(sys.argv[1]), int(sys.argv[2])))
"""
ONE_STOPPED = ONE_ROUND.replace("one_round", "one_stopped")
PATIENT = 240.0
"""Seconds that the station which is stopped would wait for an answer."""


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault)


def post_of(station: Station) -> Post:
    assert station._workstation is not None
    post = station._workstation._crew.post
    assert post is not None
    return post


async def mail_now(station: Station) -> None:
    """Mail what is due when it was calm for a while."""
    post = post_of(station)
    post.clock = Ahead(0.1)
    await post.round()


async def mailed(yard: Yard, server: MailServer, *boxes: str) -> str:
    """Dock, archive and mail; the receipt as the board shows it."""
    yard.mail = plain(server, *boxes)
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await seen(lambda: station.snapshot().cards[0].receipt is not None)
        await mail_now(station)
        await mail_now(station)
        return station.snapshot().cards[0].receipt or ""


def attached(mail: EmailMessage) -> dict[str, bytes]:
    return {str(each.get_filename()): each.get_content() for each in mail.iter_attachments()}


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_what_is_mailed_is_checked_with_nothing_else(yard: Yard) -> None:
    yard.card("cam-1", FILES)
    server = MailServer()
    async with server.serving():
        receipt = await mailed(yard, server)
    ((box, mail),) = server.taken
    files, key = attached(mail), pinned_log_key(yard.home / "station")
    entries = {name: data for name, data in files.items() if name.endswith(".entry.json")}

    assert (box, len(files), len(entries)) == (PROSECUTOR, 4, 2)
    assert receipt in text_of(mail)
    for name, entry in entries.items():
        verify_receipt(files[name.replace(".entry.json", ".tlog-proof")], entry, [key])
    lines = sorted(f"{hashlib.sha256(entry).hexdigest()}\n" for entry in entries.values())
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert receipt.lower().endswith(digest), "as the mail tells to compute it"


async def test_a_mail_names_nobody_and_shows_nothing(yard: Yard) -> None:
    yard.card("zhang-0471", FILES)
    server = MailServer()
    async with server.serving():
        await mailed(yard, server)
    ((_, mail),) = server.taken

    whole = mail.as_bytes() + text_of(mail).encode() + b"".join(attached(mail).values())
    for private in (b"zhang", b"p0471", b"vid_0001"):
        assert private not in whole.lower()
    assert mail["To"] == PROSECUTOR
    assert mail["Auto-Submitted"] == "auto-generated"


async def test_each_box_has_it_once_and_a_bad_one_holds_up_nobody(yard: Yard) -> None:
    yard.card("cam-1", FILES)
    server = MailServer(refused={"gone@nowhere.example"})
    async with server.serving():
        await mailed(yard, server, "gone@nowhere.example", PROSECUTOR, UNION)
        yard.mail = plain(server, PROSECUTOR, "gone@nowhere.example", UNION)
        async with yard.station() as station:
            await station._started()
            await mail_now(station)
            (problem,) = post_of(station).problems

    assert [box for box, _ in server.taken] == [PROSECUTOR, UNION], "again after a restart: none"
    assert "gone@nowhere.example: 550 no such box" in problem
    first, other = (mail for _, mail in server.taken)
    assert first["Message-ID"] == other["Message-ID"]
    assert UNION not in first.as_string(), "no box is told of the others"


async def test_files_that_came_later_are_on_a_later_mail(yard: Yard) -> None:
    yard.card("cam-1", FILES)
    server = MailServer()
    async with server.serving():
        first = await mailed(yard, server)
        yard.card("cam-1", {b"DCIM/VID_0003.MP4": b"three"})
        second = await mailed(yard, server)

    assert [len(attached(mail)) for mail in server.mails(PROSECUTOR)] == [4, 6]
    assert first != second
    assert len({mail["Message-ID"] for mail in server.mails(PROSECUTOR)}) == 2


async def test_a_server_that_is_down_for_a_while_is_told_and_tried_again(yard: Yard) -> None:
    yard.card("cam-1", FILES)
    server = MailServer()
    async with server.serving():
        pass  # it has its port now, and is gone
    yard.mail = plain(server)
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await mail_now(station)
        assert "the mail server 127.0.0.1" in " ".join(station.snapshot().problems)
        async with server.serving():
            await mail_now(station)
        assert station.snapshot().problems == ()

    assert len(server.mails(PROSECUTOR)) == 1


async def test_while_more_is_archived_nothing_is_mailed(yard: Yard) -> None:
    """What an Axis controller pushes comes one by one, each archived before the next is here."""
    yard.card("cam-1", FILES)
    server = MailServer()
    async with server.serving():
        yard.mail = plain(server)
        async with yard.archive() as archive, yard.station(archive) as station:
            await settled(station)
            await post_of(station).round()
            assert server.taken == []
            await mail_now(station)

    assert len(server.taken) == 1


async def test_what_is_broken_is_told_and_ends_nothing(yard: Yard) -> None:
    """A file that no time can be read from, and a receipt that is gone."""
    yard.card("cam-1", FILES)
    server = MailServer()
    async with server.serving():
        yard.mail = plain(server)
        async with yard.archive() as archive, yard.station(archive) as station:
            await settled(station)
            since = yard.home / "station" / "mail-since"
            since.chmod(0o600)
            since.write_text("yesterday")
            with pytest.raises(SetupError, match="holds no time"):
                await mail_now(station)
            since.unlink()
            next(yard.receipts.glob("*.tlog-proof")).unlink()
            await mail_now(station)
            assert "cannot be read" in " ".join(post_of(station).problems)
            assert not station._ended.done()

    assert server.taken == []


async def test_what_left_before_mail_was_set_up_is_not_mailed(yard: Yard) -> None:
    card = yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        card.rename(yard.home / "taken")
        await seen(lambda: station.snapshot().cards[0].word == "empty")
        await settled(station)
    server = MailServer()
    async with server.serving():
        yard.mail = plain(server)
        async with yard.archive() as archive, yard.station() as station:
            yard.card("cam-2", FILES)
            await settled(station)
            await mail_now(station)

    assert len(server.taken) == 1


async def one_round(home: Path, port: int) -> None:
    """Another process's: a station that mails once, and knows no archive."""
    server = MailServer(port=port)
    yard = Yard(home=home, vault=None, port=1, mail=plain(server))  # type: ignore[arg-type]
    async with yard.station() as station:
        await station._started()
        await mail_now(station)


async def one_stopped(home: Path, port: int) -> None:
    """Another process's: a station that is stopped while the mail server says nothing."""
    mail = replace(plain(MailServer(port=port)), patience_seconds=PATIENT)
    yard = Yard(home=home, vault=None, port=1, mail=mail)  # type: ignore[arg-type]
    async with yard.station() as station:
        await station._started()
        mailing = asyncio.create_task(mail_now(station))
        await seen(lambda: any(each.name == "mail" for each in threading.enumerate()))
        mailing.cancel()


@pytest.mark.parametrize("is_before_yes", [True, False])
async def test_a_kill_between_sending_and_noting_sends_the_same_mail_twice(
    yard: Yard, *, is_before_yes: bool
) -> None:
    yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    (yard.home / "station" / "mail-since").write_text("2020-01-01T00:00:00.000Z\n")
    server = MailServer()
    async with server.serving():
        child = await spawned(yard, server)
        kill = lambda: os.kill(child.pid, signal.SIGKILL)  # noqa: E731
        server.before_yes = kill if is_before_yes else lambda: None
        assert await child.wait() == (-signal.SIGKILL if is_before_yes else 0)
        server.before_yes = lambda: None
        for _ in range(2):
            assert await (await spawned(yard, server)).wait() == 0

    mails = server.mails(PROSECUTOR)
    assert len(mails) == (2 if is_before_yes else 1), "noted, and not sent a third time"
    assert len({mail["Message-ID"] for mail in mails}) == 1
    assert len({str(attached(mail)) for mail in mails}) == 1


async def spawned(
    yard: Yard, server: MailServer, program: str = ONE_ROUND
) -> asyncio.subprocess.Process:
    arguments = [sys.executable, "-c", program, str(yard.home), str(server.port)]
    return await asyncio.create_subprocess_exec(*arguments)


async def test_a_server_that_says_nothing_does_not_keep_the_station_from_stopping(
    yard: Yard,
) -> None:
    """The process that runs it ends by itself, long before the server would be given up."""
    yard.card("cam-1", FILES)
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    (yard.home / "station" / "mail-since").write_text("2020-01-01T00:00:00.000Z\n")

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    server = MailServer(port=silent.sockets[0].getsockname()[1])
    child = await spawned(yard, server, ONE_STOPPED)
    async with asyncio.timeout(PATIENT / 2):
        assert await child.wait() == 0
    silent.close()


async def test_mail_settings_that_are_wrong_keep_the_station_from_starting(yard: Yard) -> None:
    yard.mail = MailSettings(to=(PROSECUTOR,), sender=PROSECUTOR, host="mail.example", tls="none")
    with pytest.raises(Exception, match="in the clear"):
        async with yard.station():
            pass
