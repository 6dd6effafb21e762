"""What a whole package must be, and what its taker may say, before a home is made of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import URL

from archive.catalogue.catalogue import Catalogue
from evidence.clock import SystemClock
from evidence.custody import EntryKind
from evidence.package import Statement
from evidence.vault import Bucket
from evidence.verification.verdict import MOST_FINDINGS
from evidock.__main__ import main
from evidock.taking_over import lost_in
from tests.archive.export.packages import archived, export
from tests.archive.house import Footage, House
from tests.faults.lab import RottingVault
from tests.postgres import OWNER, Server


async def _lost(folder: Path) -> Path:
    """A whole package of two clips, the original of one of which was lost before."""
    house = House.at(folder)
    vault = RottingVault(house.clock)
    async with replace(house.with_(vault=vault), vault=vault).opened() as door:
        station = await door.station()
        for path in (b"1.MP4", b"2.MP4"):
            await archived(station, Footage(data=path, path=path))
        key, version = vault.objects(Bucket.ORIGINALS)[0]
        vault.relock(Bucket.ORIGINALS, key, version, None)
        vault.delete_version(Bucket.ORIGINALS, key, version)
        await export(door, folder / "package")
    return folder / "package"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return asyncio.run(_lost(tmp_path))


def taken(package: Path, *more: str | Path) -> int:
    key = package.parent / "archive" / "log.key"
    new = package.parent / "new"
    options: Sequence[str | Path] = ("--unverified", "--log-key", key, *more)
    return main(["rebuild", "--from", str(package), "--into", str(new), *map(str, options)])


def test_an_archive_that_lost_an_original_can_leave_if_somebody_says_so(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert taken(package) == 31
    said = capsys.readouterr().err
    assert "something was lost before the package was made" in said
    assert "--accept-losses" in said

    assert taken(package, "--accept-losses", "--json") == 1

    told = json.loads(capsys.readouterr().out)
    assert (told["clips"], len(told["findings"])) == (2, 1)
    assert "original no more" in told["findings"][0]["problem"]


def test_that_an_original_was_lost_excuses_nothing_else(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (original,) = (path for path in (package / "data/originals").rglob("*") if path.is_file())
    original.write_bytes(b"x" + original.read_bytes()[1:])

    assert taken(package, "--accept-losses") == 31
    assert "is not genuine" in capsys.readouterr().err


def test_each_lost_original_is_named_however_many(package: Path) -> None:
    """A report names so many findings and counts the rest; who takes it over needs all."""
    statement = Statement.from_bytes((package / "data" / "statement.json").read_bytes())
    lost = next(clip for clip in statement.clips if clip.without == "missing")
    many = [msgspec.structs.replace(lost, clip=f"c-{n}") for n in range(MOST_FINDINGS + 2)]

    told = lost_in(msgspec.structs.replace(statement, clips=[*statement.clips, *many]))

    assert [each.subject for each in told] == [lost.clip, *(clip.clip for clip in many)]


@pytest.mark.parametrize("option", ["--tsa-ca", "--settings", "--log-key", "--succession"])
def test_nothing_that_judges_it_comes_from_within(
    package: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (package / "within").write_bytes(b"x")

    assert taken(package, option, package / "within") == 40
    assert "which it is to judge" in capsys.readouterr().err
    assert not (package.parent / "new" / "evidock.home").exists()


def test_a_database_that_holds_entries_is_refused_before_anything_is_stored(
    package: Path, postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is stored is under a lock, and stays."""
    house = House.at(package.parent)  # whose log it is
    agency = house.parts.settings.agency
    with postgres.database() as name:
        url = postgres.url(name, OWNER)
        asyncio.run(_filled(url))
        (package.parent / "settings").write_text(
            f'[agency]\nname = "{agency.name}"\norigin = "{agency.origin}"\n'
            f'[archive]\ndatabase = "{url.render_as_string(hide_password=False)}"\n'
        )

        assert taken(package, "--accept-losses", "--settings", package.parent / "settings") == 40

    assert "holds entries already" in capsys.readouterr().err
    assert not (package.parent / "new" / "vault").exists()


async def _filled(url: URL) -> None:
    catalogue = await Catalogue.opened(url, SystemClock())
    await catalogue.run(lambda tx: tx.record(EntryKind.CREDENTIALS_READ, "owner"))
    await catalogue.close()


def test_what_is_said_of_packages_only_is_named_for_a_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").mkdir()
    for option in ("--accept-losses", "--unverified"):
        with pytest.raises(SystemExit):
            main(["rebuild", "--from", f"{tmp_path}/home", "--into", f"{tmp_path}/new", option])
        assert f"{option} is not for homes" in capsys.readouterr().err
