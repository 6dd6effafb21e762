"""A running home: vault, archive, station and player in one process, wired once, here.

Start order is the order of need (vault, archive, station, player); stopping is the reverse, so
nothing ever talks to something that is gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import msgspec
from aiohttp import web

import player.service
from archive.books import Books
from archive.service import Archive, ArchiveParts
from evidence.clock import Clock
from evidence.custody import EntryKind
from evidence.errors import SetupError
from evidence.rights import Role
from evidence.settings import Settings
from evidock import control
from evidock.anchoring import ANCHOR, Anchoring
from evidock.apart import keep_apart
from evidock.backing_up import Snapshotting
from evidock.cards import Cards
from evidock.case_operations import case_operations
from evidock.checking import Check
from evidock.coverage_acts import coverage_operations
from evidock.credentials import root_credentials
from evidock.disposal_queue import disposal_operation
from evidock.encrypting import encryption_operations
from evidock.exporting import Exporting
from evidock.feed_operations import feed_operations
from evidock.figures import figures_operations
from evidock.finding_notices import FindingNotices
from evidock.fixity_operations import fixity_operations
from evidock.home import Home
from evidock.importing import import_operations
from evidock.notices import Notices
from evidock.publish import write_public
from evidock.receipts import receipt_operations
from evidock.report import ClipReport, report
from evidock.retention_acts import agreeing_operations
from evidock.retention_preview import preview_operation
from evidock.review_acts import review_operations
from evidock.station_operations import station_operations
from evidock.vaults import OpenVault, open_second, open_vault, sender
from evidock.witness_operations import witness_operations
from ingest.rendition.cage import CageRule
from ingest.rendition.tools import Tools
from station.service import Station, StationParts
from station.usb.host import Host

_log = logging.getLogger(__name__)

_LOOK_AGAIN = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHome:
    """What a command may use while the home runs."""

    home: Home
    settings: Settings
    archive: Archive
    station: Station
    vault: OpenVault
    archive_url: str
    player_url: str
    board_url: str

    async def clips(self) -> ClipReport:
        """The clips of the home, as the contract's JSON."""
        return report(await self.station.items(), await self.archive.clips(), self.home)

    async def wait_ended(self) -> None:
        """Wait as long as station and archive work.  Raises what ended one of them."""
        parts = (self.station.wait_ended(), self.archive.wait_ended())
        waiting = [asyncio.ensure_future(part) for part in parts]
        try:
            ended, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in ended:
                await each
        finally:
            for each in waiting:
                each.cancel()


@asynccontextmanager
async def running(
    home: Home, cards: Cards, clock: Clock, settings: Settings | None = None
) -> AsyncIterator[RunningHome]:
    """Run everything of *home* until the block ends.  The caller holds the home's lock.

    By its own settings, if no others are given.  SetupError if simulated cameras would come into a
    home of real ones, or the other way round.
    """
    settings = settings or home.settings()
    keep_apart(home, cards, settings)
    async with open_vault(home, settings, clock) as vault:
        parts = _archive_parts(home, settings, vault, clock)
        async with (
            Archive.running(parts) as archive,
            _services(home, cards, parts, vault=vault, archive=archive) as whole,
            aclosing(Check(archive=archive)) as check,
            aclosing(Snapshotting(home=home, archive=archive, station=whole.station)) as snapshots,
            aclosing(Exporting(archive=archive, home=home)) as exporting,
            aclosing(Anchoring(archive=archive)) as anchoring,
            control.serving(
                home.socket,
                {
                    **_operations(whole, check, snapshots),
                    **exporting.operations(),
                    **figures_operations(archive, vault.vault, settings),
                    ANCHOR: anchoring.answer,
                },
            ),
        ):
            write_public(home, archive)
            yield whole


def _archive_parts(home: Home, settings: Settings, vault: OpenVault, clock: Clock) -> ArchiveParts:
    tools = Tools.find(rule=CageRule(settings.media.cage))
    if tools.cage.warning is not None:
        _log.warning("%s (docs/media-cage.md)", tools.cage.warning)
    return ArchiveParts(
        settings=settings,
        folder=home.archive,
        vault=vault.vault,
        clock=clock,
        canary=vault.canary,
        second=open_second(settings, vault.vault, clock),
        send=sender(vault.vault),
        teller=Notices.of(settings, clock),
        finding_teller=FindingNotices.of(settings, clock),
        tools=tools,
    )


