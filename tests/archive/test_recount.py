"""Figures made anew from the log are those of the tables, and what was changed there is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from archive.catalogue import incidents, stored
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow, LinkRow
from archive.rebuild.source import VaultSource
from archive.recount import Recounted, recounted
from evidence.custody import EntryKind
from evidence.rights import Role
from evidence.statistics.periods import Span
from evidence.statistics.verdicts import Measure
from evidence.wire import Classify, MarkerShown, MarkerWanted, Message, WatchRequest
from tests.archive.house import START, Footage, House, Open
from tests.archive.ledger import BUFFER, told

KIND = EntryKind.CREDENTIALS_READ
SPAN = Span(first=START.date(), last=START.date())


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Open]:
    """A house under a law that knows categories."""
    async with House.at(tmp_path, law_pack="us-il").opened() as opened:
        yield opened


async def filled(door: Open) -> list[str]:
    """Four clips: one classified, one linked and watched by two, one undated, one a sidecar."""
    station, officer = await door.station(), await door.person(Role.OFFICER, "4711")
    chief = await door.person(Role.SUPERVISOR)
    made = [
        Footage(data=b"1", path=b"1"),
        Footage(data=b"2", path=b"2", started="2026-11-23T07:59:00.000Z", offset_ms=1000),
        Footage(data=b"3", path=b"3", started=None),
        Footage(data=b"4", path=b"4", clip_class="sidecar"),
    ]
    for each in made:
        await station.pull(each)
        await station.archive(each)
    await door.archive._books.catalogue.run(incidents.take, [told(dispatched=START)], BUFFER)
    await station.derive(made[0].clip)
    await station.derive(made[1].clip)
    (incident,) = await door.archive._books.catalogue.run(stored.keys, "incident", "id")
    link = f"/v1/clips/{made[1].clip}/links/{incident}/confirm"
    assert (await chief.post(link, Message())).status < 300
    wanted = Classify(categories=["flagged"])
    assert (await chief.post(f"/v1/clips/{made[0].clip}/classification", wanted)).status < 300
    for who, clip in ((officer, made[0].clip), (chief, made[1].clip)):
        assert (await who.post(f"/v1/clips/{clip}/views", WatchRequest())).status < 300
    first, second = (f"/v1/clips/{each.clip}/markers" for each in made[:2])
    for path, code in (
        (first, "identity-shown"),
        (second, "identity-shown"),
        (second, "rights-told"),
    ):
        marker = (await chief.post(path, MarkerWanted(code=code))).as_(MarkerShown)
        if (path, code) == (second, "identity-shown"):
            assert (await chief.post(f"{path}/{marker.id}/withdraw", Message())).status < 300
    return [each.clip for each in made]


async def recount(door: Open) -> Recounted:
    books = door.archive._books
    await books.signed(await books.catalogue.run(lambda tx: tx.record(KIND, "archive")))
    await door.archive._openings.run(books.log.size)
    return await recounted(books, VaultSource(door.vault, "lab"), "lab", SPAN)


async def test_the_log_tells_the_figures_of_the_tables(door: Open) -> None:
    await filled(door)

    found = await recount(door)

    assert found.differences == found.unopened == ()
    assert found.log == found.tables
    assert (found.log.clips, found.undated) == (3, 1)
    assert {measure: rate.met for measure, rate in found.log.rates.items()} == {
        Measure.LINK: 1,
        Measure.CATEGORY: 1,
        Measure.REVIEW: 1,
        Measure.IDENTITY: 1,
        Measure.RIGHTS: 1,
        Measure.COVERAGE: 1,
    }


async def test_what_was_changed_in_the_tables_is_named(door: Open) -> None:
    clips = await filled(door)

    def change(tx: Transaction) -> None:
        tx.session.execute(update(ClipRow).where(ClipRow.id == clips[0]).values(categories=None))
        moved = ClipRow.id == clips[1], {"started": "2026-10-23T07:59:00.000Z"}
        tx.session.execute(update(ClipRow).where(moved[0]).values(**moved[1]))
        tx.session.query(LinkRow).delete()

    await door.archive._books.catalogue.run(change)
    found = await recount(door)

    assert len(found.differences) == 3
    for part in (f"clip {clips[0]} is", f"clip {clips[1]} counts by the log", "incident i-"):
        assert any(part in each for each in found.differences), part


async def test_what_nothing_opens_is_said(door: Open) -> None:
    await filled(door)
    books = door.archive._books

    found = await recounted(books, VaultSource(door.vault, "elsewhere"), "elsewhere", SPAN)

    assert len(found.unopened) == 4
    assert found.log.clips == 0
