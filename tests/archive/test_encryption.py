"""How a vault is encrypted is decided before its first object, on record, and stays so."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalogue import moves, stored
from archive.catalogue.moves import Moved, Which
from archive.copies import Side
from evidence.custody import Entry, EntryKind
from evidence.errors import SetupError
from evidence.vault import Bucket, Lock, LockMode
from evidence.vault.encryption import Encryption
from evidence.vault.memory import MemoryVault
from evidence.vault.settings import SecondVaultSettings, VaultSettings
from tests.archive.copies import pair
from tests.archive.house import Footage, House, Open

FOOTAGE = Footage(data=b"footage")


def with_vault(house: House, **chosen: str) -> House:
    settings = house.parts.settings
    vault = VaultSettings(**chosen)  # type: ignore[arg-type]
    return house.with_(settings=replace(settings, vault=vault))


async def on_record(door: Open, kind: str) -> list[Mapping[str, object]]:
    rows = await door.archive._books.catalogue.run(stored.of, "entry", "kind", [kind])
    return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]


async def archived(door: Open) -> Mapping[str, object]:
    """The entry of a clip that came in."""
    station = await door.station()
    await station.pull(FOOTAGE)
    await station.archive(FOOTAGE)
    (entry,) = await on_record(door, "archive.verified")
    return entry


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({}, Encryption.NONE),
        ({"encryption": "disk"}, Encryption.DISK),
        ({"kind": "s3", "encryption": "disk"}, Encryption.DISK_DECLARED),
        ({"encryption": "store"}, Encryption.STORE),
        ({"kind": "s3", "encryption": "store", "kms_key": "k"}, Encryption.STORE_KMS),
    ],
)
async def test_the_decision_is_the_first_entry_and_each_clip_tells_it(
    house: House, chosen: dict[str, str], told: Encryption
) -> None:
    async with with_vault(house, **chosen).opened() as door:
        clip = await archived(door)
        (row,) = await door.archive._books.catalogue.run(stored.of, "entry", "seq", [0])
        assert await door.archive.encryption() == {Which.FIRST: told}

    first = Entry(bytes(row["raw"])).fields  # type: ignore[call-overload]
    wanted = {
        "kind": EntryKind.VAULT_ENCRYPTION.value,
        "vault": "first",
        "bucket": "memory-originals",
        "encryption": told.value,
        "clips": 0,
    }
    assert {name: first[name] for name in wanted} == wanted
    assert clip.get("encryption", "none") == told.value


async def test_it_is_decided_once(house: House) -> None:
    for _ in range(2):
        async with with_vault(house, encryption="disk").opened() as door:
            assert len(await on_record(door, "vault.encryption")) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"encryption": "disk"}),
        ({}, {"encryption": "store"}),
        ({"encryption": "disk"}, {}),
        ({"encryption": "store"}, {"encryption": "disk"}),
        (
            {"kind": "s3", "encryption": "store"},
            {"kind": "s3", "encryption": "store", "kms_key": "k"},
        ),
    ],
)
async def test_it_cannot_be_changed_and_the_error_says_what_to_do(
    house: House, before: dict[str, str], after: dict[str, str]
) -> None:
    async with with_vault(house, **before).opened() as door:
        size = door.archive._books.log.size

    with pytest.raises(SetupError, match="it was decided as") as refused:
        async with with_vault(house, **after).opened():
            pass

    assert "evidock rebuild --from" in refused.value.advice
    async with with_vault(house, **before).opened() as door:
        assert door.archive._books.log.size >= size
        assert len(await on_record(door, "vault.encryption")) == 1


async def _as_of_an_older_product(house: House) -> None:
    """A clip came in, and nothing was decided."""
    async with house.opened() as door:
        await archived(door)
    await _forget(house)


async def _forget(house: House) -> None:
    with closing(sqlite3.connect(house.parts.folder / "catalogue.sqlite")) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE entry SET kind = 'vault.credentials' WHERE kind = 'vault.encryption'")


async def test_of_a_home_of_before_it_is_said_how_many_clips_lay_there(tmp_path: Path) -> None:
    house = House.at(tmp_path, database="")
    await _as_of_an_older_product(house)

    async with with_vault(house, encryption="disk").opened() as door:
        (told,) = await on_record(door, "vault.encryption")

    assert told["clips"] == 1


async def test_what_the_store_was_not_asked_to_encrypt_is_not_said_to_be(tmp_path: Path) -> None:
    house = House.at(tmp_path, database="")
    await _as_of_an_older_product(house)

    with pytest.raises(SetupError, match="1 clips lie in the first vault") as refused:
        async with with_vault(house, encryption="store").opened():
            pass

    assert "evidock export --all" in refused.value.advice


async def test_in_another_vault_it_is_decided_anew(house: House) -> None:
    async with house.opened() as door:
        clip = await archived(door)
        lock = Lock(mode=LockMode.COMPLIANCE, until=door.clock.now()).whole()
        kept = door.vault.put(Bucket.ORIGINALS, str(clip["key"]), FOOTAGE.data, lock=lock)
        moved = Moved(
            clip=str(clip["clip"]),
            statement="ab" * 32,
            sha256=FOOTAGE.sha256.hex,
            size=len(FOOTAGE.data),
            bucket="memory-originals",
            key=kept.key,
            version=kept.version_id,
            lock=lock,
        )
        await door.archive._books.catalogue.run(moves.record, [moved])

    async with with_vault(house, encryption="store").opened() as door:
        assert await door.archive.encryption() == {Which.FIRST: Encryption.STORE}


async def test_the_second_vault_is_decided_by_itself(tmp_path: Path) -> None:
    house = pair.two(tmp_path)
    settings = house.parts.settings
    second = SecondVaultSettings(kind="s3", encryption="disk")
    disks = house.with_(settings=replace(settings, second_vault=second))
    async with pair.opened(disks) as both:
        assert await both.door.archive.encryption() == {
            Which.FIRST: Encryption.NONE,
            Which.SECOND: Encryption.DISK_DECLARED,
        }

    with pytest.raises(SetupError, match=r"\[second_vault\] now says"):
        async with house.opened():
            pass


class Elsewhere(MemoryVault):
    """Another store."""

    def bucket_name(self, bucket: Bucket) -> str:
        return f"elsewhere-{bucket.value}"


async def test_of_another_second_vault_too(tmp_path: Path) -> None:
    house = pair.two(tmp_path)
    async with house.opened():
        pass
    vault = Elsewhere(house.clock)
    second = SecondVaultSettings(kind="s3", encryption="store")
    changed = house.with_(
        settings=replace(house.parts.settings, second_vault=second),
        second=Side(vault=vault, send=vault.accept),
    )

    async with changed.opened() as door:
        assert (await door.archive.encryption())[Which.SECOND] is Encryption.STORE