@asynccontextmanager
async def _services(
    home: Home, cards: Cards, shared: ArchiveParts, *, vault: OpenVault, archive: Archive
) -> AsyncIterator[RunningHome]:
    """What stands around the archive, under the settings and the clock the archive was given."""
    settings = shared.settings
    async with _served(archive.app, settings.archive.host, settings.archive.port) as archive_url:
        parts = StationParts(
            settings=settings,
            folder=home.station,
            docks=cards.root,
            receipts=home.receipts,
            archive_url=archive_url,
            enrolment_code=lambda: archive.enrolment_code(settings.station.name),
            clock=shared.clock,
            tools=shared.tools or Tools.find(rule=CageRule(settings.media.cage)),
            may_erase=cards.may_erase,
            host=cards.simulated or Host(),
        )
        async with Station.running(parts) as station:
            board = _served(station.board_app, settings.station.host, settings.station.port)
            window = _served(
                player.service.build(settings, archive_url),
                settings.player.host,
                settings.player.port,
            )
            async with board as board_url, window as player_url:
                yield RunningHome(
                    home=home,
                    settings=settings,
                    archive=archive,
                    station=station,
                    vault=vault,
                    archive_url=archive_url,
                    player_url=player_url,
                    board_url=board_url,
                )


@asynccontextmanager
async def _served(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve *app*; the URL it answers at."""
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SetupError(
                f"cannot listen on {host}, port {port}: {error.strerror}",
                advice="Another program may use it: name another host or port in the settings.",
            ) from error
        address = runner.addresses[0]
        yield f"http://{address[0]}:{address[1]}"
    finally:
        await runner.cleanup()


def _operations(
    whole: RunningHome, check: Check, snapshots: Snapshotting
) -> Mapping[str, control.Operation]:
    async def clips(_request: Mapping[str, object]) -> control.Answer:
        return (await whole.clips()).to_wire()

    async def fleet(_request: Mapping[str, object]) -> control.Answer:
        answer: control.Answer = msgspec.to_builtins(await whole.archive.fleet())
        return answer

    async def credentials(_request: Mapping[str, object]) -> control.Answer:
        await record_credentials_read(whole.archive)
        return root_credentials(whole.vault.engine)

    async def accept(_request: Mapping[str, object]) -> control.Answer:
        await whole.archive.accept_vault()
        return {"problems": await whole.archive.problems()}

    async def person_add(request: Mapping[str, object]) -> control.Answer:
        officer = request.get("officer")
        await whole.archive.create_person(
            name=str(request["name"]),
            password=str(request["password"]),
            role=Role(str(request["role"])),
            officer=None if officer is None else str(officer),
        )
        return {"created": request["name"]}

    return {
        "clips": clips,
        "fleet": fleet,
        "vault-credentials": credentials,
        "vault-accept": accept,
        "person-add": person_add,
        "fsck": check.answer,
        "snapshot": snapshots.answer,
        **_of_archive(whole.archive, whole.settings),
        **station_operations(whole.station),
        **import_operations(whole.station, whole.home),
    }


def _of_archive(archive: Archive, settings: Settings) -> Mapping[str, control.Operation]:
    chosen = settings.archive
    return {
        **feed_operations(archive, settings),
        **witness_operations(archive),
        **encryption_operations(archive),
        **receipt_operations(archive),
        **fixity_operations(archive),
        **preview_operation(archive, chosen),
        **agreeing_operations(archive, chosen),
        **review_operations(archive),
        **coverage_operations(archive),
        **disposal_operation(archive, chosen),
        **case_operations(archive),
    }


async def record_credentials_read(archive: Archive | Books) -> None:
    """Put it on record that the vault's root credentials are being shown, before they are."""
    await archive.record(EntryKind.CREDENTIALS_READ, "owner")


async def wait_idle(whole: RunningHome) -> None:
    """Return when the station is settled and the archive has linked and sequenced all it got.

    Raises what ended station or archive, if one ended.
    """
    idle = asyncio.create_task(_settled(whole))
    ended = asyncio.create_task(whole.wait_ended())
    try:
        await asyncio.wait({idle, ended}, return_when=asyncio.FIRST_COMPLETED)
        await (ended if ended.done() else idle)
    finally:
        idle.cancel()
        ended.cancel()


async def _settled(whole: RunningHome) -> None:
    await whole.station.wait_settled()
    while not await whole.archive.idle():  # noqa: ASYNC110  it is asked, it does not tell
        await asyncio.sleep(_LOOK_AGAIN)
