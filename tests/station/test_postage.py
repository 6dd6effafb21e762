"""One mail and a real server: who it is, whether it may be spoken to, and whether it took it."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import pytest

from evidence.errors import MailNotSent, SetupError
from evidence.mail_settings import MailSettings
from evidence.settings import load
from station.postage import Postage
from tests.station.mailbox import PROSECUTOR, MailServer, certified, plain


def mail() -> EmailMessage:
    made = EmailMessage()
    made["To"], made["Subject"] = PROSECUTOR, "receipt"
    made.set_content("一\n.\n..two\n", cte="base64")
    return made


async def sent(settings: MailSettings) -> None:
    postage = Postage.of(settings)
    assert postage is not None
    await asyncio.to_thread(postage.send, mail(), PROSECUTOR)


def with_tls(
    server: MailServer, ca: Path | str, tls: Literal["starttls", "tls"] = "starttls"
) -> MailSettings:
    return replace(plain(server), tls=tls, ca_file=str(ca))


def logged_in(settings: MailSettings, folder: Path, password: str) -> MailSettings:
    (folder / "password").write_text(password + "\n")
    (folder / "password").chmod(0o600)
    return replace(settings, user="evidock", password_file=str(folder / "password"))


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_it_is_sent_under_tls_with_a_password(
    tmp_path: Path, tls: Literal["starttls", "tls"]
) -> None:
    context, ca = certified(tmp_path)
    server = MailServer(tls=context, is_implicit=tls == "tls", password="secret")
    async with server.serving():
        await sent(logged_in(with_tls(server, ca, tls), tmp_path, "secret"))

    ((box, got),) = server.taken
    assert (box, got["Subject"]) == (PROSECUTOR, "receipt")
    assert got.get_content() == "一\n.\n..two\n"
    assert server.heard[0].lower() == "ehlo agency.example", "not the name of this machine"


async def test_a_wrong_password_is_said_and_not_shown(tmp_path: Path) -> None:
    context, ca = certified(tmp_path)
    server = MailServer(tls=context, password="secret")
    async with server.serving():
        with pytest.raises(MailNotSent, match="wrong password") as caught:
            await sent(logged_in(with_tls(server, ca), tmp_path, "guess"))

    assert "guess" not in str(caught.value)
    assert server.taken == []


async def test_a_server_that_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    context, _ = certified(tmp_path)
    server = MailServer(tls=context, password="secret")
    async with server.serving():
        with pytest.raises(MailNotSent, match="certificate verify failed"):
            await sent(logged_in(with_tls(server, ""), tmp_path, "secret"))

    assert not [line for line in server.heard if line.startswith(("AUTH", "MAIL"))]


async def test_a_certificate_of_another_machine_is_none(tmp_path: Path) -> None:
    context, ca = certified(tmp_path, "127.0.0.9")
    server = MailServer(tls=context)
    async with server.serving():
        with pytest.raises(MailNotSent, match="IP address mismatch"):
            await sent(with_tls(server, ca))
    assert server.taken == []


async def test_without_starttls_nothing_is_sent_in_the_clear(tmp_path: Path) -> None:
    """Whoever stands between can leave STARTTLS out of what the server says it can."""
    _, ca = certified(tmp_path)
    server = MailServer(password="secret")
    async with server.serving():
        with pytest.raises(MailNotSent, match="STARTTLS"):
            await sent(logged_in(with_tls(server, ca), tmp_path, "secret"))
    assert not [line for line in server.heard if line.startswith(("AUTH", "MAIL"))]


async def test_a_box_that_is_not_there_and_a_server_that_is_away_are_told() -> None:
    server = MailServer(refused={PROSECUTOR})
    async with server.serving():
        with pytest.raises(MailNotSent, match="550 no such box"):
            await sent(plain(server))
    with pytest.raises(MailNotSent, match="refused"):
        await sent(plain(server))


async def test_a_server_that_says_nothing_is_not_waited_for_long() -> None:
    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    server = MailServer(port=silent.sockets[0].getsockname()[1])
    with pytest.raises(MailNotSent, match="timed out"):
        await sent(replace(plain(server), patience_seconds=0.2))
    silent.close()


GOOD = MailSettings(host="mail.example", sender="a@b.example", to=(PROSECUTOR,))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (replace(GOOD, host=""), "lacks host"),
        (replace(GOOD, to=()), "lacks to"),
        (replace(GOOD, sender=""), "lacks sender"),
        (replace(GOOD, tls="none"), "in the clear to mail.example"),
        (replace(GOOD, tls="none", host="127.0.0.1.evil.example"), "in the clear"),
        (replace(GOOD, user="evidock"), "no password_file"),
        (replace(GOOD, user="evidock", password_file="/nowhere"), "cannot be read"),
        (replace(GOOD, ca_file="/nowhere"), "ca_file /nowhere cannot be used"),
    ],
)
def test_settings_that_cannot_be_mailed_with_refuse_to_start(
    settings: MailSettings, why: str
) -> None:
    with pytest.raises(SetupError, match=why):
        Postage.of(settings)


def test_a_password_that_others_may_read_refuses_to_start(tmp_path: Path) -> None:
    settings = logged_in(GOOD, tmp_path, "secret")
    (tmp_path / "password").chmod(0o644)

    with pytest.raises(SetupError, match="can be read by others"):
        Postage.of(settings)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_this_machine_may_be_spoken_to_in_the_clear(host: str) -> None:
    postage = Postage.of(replace(GOOD, tls="none", host=host))

    assert postage is not None
    assert postage.tls is None


def test_nobody_to_mail_to_is_no_mistake() -> None:
    assert Postage.of(MailSettings()) is None


@pytest.mark.parametrize("box", ["a@b\\r\\nBcc: c@d", "a b@c", "<a@b>", "a@b,c@d", "nobody"])
def test_a_box_is_one_plain_address(tmp_path: Path, box: str) -> None:
    (tmp_path / "evidock.toml").write_text(f'[mail]\nto = ["{box}"]\n')

    with pytest.raises(SetupError, match=r"\[mail\]"):
        load(tmp_path / "evidock.toml", {})


def test_the_servers_certificate_is_asked_for_by_default() -> None:
    postage = Postage.of(GOOD)

    assert postage is not None
    assert postage.tls is not None
    assert (postage.tls.check_hostname, postage.tls.verify_mode) == (True, ssl.CERT_REQUIRED)
