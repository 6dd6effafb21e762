"""What is in a catalogue, and another one made of vault and log alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import select

from archive.accountability.terms import CoverageTerms
from archive.catalogue import (
    assignments,
    closings,
    database,
    draws,
    duties,
    excuses,
    feed_keys,
    findings,
    found,
    incidents,
    outages,
    people,
    proposals,
    reviews,
    stays,
    told_cases,
)
from archive.catalogue.assignments import AssignmentTold, AssignmentWithdrawn
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.draws import DrawWanted
from archive.catalogue.duties import DutyTold, DutyWithdrawn
from archive.catalogue.incidents import Withdrawn
from archive.catalogue.moves import Which
from archive.catalogue.outages import OutageTold
from archive.catalogue.stays import StayTold, StayWithdrawn
from archive.catalogue.stored import TABLES
from archive.catalogue.tables import IncidentRow
from archive.catalogue.told_cases import CaseTold, CaseWithdrawn
from archive.log.key import load_or_make_signer
from archive.log.store import TileStore
from archive.rebuild.bringing import Brought, bring
from archive.rebuild.history import newest
from archive.rebuild.source import LogFiles, VaultSource
from evidence.clip import new_id
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.coverage_settings import CoverageSettings
from evidence.custody import EntryKind
from evidence.drawing import Rules, SeedRule
from evidence.rights import Role
from evidence.sheet import Answered
from evidence.sheet_shelf import template
from evidence.vault import Vault
from evidence.wire import (
    ActOpenings,
    HoldLifted,
    HoldShown,
    HoldWanted,
    JournalPush,
    MarkerShown,
    MarkerWanted,
    Message,
    OpeningSent,
    WatchRequest,
)
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import PASSWORD, START, Footage, House, Open, Person, Station
from tests.archive.ledger import BUFFER, told

Everything = Mapping[str, list[dict[str, object]]]
IMPORTED = Footage(
    data=b"",
    camera="import/CCTV",
    started=None,
    acquisition="imported",
    imported_by="clerk 7",
    import_reason="handed in",
)
NOT_FROM_THE_LOG = {"person": {"password_hash"}, "legal_hold": {"sure"}}


def everything(tx: Transaction) -> Everything:
    """All rows of all tables that the log determines, without the columns that it does not."""
    found: dict[str, list[dict[str, object]]] = {}
    for name, table in TABLES.items():
        held = cast("SqlTable", table.__table__)
        rows = tx.session.execute(select(held).order_by(*held.primary_key.columns)).mappings()
        out = NOT_FROM_THE_LOG.get(name, set())
        found[name] = [{k: v for k, v in row.items() if k not in out} for row in rows]
    return found


async def held_by(house: House) -> Everything:
    """What the closed *house* has in its catalogue."""
    place = database.place(house.parts.settings.archive, house.parts.folder)
    catalogue = await Catalogue.opened(place, house.clock)
    try:
        return await catalogue.run(everything)
    finally:
        await catalogue.close()


async def rebuilt(house: House, file: Path) -> tuple[Everything, Brought]:
    """A catalogue in *file* made from the vault, and from the log's folder unless it is gone."""
    return await rebuilt_from(house, house.vault, file)


async def rebuilt_from(house: House, vault: Vault, file: Path) -> tuple[Everything, Brought]:
    """The same from another *vault*."""
    signer = load_or_make_signer(house.parts.folder / "log.key", "evidock.example/lab")
    place = LogFiles(name="the folder", read=TileStore(house.parts.folder / "log").read)
    source = VaultSource(vault, "lab", place)
    history, wrong = await asyncio.to_thread(newest, source.logs(), [signer.key])
    catalogue = await Catalogue.opened(file, house.clock)
    try:
        brought = await bring(catalogue, history, source, agency="lab", progress=lambda *_: None)
        told = replace(brought, findings=[*wrong, *brought.findings])
        return await catalogue.run(everything), told
    finally:
        await catalogue.close()


