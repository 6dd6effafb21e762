"""People are told by a real mail server and a real web server that clips' time ends."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from archive.catalogue import stored
from archive.catalogue.notices import Due
from evidence.clock import SetClock
from evidence.custody import Entry
from evidence.errors import MailNotSent, SetupError, TemporaryError
from evidence.mail_settings import MailSettings, NoticesSettings
from evidence.settings import AgencySettings, Settings
from evidock.home import Home
from evidock.notices import Notices
from tests.archive.house import Footage, House, Open
from tests.station.mailbox import MailServer, certified, plain

RECORDS, LEGAL = "records@agency.example", "legal@agency.example"
NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
DUE = [
    Due(clip=f"c-{n:032x}", until="2027-05-23T00:00:00.000Z", rule="us-ca/1:detention", decided=n)
    for n in range(3)
]
SECRET = "T0KEN"


@dataclass(slots=True, kw_only=True)
class Hook:
    """A web server of the agency's; what stands here may be changed while it runs."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    slow: float = 0
    tls: ssl.SSLContext | None = None
    port: int = 0
    heard: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    """(path, message), in order."""

    @property
    def url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}/hook/{SECRET}"

    async def _take(self, request: web.Request) -> web.Response:
        self.heard.append((request.path, await request.json()))
        await asyncio.sleep(self.slow)
        return web.Response(status=self.status, headers=self.headers)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Hook]:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self.tls).start()
            self.port = runner.addresses[0][1]
            yield self
        finally:
            await runner.cleanup()


def settings(mail: MailSettings | None = None, **notices: object) -> Settings:
    return Settings(
        agency=AgencySettings(name="lab", origin="evidock.example/lab"),
        mail=mail or MailSettings(),
        notices=NoticesSettings(**notices),  # type: ignore[arg-type]
    )


def notices(mail: MailSettings | None = None, **told: object) -> Notices:
    return Notices.of(settings(mail, **told), SetClock(NOW))


def later(telling: Notices, seconds: float) -> None:
    """Its clock goes on."""
    assert isinstance(telling.clock, SetClock)
    telling.clock.advance(seconds)


def by_mail(server: MailServer) -> MailSettings:
    """The server alone: nobody gets receipts of dockings."""
    return replace(plain(server), to=())


async def test_mail_and_webhook_are_told_the_same_and_no_name() -> None:
    server, hook = MailServer(), Hook()
    async with server.serving(), hook.serving():
        told = await notices(by_mail(server), to=(RECORDS, LEGAL), webhook=hook.url).tell(DUE)

    assert list(told) == ["mail", "webhook"]
    ((path, message),) = hook.heard
    assert path == f"/hook/{SECRET}"
    assert message == {
        "format": "evidock-disposal-notice/v1",
        "notice": message["notice"],
        "origin": "evidock.example/lab",
        "at": "2026-11-28T08:00:00.000Z",
        "clips": [{"clip": each.clip, "until": each.until, "rule": each.rule} for each in DUE],
    }
    assert [box for box, _ in server.taken] == [RECORDS, LEGAL]
    mail = server.taken[0][1]
    assert (mail["To"], mail["Auto-Submitted"]) == (RECORDS, "auto-generated")
    assert str(message["notice"])[:40] in mail["Message-ID"]
    text = mail.get_content()
    assert all(f"{each.clip}  {each.until}  {each.rule}" in text for each in DUE)
    assert "保存期限将届满" in text


async def test_with_nothing_set_up_nobody_is_told() -> None:
    assert list(await notices().tell(DUE)) == []
    assert list(await notices(replace(plain(MailServer(port=25)), to=())).tell(DUE)) == []


@pytest.mark.parametrize("status", [301, 307, 400, 500])
async def test_any_answer_but_yes_is_told_and_no_redirect_followed(status: int) -> None:
    other = Hook()
    async with other.serving():
        hook = Hook(status=status, headers={"Location": other.url})
        async with hook.serving():
            with pytest.raises(TemporaryError, match=f"answered {status}") as caught:
                await notices(webhook=hook.url).tell(DUE)

    assert other.heard == []
    assert SECRET not in str(caught.value)
    assert f"http://127.0.0.1:{hook.port} " in str(caught.value)


async def test_a_webhook_that_is_away_or_slow_is_told_without_its_password() -> None:
    hook = Hook(slow=5)
    async with hook.serving():
        with pytest.raises(TemporaryError, match="was not told") as slow:
            await notices(webhook=hook.url, patience_seconds=0.2).tell(DUE)
    with pytest.raises(TemporaryError, match="was not told") as away:
        await notices(webhook=hook.url).tell(DUE)

    assert SECRET not in f"{slow.value} {away.value}"


async def test_tls_is_checked_before_anything_is_said(tmp_path: Path) -> None:
    tls, ca = certified(tmp_path)
    hook = Hook(tls=tls)
    async with hook.serving():
        with pytest.raises(TemporaryError, match="certificate verify failed"):
            await notices(webhook=hook.url).tell(DUE)
        assert hook.heard == []
        assert list(await notices(webhook=hook.url, ca_file=str(ca)).tell(DUE)) == ["webhook"]


