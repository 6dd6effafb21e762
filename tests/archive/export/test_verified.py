"""What the archive exports, judged by the verifier that knows nothing of it."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from archive.catalogue.judged import Finding, judge, subject
from evidence.package import Statement
from evidence.verification.case import Brought
from evidence.verification.files import Files
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_package
from evidence.verification.verdict import Report, Step, Verdict
from evidence.verification.zipped import files_in
from tests.archive.export.packages import Package, archived, export
from tests.archive.house import START, Footage, Open

NAMES = (b"1.MP4", b"2.AVI", b"a\r\nb.MP4", b"\xff\xfe.m\x00p4", b"100%.MP4")


async def filled(door: Open) -> list[str]:
    """Clips of two officers, two of them of equal bytes, one with a rendition."""
    station = await door.station()
    clips = [
        await archived(station, Footage(data=b"of %d" % (number % 4), path=name))
        for number, name in enumerate(NAMES)
    ]
    await station.derive(clips[0])
    return clips


def judged(door: Open, files: Files, key: str | None = None) -> Report:
    policy = f"log {key or door.archive.verifier_key}\nquorum none\n".encode()
    brought = Brought(policy=policy, now=START + timedelta(days=1))
    return judge_package(files, brought, lambda *_: None)


@pytest.mark.parametrize("name", ["out", "out.zip"])
@pytest.mark.parametrize("kind", ["all", "clips", "officer-day"])
async def test_what_is_exported_is_genuine(
    door: Open, tmp_path: Path, kind: str, name: str
) -> None:
    clips = await filled(door)
    await export(door, tmp_path / "whole")
    day = Statement.from_bytes(Package(folder=tmp_path / "whole").data("statement.json")).made[:10]
    more: dict[str, dict[str, Any]] = {
        "clips": {"clips": clips[:2]},
        "officer-day": {"subject": "4711", "day": day},
    }
    out = tmp_path / name
    await export(door, out, kind, **more.get(kind, {}))

    with files_in(out) as files:
        report = judged(door, files)

    assert report.findings == []
    assert report.verdict is Verdict.GENUINE


@pytest.mark.parametrize("name", ["out", "out.zip"])
async def test_that_the_log_knows_no_clip_of_an_officers_day_is_shown(
    door: Open, tmp_path: Path, name: str
) -> None:
    await filled(door)
    out = tmp_path / name
    made = await export(door, out, "officer-day", subject="4712", day="2026-11-23")

    with files_in(out) as files:
        report = judged(door, files)

    assert (made.clips, report.findings) == (0, [])
    assert report.verdict is Verdict.GENUINE
    assert report.steps[Step.COMPLETENESS - 1].checked > 0


async def test_absence_is_not_believed_of_somebody_who_has_clips(
    door: Open, tmp_path: Path
) -> None:
    """The statement of a package of nobody's day, with the proofs of another's absence."""
    await filled(door)
    await export(door, tmp_path / "none", "officer-day", subject="4712", day="2026-11-23")
    await export(door, tmp_path / "other", "officer-day", subject="4713", day="2026-11-23")
    first = next((tmp_path / "none/data/completeness").iterdir())
    first.write_bytes((tmp_path / "other/data/completeness" / first.name).read_bytes())

    report = judged(door, Folder(tmp_path / "none"))

    assert any(each.step is Step.COMPLETENESS for each in report.findings)


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (None, "0 of 1"),
        (
            Finding(same=["picture"], anew=[], differs=[], digests={}, frames=1),
            "1 of 1 (1 the same)",
        ),
        (
            Finding(same=[], anew=["picture"], differs=[], digests={}, frames=1),
            "1 of 1 (1 a likeness)",
        ),
    ],
)
async def test_it_says_whether_the_archive_compared_its_renditions(
    door: Open, tmp_path: Path, finding: Finding | None, words: str
) -> None:
    clips = await filled(door)
    catalogue = door.archive._books.catalogue
    compared = await catalogue.run(subject, clips[0])
    if finding is not None and compared is not None:
        await catalogue.run(partial(judge, subject=compared, finding=finding))
    await export(door, tmp_path / "out")

    report = judged(door, Folder(tmp_path / "out"))

    assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
    assert report.steps[Step.RENDITIONS - 1].why.endswith(f"with the original: {words}")


async def test_a_clip_that_is_dropped_from_it_is_missed(door: Open, tmp_path: Path) -> None:
    await filled(door)
    await export(door, tmp_path / "out")
    shutil.rmtree(tmp_path / "out/data/originals")

    assert judged(door, Folder(tmp_path / "out")).verdict is Verdict.FALSE


async def _count_again_and_again(door: Open, ended: asyncio.Event) -> int:
    taken = 0
    while not ended.is_set():
        await door.archive._censuses.take()
        taken += 1
    return taken


@pytest.mark.parametrize("kind", ["all", pytest.param("officer-day", marks=pytest.mark.slow)])
async def test_censuses_that_are_taken_meanwhile_make_nothing_false(
    door: Open, tmp_path: Path, kind: str
) -> None:
    await filled(door)
    day: dict[str, Any] = {"subject": "4711", "day": f"{START:%Y-%m-%d}"}
    ended = asyncio.Event()
    counting = asyncio.create_task(_count_again_and_again(door, ended))
    for number in range(4):
        await export(door, tmp_path / str(number), kind, **(day if kind == "officer-day" else {}))
    ended.set()

    assert await counting > 4
    for number in range(4):
        report = judged(door, Folder(tmp_path / str(number)))
        assert (report.verdict, report.findings) == (Verdict.GENUINE, [])
