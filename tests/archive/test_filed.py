"""Documents and dossiers in the vault: what is refused is not stored, and no slow line blocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from archive.catalogue import dossiers
from archive.catalogue.case_tables import DossierRow
from archive.catalogue.catalogue import Transaction
from archive.dossiers import Dossiers
from archive.fixity import Component, nobody
from archive.originals import document_key, dossier_key
from evidence.commitment import Opening
from evidence.digest import Sha256
from evidence.errors import OutOfTurn, Refused
from evidence.rights import Role
from evidence.vault import Bucket, Lock, LockMode, StoredVersion
from evidence.wire import DocumentShown
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import House, Open
from tests.archive.test_case_files import (
    NUMBER,
    add,
    close,
    dossier,
    place,
    two_clips,
)

STRAY = b"stored, and then its act was cut off"


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "cad.csv").write_text(HEADER + GOOD)
    return House.at(tmp_path, incident_feed=str(tmp_path / "cad.csv"))


async def blocks(*data: bytes, until: asyncio.Barrier | None = None) -> AsyncIterator[bytes]:
    """The bytes of a file; on a slow line they wait for others twice before the last ones come."""
    yield data[0]
    for _ in range(0 if until is None else 2):
        assert until is not None
        await until.wait()
    for each in data[1:]:
        yield each


def stored(door: Open, folder: str) -> set[str]:
    return {each.key for each in door.vault.versions(Bucket.RECORDS, f"lab/{folder}/")}


def lock_of(door: Open, key: str) -> Lock:
    found = door.vault.find(Bucket.RECORDS, key)
    assert found is not None
    assert found.lock is not None
    return found.lock


def cut_off(door: Open) -> StoredVersion:
    """A document that the vault holds, and no entry names."""
    lock = Lock(mode=LockMode.COMPLIANCE, until=door.clock.now() + timedelta(days=180))
    key = document_key("lab", Sha256.of(STRAY).hex)
    return door.vault.put(Bucket.RECORDS, key, STRAY, lock=lock)


def forked(tx: Transaction) -> dossiers.Draft:
    """The first version of the case, made a second time as if there were none."""
    rows = tx.session.query(DossierRow).all()
    held = [{c.name: getattr(row, c.name) for c in DossierRow.__table__.columns} for row in rows]
    tx.session.execute(delete(DossierRow))
    tx.session.expunge_all()
    draft = dossiers.draft(tx, NUMBER, None, Opening.fresh(NUMBER))
    dossiers.record(tx, "u-1", draft, None)
    tx.session.add_all(DossierRow(**each) for each in held)
    tx.session.flush()
    return draft


async def test_what_is_refused_was_not_stored(house: House) -> None:
    async with house.opened() as door:
        _, other = await two_clips(door)
        lena = await door.person(Role.LEGAL)
        assert (await close(lena)).status == 201
        await place(lena, other)
        before = stored(door, "dossiers")

        assert (await close(lena)).status == 409
        assert stored(door, "dossiers") == before
        assert len(before) == 1


async def test_what_no_entry_names_is_told_and_not_locked_for_longer(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        kept = (await add(await door.person(Role.LEGAL))).as_(DocumentShown)
        stray = cut_off(door)
        ends = [lock_of(door, each) for each in (stray.key, document_key("lab", kept.sha256))]

        (found,) = await door.archive.examine(nobody)
        for _ in range(19):
            door.clock.advance(timedelta(days=9).total_seconds())
            await door.archive.renew_leases_now()

        later = [lock_of(door, each) for each in (stray.key, document_key("lab", kept.sha256))]
        assert (found.component, found.subject) == (Component.STRAY, f"records/{stray.key}")
        assert later[0] == ends[0]
        assert later[1].until > ends[1].until


@pytest.mark.slow
async def test_a_second_first_version_is_found(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        assert (await dossier(await door.person(Role.LEGAL))).status == 201
        run = door.archive.books.catalogue.run
        draft = await run(forked)
        made: Dossiers = door.archive.desk.dossiers
        made._keep(draft.index)

        (found,) = await door.archive.examine(nobody)

        assert dossier_key("lab", draft.index.digest.hex) in stored(door, "dossiers")
        assert found.problem.startswith("begins anew what began with entry")


async def test_slow_lines_hold_up_nobody(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        desk, rest = door.archive.desk.documents, asyncio.Barrier(9)
        slow = [
            asyncio.ensure_future(
                desk.add(f"u-{n % 2}", NUMBER, "t", "n", blocks(b"a", b"%d" % n, until=rest))
            )
            for n in range(8)
        ]
        await rest.wait()  # all eight are on their way, and wait again

        assert (await desk.add("u-9", NUMBER, "t", "n", blocks(b"quick"))).size == 5
        with pytest.raises(OutOfTurn, match="4 documents are on their way"):
            await desk.add("u-0", NUMBER, "t", "n", blocks(b"one too many"))
        await rest.wait()
        assert {each.size for each in await asyncio.gather(*slow)} == {2}
        assert list(desk.folder.iterdir()) == []


async def test_what_does_not_come_in_time_is_refused(house: House) -> None:
    async with house.opened() as door:
        await two_clips(door)
        desk = replace(door.archive.desk.documents, patience=0.05)

        with pytest.raises(Refused, match=r"took longer than 0 s"):
            await desk.add("u-1", NUMBER, "t", "n", blocks(b"a", until=asyncio.Barrier(2)))

        assert stored(door, "documents") == set()
        assert list(desk.folder.iterdir()) == []