async def test_who_took_a_notice_is_not_told_again_for_anothers_sake() -> None:
    server, hook = MailServer(), Hook(status=503)
    async with server.serving(), hook.serving():
        telling = notices(by_mail(server), to=(RECORDS,), webhook=hook.url)
        for due in (DUE[:1], DUE[:2], DUE, DUE[1:]):  # whatever else has come to be due
            with pytest.raises(TemporaryError):
                await telling.tell(due)
            later(telling, 3600)
        hook.status = 200
        await telling.tell(DUE)
        await telling.tell(DUE)  # it could not be put on record

    assert [len(re.findall("c-0", mail.get_content())) for _, mail in server.taken] == [1, 1, 1]
    told = [len(message["clips"]) for _, message in hook.heard]  # type: ignore[arg-type]
    assert told == [1, 2, 3, 2, 3]


async def test_one_that_fails_is_tried_again_after_a_pause_that_grows() -> None:
    hook, tried = Hook(status=503), list[int]()
    async with hook.serving():
        telling = notices(webhook=hook.url)
        for minute in range(60 * 24):
            before = len(hook.heard)
            with pytest.raises(TemporaryError, match="answered 503"):
                await telling.tell(DUE)
            tried += [minute] if len(hook.heard) > before else []
            later(telling, 60)
        hook.status = 200
        later(telling, 6 * 3600)
        assert list(await telling.tell(DUE)) == ["webhook"]

    assert tried == [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 871, 1231]


async def test_all_that_fail_are_told_at_once() -> None:
    server, hook = MailServer(refused={RECORDS}), Hook(status=503)
    async with server.serving(), hook.serving():
        telling = notices(by_mail(server), to=(RECORDS,), webhook=hook.url)
        with pytest.raises(TemporaryError, match=r"no such box.*answered 503"):
            await telling.tell(DUE)


async def test_one_that_fails_keeps_no_other_from_being_told() -> None:
    server, hook = MailServer(refused={RECORDS}), Hook()
    async with server.serving(), hook.serving():
        with pytest.raises(MailNotSent, match="no such box"):
            await notices(by_mail(server), to=(RECORDS, LEGAL), webhook=hook.url).tell(DUE)

    assert [box for box, _ in server.taken] == [LEGAL]
    assert len(hook.heard) == 1


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"webhook": "http://records.example/x"}, "in the clear to records.example"),
        ({"webhook": "http://127.0.0.1.evil.example/x"}, "in the clear"),
        ({"webhook": "https://user:secret@records.example/x"}, "holds a name or password"),
        ({"webhook": "ftp://records.example/x"}, "no address"),
        ({"webhook": "records.example"}, "no address"),
        ({"webhook": "https://records.example:port/"}, "no address"),
        ({"webhook": "https://records.example/x", "ca_file": "/nowhere"}, "ca_file /nowhere"),
        ({"to": (RECORDS,)}, r"\[notices\] to is mailed to by \[mail\]: \[mail\] lacks host"),
    ],
)
def test_what_cannot_be_told_so_refuses_to_start(told: dict[str, object], why: str) -> None:
    with pytest.raises(SetupError, match=why) as caught:
        notices(**told)  # type: ignore[arg-type]

    assert "secret" not in f"{caught.value} {caught.value.advice}"


def test_the_settings_are_read_from_the_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "evidock.toml").write_text(
        '[notices]\nto = ["records@agency.example"]\nwebhook = "https://records.example/x"\n'
    )

    assert home.settings().notices == NoticesSettings(
        to=(RECORDS,), webhook="https://records.example/x"
    )


async def test_a_notice_is_on_record_once_every_channel_took_it(tmp_path: Path) -> None:
    server, hook = MailServer(), Hook(status=500)
    house = House.at(tmp_path)
    async with server.serving(), hook.serving():
        telling = notices(by_mail(server), to=(RECORDS,), webhook=hook.url)
        async with house.with_(teller=telling).opened() as door:
            clip = (await (await door.station()).archive(Footage(data=b"x"))).clip
            door.clock.advance(170 * 86_400)
            with pytest.raises(TemporaryError, match="answered 500"):
                await door.archive.notify_now()
            wrong = [each for each in await door.archive.problems() if "were not told" in each]
            before = await on_record(door)
            hook.status = 200
            later(telling, 3600)
            count = await door.archive.notify_now()
            after, problems = await on_record(door), await door.archive.problems()

    assert (len(wrong), before, count) == (1, [], 1)
    assert [(each["clip"], each["told"]) for each in after] == [(clip, ["mail", "webhook"])]
    assert [each for each in problems if "were not told" in each] == []
    assert len(server.taken) == 1


async def on_record(door: Open) -> list[Mapping[str, object]]:
    rows = await door.archive.books.catalogue.run(stored.of, "entry", "kind", ["dispose.notice"])
    return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]
