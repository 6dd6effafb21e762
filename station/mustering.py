"""Puts together what a station works with: docks, lanes, limits, and what watches over them.

One rule: everything here is made from the parts and the pins alone; nothing starts to work yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from ingest.archive_client import ArchiveClient
from ingest.pace import Pace
from ingest.staging import Staging
from station.approval import approvals
from station.axis.card import is_spooled
from station.axis.service import AxisService
from station.changer import Changer
from station.cosigning import Cosigning
from station.desk import Desk
from station.disk.opening import Opener
from station.dock import DockRoot, Docks
from station.enrol import pinned_log_key, pinned_policy
from station.fleet import Fleet
from station.issuing import Issuing
from station.notary import Notary
from station.outbox import Outbox
from station.parts import StationParts
from station.post import Post
from station.postage import Postage
from station.profile import Profile
from station.receipts import Receipts
from station.releasing import ReleaseMeans
from station.standing import SendingHours
from station.steps import Steps
from station.supplies import supplies_in
from station.turns import Turns
from station.usb.passwords import read_passwords
from station.usb.ports import UsbPorts
from station.usb.told import ClockRule
from station.wearing import FixedWearers
from station.workstation import Crew

_MEGA = 1e6
_log = logging.getLogger(__name__)


def _ports(parts: StationParts, profiles: Sequence[Profile], desk: Desk) -> UsbPorts | None:
    """The USB ports, if cameras are taken in there."""
    settings = parts.settings.station
    if not settings.usb:
        return None
    notary = Notary(desk, parts.clock)
    writes = settings.write_officers and settings.assignment != "none"
    return UsbPorts(
        host=parts.host,
        profiles=profiles,
        passwords=read_passwords(settings.camera_passwords),
        clock=parts.clock,
        clock_rule=ClockRule.of(settings),
        note=notary.note,
        changer=Changer(
            notary=notary,
            supplies=supplies_in(parts.folder, settings),
            profiles=profiles,
            wearer_of=FixedWearers(desk).of if writes else None,
        ),
        opener=Opener(
            clock=parts.clock,
            images=_images(parts) if settings.image_failing_cards else None,
            mounts=settings.mount_other_cards,
            access=parts.host.access,
        ),
    )


def _images(parts: StationParts) -> Staging:
    """Where images of failing cards are made."""
    return Staging(folder=parts.folder / "images", reserve=parts.reserve)


def axis_door(parts: StationParts) -> AxisService | None:
    """The door for Axis body worn systems, if the settings open one."""
    settings = parts.settings.axis
    if not settings.enabled:
        return None
    return AxisService(settings, parts.folder, parts.clock, reserve=parts.reserve)


def with_axis(crew: Crew, axis: AxisService | None) -> Crew:
    """*crew* with the spool at its dock, which may always be let go: on an erase proof, too."""
    if axis is None:
        return crew
    others = crew.may_erase
    return replace(
        crew,
        dock=Docks((*crew.dock.docks, axis.dock)),
        may_erase=lambda folder: is_spooled(folder) or others(folder),
    )


def crew_of(parts: StationParts, issuing: Issuing, archive: ArchiveClient, station: str) -> Crew:
    """All that the *station* works with, which was enrolled and speaks to *archive*."""
    desk = issuing.desk
    outbox = Outbox(desk, archive, parts.clock)
    folders = DockRoot(folder=parts.docks, open_card=parts.open_card)
    approved = approvals(parts.settings.station)
    for reason in approved.left_out:
        _log.warning("camera profile %s", reason)
    ports = _ports(parts, approved.profiles, desk)
    cosigning = _cosigning(parts, archive)
    turns = Turns(parts.settings.station.parallel_pulls, parts.clock)
    return Crew(
        settings=parts.settings.station,
        desk=desk,
        dock=Docks((folders,) if ports is None else (folders, ports)),
        ports=ports,
        watched=parts.docks,
        approvals=approved,
        steps=_steps(parts, desk, outbox, cosigning.receipts, archive),
        outbox=outbox,
        clock=parts.clock,
        turns=turns,
        issuing=issuing,
        hours=SendingHours.of(parts.settings.station, parts.clock),
        pace=Pace(_MEGA * parts.settings.station.pull_limit_mb_per_second, parts.clock),
        release=ReleaseMeans(
            desk=desk,
            archive=archive,
            receipts=cosigning.receipts,
            outbox=outbox,
            turns=turns,
            station=station,
            clock=parts.clock,
            witnesses=parts.settings.station.erase_witnesses,
        ),
        may_erase=parts.may_erase,
        fleet=_fleet(parts, desk, cosigning),
        cosigning=cosigning,
        post=_post(parts, desk, cosigning, station),
    )


def _cosigning(parts: StationParts, archive: ArchiveClient) -> Cosigning:
    policy = pinned_policy(parts.folder, parts.settings.station.policy)
    witnesses = tuple(each.key for each in policy.witnesses.values())
    log = pinned_log_key(parts.folder)
    receipts = Receipts(folder=parts.receipts, log=log, witnesses=witnesses)
    return Cosigning(receipts=receipts, policy=policy, archive=archive, clock=parts.clock)


def _fleet(parts: StationParts, desk: Desk, cosigning: Cosigning) -> Fleet:
    return Fleet(
        archive=cosigning.archive,
        desk=desk,
        clock=parts.clock,
        staging=parts.folder,
        cosigning=cosigning,
    )


def _post(parts: StationParts, desk: Desk, cosigning: Cosigning, station: str) -> Post | None:
    """Who mails receipts, if the settings name boxes."""
    postage = Postage.of(parts.settings.mail, parts.settings.notices.to)
    if postage is None:
        return None
    return Post(
        desk=desk,
        cosigning=cosigning,
        postage=postage,
        station=station,
        folder=parts.folder,
        clock=parts.clock,
    )


def _steps(
    parts: StationParts, desk: Desk, outbox: Outbox, receipts: Receipts, archive: ArchiveClient
) -> Steps:
    return Steps(
        desk=desk,
        staging=Staging(folder=parts.folder / "staging", reserve=parts.reserve),
        scratch=parts.folder / "scratch",
        receipts=receipts,
        archive=archive,
        outbox=outbox,
        tools=parts.tools,
        clock=parts.clock,
        pace=Pace(_MEGA / 8 * parts.settings.station.upload_limit_mbit_per_second, parts.clock),
        sending=asyncio.Semaphore(parts.settings.station.parallel_uploads),
    )
