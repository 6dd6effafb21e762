"""What left one archive in a whole package, in another: rows, roots, and where originals lie."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import moves
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.moves import Moved
from archive.log.key import load_or_make_signer
from archive.originals import pack_key
from archive.rebuild.bringing import bring
from archive.rebuild.history import History, newest
from archive.rebuild.source import VaultSource
from archive.rebuild.stocking import Stocking, WholePackage, agency_of, log_in
from archive.rebuild.storing import Storing
from evidence.errors import DigestMismatch, LogBroken, SetupError
from evidence.law import shelf
from evidence.package import Statement
from evidence.retention import LEASE_MAX
from evidence.settings import ArchiveSettings
from evidence.vault import Bucket
from evidence.vault.memory import MemoryVault
from evidence.verification.folder import Folder
from tests.archive.export.packages import Package, export
from tests.archive.house import House
from tests.archive.rebuilding import Everything, busy_day, everything, held_by


@pytest.fixture
def house(place: None, tmp_path: Path) -> House:  # noqa: ARG001  it sets the place
    return House.at(tmp_path, incident_feed=str(tmp_path / "cad.csv"))


async def packed(house: House, out: Path) -> Path:
    """A busy day, a census and a whole package of it; the house is closed afterwards."""
    async with house.opened() as door:
        await busy_day(door, Path(house.parts.settings.archive.incident_feed))
        await door.archive.census_now()
        await export(door, out)
    return out


RULEBOOK = shelf.rulebook(ArchiveSettings())


def stocking(house: House, package: Path, agency: str = "lab") -> Stocking:
    """What fills an empty vault from *package*."""
    files = Folder(package)
    statement = Statement.from_bytes(Package(folder=package).data("statement.json"))
    key = load_or_make_signer(house.parts.folder / "log.key", "evidock.example/lab").key
    history = newest([log_in(files)], [key])[0]
    vault = MemoryVault(house.clock)
    return Stocking(
        package=WholePackage(files=files, statement=statement, history=history),
        vault=vault,
        storing=Storing(files=files, vault=vault, scratch=package.with_name("scratch")),
        agency=agency,
        rulebook=RULEBOOK,
        now=house.clock.now(),
    )


def run(of: Stocking) -> list[Moved]:
    return of.run(lambda *_: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A catalogue made from a stocked vault."""

    rows: Everything
    """Before it was said where the originals lie."""
    after: Everything
    findings: Sequence[object]


async def brought(house: House, of: Stocking, moved: list[Moved], file: Path) -> New:
    source = VaultSource(of.vault, "lab", log_in(of.package.files))
    catalogue = await Catalogue.opened(file, house.clock)
    try:
        history: History = of.package.history
        made = await bring(catalogue, history, source, agency="lab", progress=lambda *_: None)
        rows = await catalogue.run(everything)
        await catalogue.run(moves.record, moved)
        after = await catalogue.run(everything)
        return New(rows=rows, after=after, findings=made.findings)
    finally:
        await catalogue.close()


async def test_rows_and_root_are_those_that_left(house: House, tmp_path: Path) -> None:
    package = await packed(house, tmp_path / "out")
    of = stocking(house, package)
    moved = await asyncio.to_thread(run, of)

    new = await brought(house, of, moved, tmp_path / "new.sqlite")

    old = await held_by(house)
    assert new.findings == []
    size = of.package.history.size
    assert [row for row in old["entry"] if int(str(row["seq"])) < size] == new.rows["entry"]
    for table in old.keys() - {"entry"}:
        assert without_versions(new.rows[table]) == without_versions(old[table]), table


def without_versions(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Rows without what each store chooses by itself."""
    return [{name: value for name, value in row.items() if name != "version_id"} for row in rows]


async def test_the_law_goes_along(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        await door.archive.apply_rules_now()
    of = stocking(house, await packed(house, tmp_path / "out"))

    await asyncio.to_thread(run, of)

    (sha256,) = of.package.statement.law
    found = of.vault.find(Bucket.RECORDS, pack_key("lab", sha256))
    assert found is not None
    assert found.lock is not None
    data = b"".join(of.vault.read(found.bucket, found.key, found.version_id))
    assert data == RULEBOOK.law.raw


async def test_rows_lead_to_what_the_new_vault_holds(house: House, tmp_path: Path) -> None:
    of = stocking(house, await packed(house, tmp_path / "out"))
    moved = await asyncio.to_thread(run, of)
    new = await brought(house, of, moved, tmp_path / "new.sqlite")

    for row in new.after["clip"]:
        key, version = str(row["key"]), str(row["version_id"])
        held = of.vault.find(Bucket.ORIGINALS, key, version)
        assert held is not None
        assert held.lock is not None
    assert len(new.after["entry"]) == len(new.rows["entry"]) + len(moved)


async def test_the_lock_is_that_of_the_new_law_and_no_shorter(house: House, tmp_path: Path) -> None:
    package = await packed(house, tmp_path / "out")
    house.clock.advance(timedelta(days=400).total_seconds())
    of = stocking(house, package)

    moved = await asyncio.to_thread(run, of)

    assert {each.lock.until for each in moved} == {RULEBOOK.first_lease(of.now)}


async def test_no_lock_lies_further_ahead_than_a_lease(house: House, tmp_path: Path) -> None:
    """The date on record is the word of whoever made the package; a lock cannot be taken back."""
    of = stocking(house, await packed(house, tmp_path / "out"))
    far = replace(of, now=of.now - timedelta(days=3000))

    moved = await asyncio.to_thread(run, far)

    longest = max(RULEBOOK.first_lease(far.now), far.now + LEASE_MAX + timedelta(seconds=1))
    assert all(each.lock.until <= longest for each in moved)


async def test_a_run_that_was_cut_off_is_run_again(house: House, tmp_path: Path) -> None:
    of = stocking(house, await packed(house, tmp_path / "out"))
    first = await asyncio.to_thread(run, of)
    again = replace(of, _seen={})

    second = await asyncio.to_thread(run, again)

    assert first == second
    assert len(list(of.vault.versions(Bucket.ORIGINALS))) == len({each.key for each in first})


@pytest.mark.parametrize("what", ["originals", "manifests", "completeness", "renditions"])
async def test_a_file_that_is_another_than_the_log_says_is_not_taken(
    house: House, tmp_path: Path, what: str
) -> None:
    """After the verification somebody writes into the package."""
    package = await packed(house, tmp_path / "out")
    of = stocking(house, package)
    file = next(path for path in (package / "data" / what).rglob("*") if path.is_file())
    data = file.read_bytes()
    file.write_bytes(bytes([data[0] ^ 1]) + data[1:])

    with pytest.raises((DigestMismatch, LogBroken)):
        await asyncio.to_thread(run, of)


async def test_another_agency_is_refused(house: House, tmp_path: Path) -> None:
    of = stocking(house, await packed(house, tmp_path / "out"), agency="other")

    assert agency_of(of.package) == "lab"
    with pytest.raises(SetupError, match=r"lie under lab/, not other/"):
        await asyncio.to_thread(run, of)