async def busy_day(door: Open, feed: Path) -> str:
    """Of every kind of row at least one; the clip that was watched."""
    station, other = await door.station(), await door.station()
    first = Footage(data=b"first", path=b"DCIM/1.MP4", offset_ms=1500)
    await station.pull(first)
    clip = (await station.archive(first)).clip
    await station.derive(clip)
    unplayable = replace(IMPORTED, data=b"second", path=b"\xff2.MP4", officer=None)
    await other.pull(unplayable)
    await other.archive(unplayable)
    feed.write_text(HEADER + GOOD)
    await door.archive.import_feed_now()
    feed.write_text(HEADER + GOOD.replace("T08:00:00+", "T08:01:00+"))
    await door.archive.import_feed_now()
    reviewer = await door.person(Role.REVIEWER)
    await door.person(Role.OFFICER, officer="4711", name="张伟")
    for reason in ("case C-9", None):
        wanted = WatchRequest(reason=reason)
        assert (await reviewer.post(f"/v1/clips/{clip}/views", wanted)).status == 201
    await _disputed(door, clip)
    await _held(await door.person(Role.LEGAL), clip)
    await door.archive.books.catalogue.run(fed)
    await _reviewed(door)
    await door.archive.books.catalogue.run(excused)
    await _marked(reviewer, clip)
    await _chosen(station, clip)
    assert (await door.archive.upkeep.set_legal_holds_now())[Which.FIRST].failed == 0
    return clip


def fed(tx: Transaction) -> None:
    """What feeds tell besides: corrected, withdrawn, and by whom."""
    case = CaseTold(
        number="C-9", title="盗窃", kind=None, stage=None, unit=None, opened=START, incidents=()
    )
    gone = replace(case, number="C-8", incidents=("E-7",))
    cases: list[CaseTold | CaseWithdrawn] = [
        case,
        replace(case, incidents=("E-1", "E-2")),
        gone,
        CaseWithdrawn(number="C-8"),
    ]
    told_cases.take(tx, cases)
    until = START + timedelta(hours=8)
    duty = DutyTold(reference="r", officer="A1", unit="U", since=START, until=until)
    duties.take(tx, [duty, DutyWithdrawn(reference="r"), replace(duty, unit=None)], BUFFER)
    issued = AssignmentTold(reference="i", camera="B", officer="A1", since=START, until=None)
    assignments.take(tx, [issued, replace(issued, reference="j")], BUFFER)
    assignments.take(tx, [AssignmentWithdrawn(reference="j")], BUFFER)
    _stayed(tx, until)
    place = replace(told("E-5", "0815"), latitude=24.4798, longitude=118.0894, place="厦门")
    incidents.take(tx, [place, replace(place, number="E-6"), Withdrawn(number="E-6")], BUFFER)
    for name in ("cad", "roster"):
        feed_keys.make(tx, "owner", name, "incidents")
    feed_keys.revoke(tx, "owner", "roster")


def _stayed(tx: Transaction, until: datetime) -> None:
    """Somebody was in a room, and somebody else was not after all."""
    stay = StayTold(
        reference="v",
        session="S-1",
        number="C-9",
        room="讯问室3",
        person="嫌疑人甲",
        purpose="讯问",
        since=START,
        until=None,
    )
    other = replace(stay, reference="w")
    stays.take(tx, [stay, replace(stay, until=until), other, StayWithdrawn(reference="w")])


async def _disputed(door: Open, clip: str) -> None:
    """Its cases are closed; two wanted it destroyed early, and one of them not any more."""
    run, create = door.archive.books.catalogue.run, door.archive.create_person
    one, other = [await create(name, PASSWORD, Role.LEGAL) for name in ("Ada", "Bo")]
    for case in (await run(closings.facts, [clip]))[clip]:
        await run(closings.close, one, case.case, "sentenced")
    made = await run(proposals.propose, one, clip, "destroy", "an order", authority="a court")
    await run(proposals.approve, other, made.id, timedelta(days=7))
    await run(proposals.withdraw, other, made.id, "the order was quashed")


