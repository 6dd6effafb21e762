"""Packages with what cases have on file, judged by whoever gets them and by nobody here."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.originals import document_key, dossier_key
from evidence.errors import DigestMismatch, NotKnown
from evidence.openings import Openings
from evidence.package import openings_path
from evidence.rights import Role
from evidence.vault import Bucket, Vault
from evidence.verification.folder import Folder
from evidence.verification.verdict import Outcome, Report, Step, Verdict
from evidence.wire import DocumentShown, DossierShown, LinkRejected
from tests.archive.export.packages import Package, export
from tests.archive.export.test_verified import judged
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import House, Open
from tests.archive.test_case_files import (
    NUMBER,
    PAGE,
    add,
    dossier,
    index_of,
    on_record,
    place,
    spoil,
    two_clips,
)
from tests.archive.test_stocking import run, stocking
from tests.faults.lab import RottingVault


@pytest.fixture
def house(place: None, tmp_path: Path) -> House:  # noqa: ARG001  it sets the place
    (tmp_path / "cad.csv").write_text(HEADER + GOOD)
    house = House.at(tmp_path, incident_feed=str(tmp_path / "cad.csv"))
    vault = RottingVault(house.clock)
    return replace(house.with_(vault=vault), vault=vault)


async def grown(door: Open) -> tuple[list[str], DocumentShown, list[DossierShown]]:
    """A case with a document and a dossier of two versions; a clip was placed and taken out."""
    linked, other = await two_clips(door)
    lena = await door.person(Role.LEGAL)
    await place(lena, other)
    document = (await add(lena)).as_(DocumentShown)
    first = (await dossier(lena)).as_(DossierShown)
    await place(lena, other, "/take-out")
    second = (await dossier(lena)).as_(DossierShown)
    return [linked, other], document, [first, second]


async def of_case(door: Open, out: Path) -> Package:
    await export(door, out, "case", subject=NUMBER)
    return Package(folder=out)


def step_13(report: Report) -> tuple[Outcome, str]:
    found = report.steps[Step.DOSSIERS - 1]
    return found.outcome, found.why


async def test_a_case_leaves_with_its_documents_and_all_versions_of_its_dossier(
    house: House, tmp_path: Path
) -> None:
    async with house.opened() as door:
        clips, document, versions = await grown(door)
        package = await of_case(door, tmp_path / "out")

        report = judged(door, Folder(package.folder))

        assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
        told = "1 documents, 2 versions of dossiers; they name what this package does not hold"
        assert step_13(report) == (Outcome.PASSED, f"{told}: 1 clips")
        assert package.data(f"documents/{document.sha256}") == PAGE
        for each in versions:
            held = package.data(f"dossiers/{each.sha256}.json")
            assert held == index_of(house, each).to_bytes()
        assert [each.clip for each in package.statement.clips] == clips[:1]
        assert package.wrong_digests() == []


async def test_of_a_clip_that_the_case_lost_only_that_is_told(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        (_, other), _, _ = await grown(door)
        package = await of_case(door, tmp_path / "out")

        kinds = [
            fields["kind"]
            for index in package.indexes
            if (fields := package.prove(index, door.archive.verifier_key)).get("clip") == other
        ]

        assert kinds == ["case.unclip"]
        assert other not in "".join(package.files)


@pytest.mark.slow
async def test_what_opens_a_selection_names_nobody(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        _, document, versions = await grown(door)
        package = await of_case(door, tmp_path / "out")

        entries = [document.entry, *(each.entry for each in versions)]
        held = [
            Openings.from_bytes(package.data(openings_path(int(name))))
            for name in sorted(package.statement.openings, key=int)
        ]
        assert [each.entry for each in held] == entries
        told = [{k: v.value.decode() for k, v in each.openings.items()} for each in held]
        assert told == [
            {"case": NUMBER, "title": "笔录", "name": "a/b.pdf"},
            {"case": NUMBER},
            {"case": NUMBER},
        ]
        assert all(each.columns == {} for each in held)


@pytest.mark.slow
async def test_a_whole_package_has_those_of_all_cases(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        _, document, _ = await grown(door)
        made = await export(door, tmp_path / "out")

        report = judged(door, Folder(tmp_path / "out"))

        assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
        assert step_13(report) == (Outcome.PASSED, "1 documents, 2 versions of dossiers")
        assert (made.documents, made.dossiers, made.lost) == (1, 2, 0)
        assert Package(folder=tmp_path / "out").data(f"documents/{document.sha256}") == PAGE


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["clips", "incident"])
async def test_other_selections_hold_nothing_of_them(
    house: House, tmp_path: Path, kind: str
) -> None:
    async with house.opened() as door:
        (linked, _), _, _ = await grown(door)
        named: dict[str, dict[str, Any]] = {
            "clips": {"clips": [linked]},
            "incident": {"subject": "E-1"},
        }
        await export(door, tmp_path / "out", kind, **named[kind])

        report = judged(door, Folder(tmp_path / "out"))

        assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
        assert step_13(report)[0] is Outcome.NOT_ASKED


@pytest.mark.slow
async def test_a_case_that_lost_its_last_clip_leaves_with_what_it_has(
    house: House, tmp_path: Path
) -> None:
    async with house.opened() as door:
        (linked, _), _, _ = await grown(door)
        (link,) = await on_record(door, "link")
        sam = await door.person(Role.SUPERVISOR)
        path = f"/v1/clips/{linked}/links/{link['incident']}/reject"
        assert (await sam.post(path, LinkRejected(why="other-event"))).status == 201
        assert (await dossier(await door.person(Role.LEGAL, name="Ann"))).status == 201
        package = await of_case(door, tmp_path / "out")

        report = judged(door, Folder(package.folder))

        assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
        assert package.statement.clips == []
        assert step_13(report)[1].endswith(
            "3 versions of dossiers; they name what this package does not hold: 2 clips, 1 links"
        )


@pytest.mark.slow
async def test_a_case_without_anything_is_none(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        await two_clips(door)
        with pytest.raises(NotKnown):
            await export(door, tmp_path / "out", "case", subject="C-77")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["document", "dossier"])
async def test_what_the_vault_lost_is_listed_and_is_a_loss(
    house: House, tmp_path: Path, kind: str
) -> None:
    async with house.opened() as door:
        _, document, versions = await grown(door)
        keys = document_key("lab", document.sha256), dossier_key("lab", versions[0].sha256)
        lose(house, keys[kind == "dossier"])
        package = await of_case(door, tmp_path / "out")

        report = judged(door, Folder(package.folder))

        assert report.verdict is Verdict.FALSE
        assert {each.step for each in report.findings} == {Step.DOSSIERS}
        assert report.losses == report.findings
        assert report.but_for_losses().verdict is Verdict.GENUINE


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["document", "dossier"])
async def test_what_is_spoilt_in_the_vault_does_not_leave(
    house: House, tmp_path: Path, kind: str
) -> None:
    async with house.opened() as door:
        _, document, versions = await grown(door)
        keys = document_key("lab", document.sha256), dossier_key("lab", versions[0].sha256)
        spoil(house, keys[kind == "dossier"], PAGE[::-1])

        with pytest.raises(DigestMismatch):
            await of_case(door, tmp_path / "out")

        assert not (tmp_path / "out").exists()


@pytest.mark.slow
async def test_what_left_comes_back_in_another_vault(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        _, document, versions = await grown(door)
        await export(door, tmp_path / "out")
    of = stocking(house, tmp_path / "out")

    await asyncio.to_thread(run, of)

    keys = [dossier_key("lab", each.sha256) for each in versions]
    held = {key: kept(of.vault, key) for key in [document_key("lab", document.sha256), *keys]}
    assert held == {key: kept(house.vault, key) for key in held}


@pytest.mark.slow
@pytest.mark.parametrize("what", ["documents", "dossiers"])
async def test_what_was_changed_after_it_was_judged_does_not_come_in(
    house: House, tmp_path: Path, what: str
) -> None:
    async with house.opened() as door:
        await grown(door)
        await export(door, tmp_path / "out")
    of = stocking(house, tmp_path / "out")
    file = next((tmp_path / "out/data" / what).iterdir())
    file.write_bytes(file.read_bytes() + b" ")

    with pytest.raises(DigestMismatch):
        await asyncio.to_thread(run, of)


def kept(vault: Vault, key: str) -> bytes:
    """What lies there, under a lock."""
    version = vault.find(Bucket.RECORDS, key)
    assert version is not None
    assert version.lock is not None
    return b"".join(vault.read(version.bucket, version.key, version.version_id))


def lose(house: House, key: str) -> None:
    """What an insider at the disks can do, and a store that breaks."""
    assert isinstance(house.vault, RottingVault)
    ((name, version),) = house.vault.objects(Bucket.RECORDS, key)
    house.vault.relock(Bucket.RECORDS, name, version, None)
    house.vault.delete_version(Bucket.RECORDS, name, version)
