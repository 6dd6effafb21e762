"""Whoever changes the rules can keep footage for longer, and for less not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from archive.catalogue import retentions, stored
from archive.fixity import nobody
from archive.originals import pack_key
from archive.retaining import changes
from evidence.clock import unstamp
from evidence.custody import Entry
from evidence.errors import SetupError
from evidence.law import shelf
from evidence.law.decision import ClipFacts
from evidence.law.pack import LawPack
from evidence.law.rulebook import Rulebook
from evidence.retention import Retention
from evidence.vault import Bucket
from tests.archive.house import START, Footage, House, Open

FOOTAGE = Footage(data=b"footage")
OWN = """\
format = "evidock-law-pack/v1"
name = "our-force"
version = 1
jurisdiction = "XX"
title = "ours"
title_zh = "本单位"
citation = "order 7"
read_at = "the chief's safe"
effective = 2020-01-01
floor = "30 days"
[[rule]]
id = "all"
title = "all"
title_zh = "全部"
keep = "3 years"
citation = "order 7, 1"
"""


def under(house: House, **chosen: object) -> House:
    settings = house.parts.settings
    archive = replace(settings.archive, **chosen)  # type: ignore[arg-type]
    return house.with_(settings=replace(settings, archive=archive))


async def on_record(door: Open, kind: str) -> list[Mapping[str, object]]:
    rows = await door.archive._books.catalogue.run(stored.of, "entry", "kind", [kind])
    return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]


async def kept(door: Open, clip: str) -> tuple[object, object]:
    (row,) = await door.archive._books.catalogue.run(stored.of, "clip", "id", [clip])
    return str(row["retain_until"])[:10], row["retain_rule"]


async def archived(house: House, law: str) -> str:
    async with under(house, law_pack=law).opened() as door:
        return (await (await door.station()).archive(FOOTAGE)).clip


async def test_a_law_that_wants_more_is_followed_for_what_is_there(house: House) -> None:
    clip = await archived(house, "default")
    async with under(house, law_pack="us-ca").opened() as door:
        before = await kept(door, clip)
        longer = await door.archive.apply_rules_now()

        assert (longer, before) == (1, ("2027-05-23", "default/1:unclassified"))
        assert await kept(door, clip) == ("2028-11-24", "us-ca/1:evidentiary")
        (entry,) = await on_record(door, "retain")
        assert (entry["clip"], str(entry["retain_until"])[:10]) == (clip, "2028-11-24")
        assert await door.archive.examine(nobody) == []
        assert await door.archive.apply_rules_now() == 0


async def test_a_law_that_wants_less_shortens_nothing(house: House) -> None:
    clip = await archived(house, "cn-2016")
    async with under(house, law_pack="default").opened() as door:
        assert await door.archive.apply_rules_now() == 0
        assert await kept(door, clip) == ("9999-12-31", "cn-2016/1:permanent")
        assert await on_record(door, "retain") == []


async def test_no_verb_shortens(house: House) -> None:
    clip = await archived(house, "cn-2016")
    async with house.opened() as door:
        less = clip, Retention(until=START, rule="x/1:y")
        with pytest.raises(ValueError, match="not only"):
            await door.archive._books.catalogue.run(retentions.lengthen, [less])

        assert await kept(door, clip) == ("9999-12-31", "cn-2016/1:permanent")
        assert await on_record(door, "retain") == []


async def test_an_agencys_rules_add_to_the_law(house: House, tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(OWN, "utf-8")
    clip = await archived(house, "default")
    async with under(house, rule_sets=(str(file),)).opened() as door:
        assert await door.archive.apply_rules_now() == 1
        assert await kept(door, clip) == ("2029-11-24", "our-force/1:all")


async def test_the_rules_are_published_with_their_files_and_once(house: House) -> None:
    async with under(house, law_pack="uk-met").opened() as door:
        await door.archive.apply_rules_now()
        await door.archive.apply_rules_now()

        (entry,) = await on_record(door, "law.publish")
        book = door.archive._rulebook
        assert entry["law"] == {"pack": "uk-met/1", "digests": {"sha256": book.law.digest.hex}}
        found = door.vault.find(Bucket.RECORDS, pack_key("lab", book.law.digest.hex))
        assert found is not None
        assert found.lock is not None
        data = b"".join(door.vault.read(found.bucket, found.key, found.version_id))
        assert LawPack.parse(data, "the vault") == book.law
    async with under(house, law_pack="us-il").opened() as door:
        await door.archive.apply_rules_now()
        assert len(await on_record(door, "law.publish")) == 2


async def test_an_outsider_works_out_every_date_from_log_and_files(house: House) -> None:
    clip = await archived(house, "default")
    async with under(house, law_pack="us-ca", utc_offset_minutes=-480).opened() as door:
        await door.archive.apply_rules_now()
        (published,) = await on_record(door, "law.publish")
        (told,) = await on_record(door, "retain")
        (came,) = await on_record(door, "archive.verified")

        book = shelf.rulebook(
            replace(
                house.parts.settings.archive,
                law_pack=str(published["law"]["pack"]).partition("/")[0],  # type: ignore[index]
                utc_offset_minutes=int(str(published["utc_offset_minutes"])),
            )
        )
        facts = ClipFacts(archived=_moment(came["received"]))
        again = book.retention(facts, _moment(told["at"]))
        assert (told["clip"], _moment(told["retain_until"])) == (clip, again.until)
        assert told["retain_rule"] == again.rule


async def test_a_preview_changes_nothing_and_names_what_would_be_shorter(house: House) -> None:
    clip = await archived(house, "cn-2016")
    async with house.opened() as door:
        catalogue, wanted = door.archive._books.catalogue, Rulebook(law=shelf.pack("uk-met"))
        before = await catalogue.run(stored.of, "clip", "id", [clip])

        found = [each async for part in changes(catalogue, wanted, START) for each in part]

        assert [(each.clip, each.is_longer, each.is_shorter) for each in found] == [
            (clip, False, False)
        ]
        shorter = Rulebook(law=shelf.pack("default"))
        found = [each async for part in changes(catalogue, shorter, START) for each in part]
        assert [(each.clip, each.is_shorter) for each in found] == [(clip, True)]
        assert await catalogue.run(stored.of, "clip", "id", [clip]) == before


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        ({"law_pack": "atlantis"}, "no law pack 'atlantis'"),
        ({"law_pack": "/no/such.toml"}, "cannot be read: No such file"),
        ({"rule_sets": ("us-ca", "us-ca")}, "two packs are called us-ca"),
    ],
)
async def test_bad_rules_keep_the_archive_from_starting(
    house: House, chosen: Mapping[str, object], problem: str
) -> None:
    with pytest.raises(SetupError, match=problem):
        async with under(house, **chosen).opened():
            await asyncio.sleep(0)


def _moment(told: object) -> datetime:
    return unstamp(str(told))
