"""What people put into cases: clips, documents, dossiers; fsck and rebuild know all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from archive.catalogue import cases, closings, stored
from archive.catalogue.catalogue import Transaction
from archive.export.order import Exported, Order
from archive.fixity import nobody
from archive.originals import document_key, dossier_key
from evidence.clock import stamp
from evidence.custody import Entry
from evidence.digest import Sha256
from evidence.dossier import Index
from evidence.package import Selection
from evidence.rights import Role
from evidence.vault import Bucket
from evidence.wire import (
    CaseClosed,
    CaseNamed,
    CasePage,
    ClipPlaced,
    DocumentShown,
    DossierShown,
    Replay,
    WorkCounts,
    WorkPage,
)
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import Answer, Footage, House, Open, Person
from tests.archive.rebuilding import held_by, rebuilt
from tests.archive.test_retaining import under
from tests.faults.lab import RottingVault

NUMBER = "C-9"
LINKED = Footage(data=b"linked")
ELSE = Footage(data=b"of nobody", path=b"DCIM/9.MP4", officer="0001")
PAGE = b"%PDF-1.7 a page with <script>"


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "cad.csv").write_text(HEADER + GOOD)
    house = House.at(tmp_path, incident_feed=str(tmp_path / "cad.csv"))
    vault = RottingVault(house.clock)
    return replace(under(house, law_pack="us-ca").with_(vault=vault), vault=vault)


async def two_clips(door: Open) -> tuple[str, str]:
    """One that is in the case by its incident, and one that is in none."""
    station = await door.station()
    linked, other = [(await station.archive(each)).clip for each in (LINKED, ELSE)]
    await door.archive.import_feed_now()
    return linked, other


async def place(who: Person, clip: str, what: str = "", number: str = NUMBER) -> Answer:
    told = ClipPlaced(number=number, clip=clip, reason="seen on it")
    return await who.post(f"/v1/cases/clips{what}", told)


async def add(
    who: Person, data: bytes = PAGE, title: str = "笔录", name: str = "a/b.pdf"
) -> Answer:
    headers = {"Authorization": f"Bearer {who.token}", "Evidock-Case": quote(NUMBER)}
    headers |= {"Evidock-Title": quote(title), "Evidock-Name": quote(name)}
    return await who.door.send("POST", "/v1/cases/documents", data, headers)


async def dossier(who: Person) -> Answer:
    return await who.post("/v1/cases/dossier", CaseNamed(number=NUMBER))


async def close(who: Person, what: str = "close") -> Answer:
    return await who.post(f"/v1/cases/{what}", CaseClosed(number=NUMBER, reason="verdict"))


async def replayed(who: Person, of: str, number: str) -> Replay:
    return (await who.get(f"/v1/{of}/replay?number={number}")).as_(Replay)


async def take_out_package(door: Open, out: Path) -> Exported:
    selection = Selection(kind="case", subject=NUMBER)
    order = Order(out=out, selection=selection, reason="for the court")
    return await door.archive.export(order, lambda *_: None)


def closed_often(tx: Transaction, times: int) -> None:
    for _ in range(times):
        closings.close(tx, "u-1", NUMBER, "verdict")
        closings.reopen(tx, "u-1", NUMBER, "appeal")


async def in_case(door: Open, number: str = NUMBER) -> set[str]:
    return set(await door.archive.books.catalogue.run(cases.clips_of, number))


async def on_record(door: Open, kind: str) -> list[Mapping[str, object]]:
    rows = await door.archive.books.catalogue.run(stored.of, "entry", "kind", [kind])
    return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]


def index_of(house: House, shown: DossierShown) -> Index:
    """The version as the vault keeps it, under a lock."""
    version = house.vault.find(Bucket.RECORDS, dossier_key("lab", shown.sha256))
    assert version is not None
    assert version.lock is not None
    data = b"".join(house.vault.read(version.bucket, version.key, version.version_id))
    return Index.from_bytes(data)


def spoil(house: House, key: str, data: bytes) -> None:
    """What an insider at the disks does: other bytes under the same version."""
    assert isinstance(house.vault, RottingVault)
    ((name, version),) = house.vault.objects(Bucket.RECORDS, key)
    house.vault.alter(Bucket.RECORDS, name, version, lambda _: data)


async def test_a_clip_is_placed_in_a_case_kept_by_it_and_taken_out(house: House) -> None:
    async with house.opened() as door:
        linked, other = await two_clips(door)
        rita = await door.person(Role.REVIEWER)

        assert (await place(rita, other)).status == 201
        assert await in_case(door) == {linked, other}
        assert (await place(rita, other)).status == 409
        assert (await place(rita, other, "/take-out")).status == 201
        assert (await place(rita, other, "/take-out")).status == 409
        assert (await place(rita, linked, "/take-out")).status == 409
        assert await in_case(door) == {linked}
        assert NUMBER not in str(await on_record(door, "case.clip"))
        assert await door.archive.examine(nobody) == []


@pytest.mark.slow
async def test_what_a_person_placed_stays_locked_while_the_case_is_open(house: House) -> None:
    async with house.opened() as door:
        _, other = await two_clips(door)
        await place(await door.person(Role.REVIEWER), other)
        for _ in range(90):
            house.clock.advance(timedelta(days=10).total_seconds())
            await door.archive.renew_leases_now()

        (row,) = await door.archive.books.catalogue.run(stored.of, "clip", "id", [other])
        assert str(row["retain_until"]) < stamp(house.clock.now()) < str(row["lock_until"])


async def test_what_is_not_there_is_not_placed(house: House) -> None:
    async with house.opened() as door:
        _, other = await two_clips(door)
        rita = await door.person(Role.REVIEWER)

        assert (await place(rita, other, number="C-10")).status == 404
        assert (await place(rita, "c-" + "0" * 32)).status == 404
        assert await on_record(door, "case.clip") == []


async def test_a_document_is_kept_and_given_with_a_record_to_be_saved_alone(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        lena = await door.person(Role.LEGAL)

        told = (await add(lena)).as_(DocumentShown)
        path = f"/v1/documents/{told.id}/views"
        headers = {"Authorization": f"Bearer {lena.token}"}
        async with door.http.post(path, headers=headers) as answer:
            given, said = await answer.read(), answer.headers

        assert (told.title, told.name, told.size) == ("笔录", "a/b.pdf", len(PAGE))
        assert (given, told.sha256) == (PAGE, Sha256.of(PAGE).hex)
        assert said["Content-Disposition"] == "attachment; filename*=UTF-8''a%2Fb.pdf"
        assert said["Content-Type"] == "application/octet-stream"
        assert "sandbox" in said["Content-Security-Policy"]
        assert len(await on_record(door, "document.view")) == 1
        assert "笔录" not in str(await on_record(door, "document.add"))
        held = house.vault.find(Bucket.RECORDS, document_key("lab", told.sha256))
        assert held is not None
        assert held.lock is not None
        assert await door.archive.examine(nobody) == []


async def test_a_document_that_is_none_is_refused(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        lena = await door.person(Role.LEGAL)
        await add(lena)

        again, empty, unnamed = [
            await add(lena),
            await add(lena, b""),
            await add(lena, b"x", title="\u202e x"),
        ]

        assert (again.status, empty.status, unnamed.status) == (409, 400, 400)
        assert "the document is empty" in empty.body.decode()
        assert len(await on_record(door, "document.add")) == 1


@pytest.mark.slow
async def test_what_the_vault_no_longer_has_is_not_given_and_found(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        lena = await door.person(Role.LEGAL)
        told = (await add(lena)).as_(DocumentShown)
        spoil(house, document_key("lab", told.sha256), PAGE[::-1])

        answer = await lena.post(f"/v1/documents/{told.id}/views", CaseNamed(number=""))

        assert answer.status == 422
        (found,) = await door.archive.examine(nobody)
        assert found.component.value == "document"


async def test_a_dossier_grows_and_says_what_fell_out(house: House) -> None:
    async with house.opened() as door:
        linked, other = await two_clips(door)
        lena = await door.person(Role.LEGAL)
        await place(lena, other)
        document = (await add(lena)).as_(DocumentShown)
        first = (await dossier(lena)).as_(DossierShown)
        assert (await dossier(lena)).status == 409
        await place(lena, other, "/take-out")
        second = (await dossier(lena)).as_(DossierShown)

        had, has = index_of(house, first), index_of(house, second)
        assert {each.id for each in had.items if each.kind == "clip"} == {linked, other}
        assert document.id in {each.id for each in has.items}
        assert [(each.kind, each.id) for each in has.gone] == [("clip", other)]
        assert (has.number, has.previous) == (2, first.sha256)
        assert {each.kind for each in has.items} == {"clip", "document", "incident", "link"}
        assert await door.archive.examine(nobody) == []


@pytest.mark.slow
async def test_closing_a_case_makes_its_dossier_in_the_same_moment(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        lena = await door.person(Role.LEGAL)

        assert (await close(lena)).status == 201
        assert (await close(lena)).status == 409
        assert (await close(lena, "reopen")).status == 201
        assert (await close(lena)).status == 201

        shown = await replayed(lena, "cases", NUMBER)
        assert [each.number for each in shown.dossiers] == [1]
        kinds = [each.kind for each in shown.acts]
        assert kinds.index("dossier.made") + 1 == kinds.index("case.close")
        assert await door.archive.examine(nobody) == []


async def test_one_page_has_the_whole_course(house: House) -> None:
    async with house.opened() as door:
        linked, other = await two_clips(door)
        lena = await door.person(Role.LEGAL)
        await place(lena, other)
        await add(lena)

        case = await replayed(lena, "cases", NUMBER)
        event = await replayed(lena, "incidents", case.incidents[0].number)

        assert {each.clip for each in case.recordings} == {linked, other}
        assert {each.clip for each in event.recordings} == {linked}
        assert {each.kind for each in case.acts} >= {
            "archive.verified",
            "link",
            "incident.import",
            "case.clip",
            "document.add",
        }
        why = {each.clip: [told.reason for told in each.why] for each in case.recordings}
        assert why == {linked: ["officer+window"], other: ["seen on it"]}
        assert [each.number for each in event.cases] == [NUMBER]
        assert (await lena.get("/v1/cases/replay?number=C-77")).status == 404
        assert (await lena.get("/v1/cases/replay?number=C-9&acts=x")).status == 400


async def test_work_that_is_left_is_listed_in_parts(house: House) -> None:
    async with house.opened() as door:
        linked, other = await two_clips(door)
        rita = await door.person(Role.REVIEWER)

        counts = (await rita.get("/v1/worklists")).as_(WorkCounts)
        first = (await rita.get("/v1/worklists/clips?limit=1")).as_(WorkPage)
        second = (await rita.get(f"/v1/worklists/clips?limit=1&after={first.next}")).as_(WorkPage)
        bare = (await rita.get("/v1/worklists/incidents")).as_(WorkPage)

        assert {each.name: each.count for each in counts.lists}["clips"] == 2
        assert [each.id for each in (*first.items, *second.items)] == [other, linked]
        assert (second.next, bare.next) == (None, None)
        assert linked not in {each.id for each in bare.items}
        assert (await rita.get("/v1/worklists/nothing")).status == 404
        assert (await rita.get("/v1/worklists/clips?after=x")).status == 400


async def test_a_case_that_only_a_closing_ever_named_stays_listed(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        lena = await door.person(Role.LEGAL)
        page = (await lena.get("/v1/cases")).as_(CasePage)

        assert [(each.number, each.clips, each.incidents) for each in page.cases] == [
            (NUMBER, 1, 1)
        ]


async def test_everything_comes_back_in_a_rebuild(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        _, other = await two_clips(door)
        lena = await door.person(Role.LEGAL)
        await place(lena, other)
        document = (await add(lena)).as_(DocumentShown)
        assert (await dossier(lena)).status == 201
        await lena.post(f"/v1/documents/{document.id}/views", CaseNamed(number=""))
        await place(lena, other, "/take-out")
        await take_out_package(door, tmp_path / "out")
    before = await held_by(house)

    after, _ = await rebuilt(house, tmp_path / "again.sqlite")

    for table in ("case_clip", "document", "document_view", "dossier", "case_export"):
        assert len(before[table]) == 1
        assert after[table] == before[table]


@pytest.mark.slow
async def test_an_insiders_dossier_that_leaves_something_out_is_found(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        lena = await door.person(Role.LEGAL)
        first = index_of(house, (await dossier(lena)).as_(DossierShown))
        await add(lena)
        second = (await dossier(lena)).as_(DossierShown)
        true = index_of(house, second)
        bent = msgspec.structs.replace(true, items=[each for each in true.items if each.sha256])
        key = dossier_key("lab", second.sha256)
        spoil(house, key, bent.to_bytes())

        found = await door.archive.examine(nobody)

        assert {each.component.value for each in found} == {"dossier"}
        assert first.number == 1


@pytest.mark.slow
async def test_a_case_shows_the_packages_that_were_taken_out_of_it(
    house: House, tmp_path: Path
) -> None:
    async with house.opened() as door:
        await two_clips(door)
        lena = await door.person(Role.LEGAL)
        done = await take_out_package(door, tmp_path / "out")

        shown = await replayed(lena, "cases", NUMBER)

        assert done.entry in {each.index for each in shown.acts if each.kind == "export"}
        assert await door.archive.examine(nobody) == []


@pytest.mark.slow
async def test_long_courses_come_in_parts_that_leave_nothing_out(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        lena = await door.person(Role.LEGAL)
        await door.archive.books.catalogue.run(closed_often, 110)

        found: list[int] = []
        after: str | None = ""
        while after is not None:
            path = f"/v1/cases/replay?number={NUMBER}&acts={after}"
            part = (await lena.get(path)).as_(Replay)
            found, after = [*found, *(each.index for each in part.acts)], part.next_acts

        assert len(found) == len(set(found)) > 220
        assert found == sorted(found)
