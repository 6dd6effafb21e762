"""The reviewer's window as one web application; the lead's wiring starts it.

One rule: it needs the archive's address and nothing else.  No database, no credential of the vault.
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

from evidence.clock import Clock, SystemClock
from evidence.settings import Settings
from player import (
    browse,
    cases,
    clip,
    coverage,
    disposal,
    feeds,
    findings,
    fleet,
    links,
    markers,
    playback,
    reviews,
    rooms,
    session,
    statistics,
    stream,
)
from player.archive import ArchiveApi
from player.grants import Grants
from player.places import ARCHIVE, FORM_SECRET, GRANTS, SETTINGS, VAULT
from player.shields import add_headers, know_browser, own_forms_only
from player.trouble import trouble_in_words

_ARCHIVE_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)
_VAULT_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=5, sock_read=30)
Resource = Callable[[web.Application], AsyncIterator[None]]
_CLIP = "/clips/{clip:c-[0-9a-f]{32}}"
_CASE = "/cases/{number}"
_PROPOSAL = "/proposals/{proposal:p-[0-9a-f]{32}}"


def build(settings: Settings, archive_url: str, *, clock: Clock | None = None) -> web.Application:
    """The player, asking the archive at *archive_url*; SetupError for a log key that is none."""
    playback.pinned_key(settings.player.log_key)
    app = web.Application(middlewares=[know_browser, trouble_in_words, own_forms_only])
    app[SETTINGS] = settings
    app[GRANTS] = Grants(clock=clock or SystemClock())
    app[FORM_SECRET] = secrets.token_bytes(32)
    app.cleanup_ctx.append(_archive(URL(archive_url)))
    app.cleanup_ctx.append(_vault(settings.vault.ca_file))
    app.on_response_prepare.append(add_headers)
    app.router.add_get("/", browse.clips)
    app.router.add_get("/incidents", browse.incidents)
    app.router.add_get("/fleet", fleet.show)
    app.router.add_get("/feeds", feeds.show)
    app.router.add_get("/feeds/problems.csv", feeds.problems)
    app.router.add_get(statistics.HERE, statistics.show)
    app.router.add_get(statistics.COUNTED, statistics.counted)
    app.router.add_get(f"{statistics.HERE}.csv", statistics.as_csv)
    app.router.add_get(f"{statistics.HERE}.xlsx", statistics.as_xlsx)
    app.router.add_get("/media/{grant}/{name}", stream.media, allow_head=False)
    app.router.add_get(session.SIGN_IN, session.show_sign_in)
    app.router.add_post(session.SIGN_IN, session.sign_in)
    app.router.add_post("/sign-out", session.sign_out)
    app.router.add_post("/language", session.choose_language)
    app.router.add_static("/static", Path(str(files("player").joinpath("web", "static"))))
    _add_clips(app.router)
    _add_cases(app.router)
    _add_reviews(app.router)
    _add_coverage(app.router)
    return app


def _add_reviews(router: web.UrlDispatcher) -> None:
    """What is drawn at random, and what somebody must answer."""
    draw, review, finding = (
        f"/{name}s/{{{name}:{letter}-[0-9a-f]{{32}}}}"
        for name, letter in (("draw", "d"), ("review", "r"), ("finding", "f"))
    )
    router.add_get(reviews.HERE, reviews.show)
    router.add_get(review, reviews.show_sheet)
    router.add_post(f"{review}/sheet", reviews.fill)
    router.add_get(draw, reviews.show_draw)
    router.add_get(f"{draw}/file", reviews.draw_file)
    router.add_post(f"{draw}/abandon", reviews.abandon)
    for step in ("seed", "confirm"):
        router.add_post(f"{draw}/{step}", reviews.enter)
    router.add_get(findings.HERE, findings.show)
    router.add_get(finding, findings.show_one)
    router.add_post(f"{finding}/reopen", findings.reopen)
    for step in ("answer", "close"):
        router.add_post(f"{finding}/{step}", findings.act)


def _add_cases(router: web.UrlDispatcher) -> None:
    """What is asked about a case or an event."""
    router.add_get("/cases", cases.show_cases)
    router.add_get(_CASE, cases.show_case)
    router.add_get("/incidents/{number}", cases.show_incident)
    router.add_post(f"{_CASE}/clips", cases.place_clip)
    router.add_post(f"{_CASE}/clips/take-out", cases.take_out_clip)
    router.add_post(f"{_CASE}/dossier", cases.make_dossier)
    router.add_post(f"{_CASE}/documents", cases.add_document)
    router.add_post(f"{_CASE}/close", cases.close_case)
    router.add_post(f"{_CASE}/reopen", cases.reopen_case)
    router.add_post("/documents/{document:f-[0-9a-f]{32}}", cases.give_document)
    router.add_get("/worklists", cases.show_work)


def _add_coverage(router: web.UrlDispatcher) -> None:
    """Which incidents have their footage, and who answers why not."""
    excuse = "/excuses/{excuse:x-[0-9a-f]{32}}"
    router.add_get(coverage.HERE, coverage.show)
    router.add_get(f"{coverage.HERE}/event", coverage.show_event)
    router.add_get(f"{coverage.HERE}/withheld", coverage.show_withheld)
    router.add_post(f"{coverage.HERE}/excuses", coverage.ask)
    router.add_post(f"{excuse}/approve", coverage.approve)
    router.add_post(f"{excuse}/end", coverage.end)
    outage = "/outages/{outage:b-[0-9a-f]{32}}"
    router.add_get(rooms.ROOMS, rooms.show)
    router.add_get(f"{rooms.ROOMS}/stay", rooms.show_stay)
    router.add_get(rooms.OUTAGES, rooms.show_outages)
    router.add_post(rooms.OUTAGES, rooms.say)
    router.add_post(f"{outage}/approve", rooms.agree)
    router.add_post(f"{outage}/end", rooms.end)


def _add_clips(router: web.UrlDispatcher) -> None:
    """What is asked about one clip, or about its end."""
    router.add_get(_CLIP, clip.show)
    router.add_post(f"{_CLIP}/views", clip.watch)
    router.add_post(f"{_CLIP}/classification", clip.classify)
    router.add_post(f"{_CLIP}/holds", clip.hold)
    router.add_post(f"{_CLIP}/holds/{{hold:h-[0-9a-f]{{32}}}}/lift", clip.lift)
    router.add_post(f"{_CLIP}/case/close", clip.close_case)
    router.add_post(f"{_CLIP}/case/reopen", clip.reopen_case)
    link = f"{_CLIP}/links/{{incident:i-[0-9a-f]{{32}}}}"
    router.add_get(links.MINE, links.show_mine)
    router.add_get(f"{_CLIP}/event", links.choose)
    router.add_post(f"{link}/confirm", links.confirm)
    router.add_post(f"{link}/reject", links.reject)
    marker = f"{_CLIP}/markers/{{marker:m-[0-9a-f]{{32}}}}"
    router.add_post(f"{_CLIP}/markers", markers.add)
    router.add_post(f"{marker}/withdraw", markers.withdraw)
    router.add_get(f"{_CLIP}/receipt", clip.receipt)
    router.add_get(f"{_CLIP}/receipts/{{entry:[0-9]{{1,15}}}}", clip.receipt)
    router.add_get(disposal.HERE, disposal.show)
    router.add_post(f"{_CLIP}/disposal", disposal.propose)
    router.add_get(f"{_PROPOSAL}/impact", disposal.impact)
    router.add_post(f"{_PROPOSAL}/approve", disposal.approve)
    router.add_post(f"{_PROPOSAL}/withdraw", disposal.withdraw)
    router.add_get(f"{_CLIP}/provenance", playback.provenance)
    router.add_post(f"{_CLIP}/refusals", playback.refused)


def _archive(url: URL) -> Resource:
    async def running(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=_ARCHIVE_TIMEOUT) as client:
            app[ARCHIVE] = ArchiveApi(client=client, url=url)
            yield

    return running


def _vault(ca_file: str) -> Resource:
    async def running(app: web.Application) -> AsyncIterator[None]:
        trusted = ssl.create_default_context(cafile=ca_file or None)
        connector = aiohttp.TCPConnector(limit=0, ssl=trusted)
        async with aiohttp.ClientSession(
            connector=connector, timeout=_VAULT_TIMEOUT, auto_decompress=False
        ) as app[VAULT]:
            yield

    return running
