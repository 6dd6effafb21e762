"""What was lawful when it was done stays lawful, however strict the rules become afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.clock import SetClock
from evidence.cosignature import KeyCosigner, cosign
from evidence.errors import VaultUnreachable
from evidence.note import add_signatures, open_checkpoint
from evidence.verification.verdict import Verdict
from tests.archive.disposal.ending import Ending, court, ending, originals
from tests.archive.disposal.test_record import verified
from tests.archive.disposal.test_vaults import stubborn
from tests.archive.export.packages import export
from tests.archive.house import House
from tests.archive.test_retaining import OWN, under


@pytest.fixture
def stricter(house: House, tmp_path: Path) -> House:
    """The same house under a law, a rule set of its own, a floor and terms that all want more."""
    own = tmp_path / "own.toml"
    own.write_text(OWN, "utf-8")
    return under(
        house,
        law_pack="us-ca",
        rule_sets=(str(own),),
        floor_days=1000,
        notice_days=100,
        restore_days=90,
        disposals_per_mille=1,
    )


async def test_what_went_before_is_no_difference_after(
    house: House, stricter: House, tmp_path: Path
) -> None:
    async with ending(house, tmp_path / "court") as end:
        clip = await end.archive()
        await end.agreed(clip)
        assert (await end.walk()).done == (clip,)

    async with ending(stricter, tmp_path / "court") as end:
        await end.cosign()
        await export(end.door, tmp_path / "all")

        assert len(await end.entries("law.publish")) == 2
        assert await end.fsck() == []
        report = verified(end, tmp_path / "all")
        assert (report.findings, report.verdict) == ([], Verdict.GENUINE)


async def test_what_had_begun_before_is_ended_after_and_is_no_difference(
    house: House, stricter: House, tmp_path: Path
) -> None:
    async with stubborn(house, tmp_path / "court") as (end, first, second):
        clip = await end.archive()
        await end.copy()
        await end.agreed(clip)
        first.deletes_left = 1
        with pytest.raises(VaultUnreachable):
            await end.walk()
        first.deletes_left = None

    there = stricter.with_(vault=first, second=end.door.archive._parts.second)
    async with ending(there, tmp_path / "court") as again:
        assert await again.fsck() == []
        assert (await again.walk()).done == (clip,)
        assert len(await again.entries("law.publish")) == 2
        assert await again.fsck() == []
    assert originals(first) == originals(second) == []


async def test_what_had_not_begun_waits_for_what_is_wanted_now(
    house: House, stricter: House, tmp_path: Path
) -> None:
    async with ending(house, tmp_path / "court") as end:
        clip = await end.archive()
        await end.agreed(clip)

    async with ending(stricter, tmp_path / "court") as end:
        walked = await end.walk()

        assert walked.done == ()
        assert {each.step for each in walked.waiting[clip]} >= {2, 4}
        assert await end.entries("dispose.begin") == []
        assert await end.fsck() == []


LATE = KeyCosigner("late.example", Ed25519PrivateKey.from_private_bytes(bytes([7] * 32)))
"""A witness without a URL: what it says is carried by hand."""


@asynccontextmanager
async def seen_by(house: House, folder: Path, quorum: str) -> AsyncIterator[Ending]:
    """The house, its log seen by the court and by whom people ask by hand: *quorum* of the two."""
    clock = SetClock(house.clock.now())
    async with court(house.parts, folder, clock) as told:
        policy = Path(told.policy)
        lines = policy.read_text().replace("quorum court", f"group g {quorum} court late\nquorum g")
        policy.write_text(f"witness late {LATE.key}\n{lines}")
        there = house.with_(settings=replace(house.parts.settings, witnesses=told))
        async with there.opened() as door:
            await door.archive.apply_rules_now()
            yield Ending(door=door, court=clock)


def late_says(end: Ending, ahead: timedelta = timedelta()) -> None:
    """The late witness cosigns the log as it is now, by a clock that is *ahead*."""
    books = end.door.archive.books
    note = books.log.checkpoint()
    text = open_checkpoint(note, [books.signer.key]).text
    end.door.archive.witnesses.answered(
        add_signatures(note, cosign(text, LATE, end.court.now() + ahead))
    )


async def test_more_witnesses_that_have_not_seen_it_yet_are_no_difference(
    house: House, tmp_path: Path
) -> None:
    async with seen_by(house, tmp_path / "court", "any") as end:
        late_says(end)
        clip = await end.archive()
        await end.agreed(clip)
        assert (await end.walk()).done == (clip,)
        await end.cosign()

    async with seen_by(house, tmp_path / "court", "all") as end:
        await end.cosign()
        assert await end.fsck() == []
        late_says(end)
        assert await end.fsck() == []


async def test_one_that_saw_it_and_told_an_earlier_time_is_a_difference(
    house: House, tmp_path: Path
) -> None:
    async with seen_by(house, tmp_path / "court", "any") as end:
        clip = await end.archive()
        await end.agreed(clip)
        assert (await end.walk()).done == (clip,)
        await end.cosign()

    async with seen_by(house, tmp_path / "court", "all") as end:
        late_says(end, -timedelta(days=3))

        (found,) = await end.fsck()
        assert "told" in found
        assert "nobody trusted has seen that time" in found
