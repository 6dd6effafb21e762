"""Rounds over a catalogue in which rows are gone or cannot be understood: they go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.fixity import Component
from archive.fixity.rounds import How, Rounds
from evidence.clock import SystemClock
from evidence.vault import Bucket
from tests.faults.lab import CLIPS, Lab, lab

VERIFIED = "SELECT seq FROM entry WHERE kind = 'archive.verified' ORDER BY seq"


def rounds(archive: Lab) -> Rounds:
    what = archive.what
    how = How(days=0.1, pauses=())
    return Rounds(what.catalogue, what.vault, SystemClock(), how, agency="lab")


async def test_a_row_that_cannot_be_understood_holds_up_no_other(tmp_path: Path) -> None:
    async with lab(tmp_path) as archive:
        rot, lost = archive.database.execute(f"{VERIFIED} LIMIT 2").fetchall()
        archive.database.execute("UPDATE entry SET raw = x'7b' WHERE seq = ?", rot)
        archive.database.execute("DELETE FROM entry WHERE seq = ?", lost)
        archive.database.commit()
        looking = rounds(archive)

        assert await looking.share_now() == CLIPS
        assert ["entry row" in each or "clip row" in each for each in looking.problems] == [
            True
        ] * 2


async def test_a_clip_that_failed_and_lost_its_row_holds_up_no_other(tmp_path: Path) -> None:
    async with lab(tmp_path) as archive:
        looking = rounds(archive)
        ((key, version), *_) = archive.vault.objects(Bucket.ORIGINALS)
        archive.vault.alter(Bucket.ORIGINALS, key, version, lambda data: data[:-1] + b"!")
        await looking.share_now()
        (clip,) = looking._failed
        archive.database.execute("DELETE FROM clip WHERE id = ?", (clip,))
        archive.database.commit()

        assert await looking.share_now() == CLIPS - 1
        assert looking._failed == {clip: "clip row"}


@pytest.mark.slow
async def test_what_the_store_cannot_tell_of_is_a_finding_of_fsck(tmp_path: Path) -> None:
    async with lab(tmp_path) as archive:
        places = [
            (bucket, archive.vault.objects(bucket, prefix)[0][0])
            for bucket, prefix in (
                (Bucket.ORIGINALS, ""),
                (Bucket.RECORDS, "lab/manifests/"),
                (Bucket.RECORDS, "log/tile/entries/"),
                (Bucket.DERIVED, ""),
            )
        ]
        archive.vault.silent |= set(places)
        found = await archive.fsck()
        archive.vault.silent.clear()

        named = {each.component.value for each in found}
        assert named == {"original", "manifest", "log copy", "derived object"}
        assert all("cannot be read" in each.problem for each in found)
        assert await archive.fsck() == []


async def test_a_silent_copy_of_the_checkpoint_is_a_finding(tmp_path: Path) -> None:
    async with lab(tmp_path) as archive:
        archive.vault.silent.add((Bucket.RECORDS, "log/checkpoint"))
        (found,) = await archive.fsck()

        assert found.component is Component.LOG_COPY