async def _reviewed(door: Open) -> None:
    """It was drawn, and something was wrong with it, which somebody answered."""
    run, now = door.archive.books.catalogue.run, door.clock.now()
    one, other = [str(await run(_account, name)) for name in ("Ada", "Bo")]
    wanted = DrawWanted(
        purpose="November",
        rules=Rules(
            since=stamp(now - timedelta(days=30)),
            until=stamp(now + timedelta(milliseconds=1)),
            size=10,
            sheet=template("scene").sha256,
            owner=one,
            seed=SeedRule.of("dice", "30", now + timedelta(milliseconds=1)),
        ),
        sheet=template("scene"),
        patience=timedelta(days=3),
    )
    door.clock.advance(0.001)
    draw = await run(draws.commit, one, wanted)
    await run(draws.seed, one, draw, "123456" * 5)
    await run(draws.confirm, other, draw, "123456" * 5, timedelta(days=14))
    (review, *_) = await run(reviews.of_draw, draw, other)
    answers = [
        Answered(point=point.id, verdict="fail", note="") for point in template("scene").points
    ]
    await run(reviews.fill, review.checker, review.id, answers)
    page = await run(found.findings_made, "", 1)
    await run(findings.answer, one, page.findings[0].id, "put right")


def _account(tx: Transaction, name: str) -> str | None:
    known = people.account(tx, name)
    return None if known is None else known.id


def excused(tx: Transaction) -> None:
    """Why there is no recording: answered, and agreed to by another person."""
    asker, other = (people.account(tx, name) for name in ("Ada", "Bo"))
    assert asker is not None
    assert other is not None
    incident = tx.session.scalars(select(IncidentRow.id).order_by(IncidentRow.id)).all()[0]
    made = excuses.ask(tx, asker, incident, "covert", "便衣")
    excuses.approve(tx, other.id, made.id)
    down = OutageTold(
        what="area",
        name="",
        code="power",
        since=START,
        until=START + timedelta(hours=1),
        reason="全区停电",
    )
    terms = CoverageTerms.of(CoverageSettings()).rooms
    said = outages.say(tx, asker.id, down, terms)
    outages.approve(tx, other.id, said.id)
    outages.end(tx, other.id, said.id, "不实")


async def _marked(reviewer: Person, clip: str) -> None:
    """What it shows: at a moment with a note, and as a whole, which was withdrawn."""
    path = f"/v1/clips/{clip}/markers"
    noted = MarkerWanted(code="weapon", at_ms=500, note="刀")
    assert (await reviewer.post(path, noted)).status == 201
    made = (await reviewer.post(path, MarkerWanted(code="refusal"))).as_(MarkerShown)
    assert (await reviewer.post(f"{path}/{made.id}/withdraw", Message())).status == 201


async def _chosen(station: Station, clip: str) -> None:
    """What was said of it at the station's board: a number that nobody tells, and a marker."""
    words = {"officer": Opening.fresh("4711"), "event": Opening.fresh("E-77")}
    for opened, field in ((words, {}), ({"officer": words["officer"]}, {"code": "handover"})):
        act = station.act(
            EntryKind.CLIP_CHOSEN,
            clip,
            choice=new_id("q"),
            commitments={name: each.commitment.hex for name, each in opened.items()},
            **field,
        )
        sent = {name: OpeningSent(**each.to_wire()) for name, each in opened.items()}
        opens = [ActOpenings(number=act.number, openings=sent)]
        pushed = JournalPush(acts=[act], openings=opens)
        assert (await station.post("/v1/journal", pushed)).status == 200


async def _held(legal: Person, clip: str) -> None:
    """Two holds, of which one is lifted again."""
    wanted = [HoldWanted(authority="a court", reason=why) for why in ("appeal", "法院要求")]
    answers = [await legal.post(f"/v1/clips/{clip}/holds", each) for each in wanted]
    hold, told = answers[0].as_(HoldShown).id, HoldLifted(reason="it ended")
    assert (await legal.post(f"/v1/clips/{clip}/holds/{hold}/lift", told)).status == 200
