"""Packages of a log that witnesses see and an authority stamps: with their word, or so told."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.export.vouching import COSIGNATURES, TIMESTAMPS
from evidence.clock import SystemClock
from evidence.settings import TimestampsSettings, WitnessesSettings
from evidence.verification.case import Brought
from evidence.verification.folder import Folder
from evidence.verification.judge import judge_log, judge_package
from evidence.verification.verdict import Outcome, Report, Step, Verdict
from tests.archive.export.packages import archived, export
from tests.archive.house import Footage, House, Open
from tests.archive.log.authority import authority
from tests.archive.test_witnessed import log_key, witnessed
from tests.court import made


def judged(package: Path, policy: str | bytes, tsa_ca: bytes | None = None) -> Report:
    raw = policy.encode() if isinstance(policy, str) else policy
    now = SystemClock().now() + timedelta(minutes=1)
    return judge_package(
        Folder(package), Brought(policy=raw, tsa_ca=tsa_ca, now=now), lambda *_: None
    )


async def one_clip(door: Open) -> str:
    return await archived(await door.station(), Footage(data=b"footage"))


@pytest.mark.parametrize("kind", ["all", "clips"])
async def test_a_package_is_genuine_to_whoever_asks_for_the_quorum(
    house: House, tmp_path: Path, kind: str
) -> None:
    async with witnessed(house, tmp_path / "court") as (there, _), there.opened() as door:
        clip = await one_clip(door)
        more = {"clips": [clip]} if kind == "clips" else {}
        exported = await export(door, tmp_path / "out", kind, **more)
        policy = door.archive.witnesses.published

    assert exported.lacking == {}
    assert judged(tmp_path / "out", policy).verdict is Verdict.GENUINE
    checkpoint = tmp_path / "out" / "data" / "log" / "checkpoint"
    lines = checkpoint.read_bytes().splitlines(keepends=True)
    checkpoint.write_bytes(b"".join(lines[:-1]))
    assert judged(tmp_path / "out", policy).steps[Step.CHECKPOINT - 1].outcome is Outcome.FAILED


async def test_without_the_quorum_it_is_made_and_said_and_not_genuine(
    house: House, tmp_path: Path
) -> None:
    away = made(tmp_path / "court", log=log_key(house))
    policy = tmp_path / "policy"
    policy.write_text(f"witness court {away.key()} http://127.0.0.1:9\nquorum court\n")
    told = WitnessesSettings(policy=str(policy), patience_seconds=1)
    there = house.with_(settings=replace(house.parts.settings, witnesses=told))
    async with there.opened() as door:
        await one_clip(door)
        exported = await export(door, tmp_path / "out")
        published = door.archive.witnesses.published

    assert set(exported.lacking) == {COSIGNATURES}
    assert "court" in exported.lacking[COSIGNATURES]
    report = judged(tmp_path / "out", published)
    assert report.verdict is Verdict.FALSE
    assert {each.step for each in report.findings} == {Step.CHECKPOINT}


async def test_the_very_checkpoint_of_the_package_is_stamped(house: House, tmp_path: Path) -> None:
    async with authority(tmp_path / "tsa") as tsa:
        stamps = TimestampsSettings(url=tsa.url, ca_file=str(tsa.ca))
        settings = replace(house.parts.settings, timestamps=stamps)
        async with house.with_(settings=settings).opened() as door:
            await one_clip(door)
            exported = await export(door, tmp_path / "out")
            policy = door.archive.witnesses.published
        ca = tsa.ca.read_bytes()

    assert exported.lacking == {}
    report = judged(tmp_path / "out", policy, ca)
    assert report.verdict is Verdict.GENUINE
    assert report.steps[Step.TIME - 1].checked == 1
    note = tmp_path / "out" / "data" / "log" / "checkpoint"
    note.write_bytes(note.read_bytes() + b"\n")
    assert judged(tmp_path / "out", policy, ca).steps[Step.TIME - 1].outcome is Outcome.FAILED


async def test_an_authority_that_does_not_answer_is_told(house: House, tmp_path: Path) -> None:
    async with authority(tmp_path / "tsa") as tsa:
        ca = tsa.ca
    stamps = TimestampsSettings(url=tsa.url, ca_file=str(ca), patience_seconds=1)
    settings = replace(house.parts.settings, timestamps=stamps)
    async with house.with_(settings=settings).opened() as door:
        await one_clip(door)
        exported = await export(door, tmp_path / "out")
        policy = door.archive.witnesses.published

    assert set(exported.lacking) == {TIMESTAMPS}
    assert judged(tmp_path / "out", policy).verdict is Verdict.GENUINE


async def test_a_copy_of_the_logs_folder_is_verified_with_its_time_stamps(
    house: House, tmp_path: Path
) -> None:
    async with authority(tmp_path / "tsa") as tsa:
        stamps = TimestampsSettings(url=tsa.url, ca_file=str(tsa.ca))
        there = house.with_(settings=replace(house.parts.settings, timestamps=stamps))
        async with there.opened() as door:
            await door.archive.stamp_now()
            await one_clip(door)
            await export(door, tmp_path / "out")
            policy, ca = door.archive.witnesses.published, tsa.ca.read_bytes()

    copy = Folder(shutil.copytree(there.parts.folder / "log", tmp_path / "copy"))
    for certificates, verdict in ((ca, Verdict.GENUINE), (None, Verdict.CONSISTENT)):
        brought = Brought(policy=policy.encode(), tsa_ca=certificates, now=SystemClock().now())
        report = judge_log(copy, brought, lambda *_: None)
        assert (report.verdict, report.findings) == (verdict, [])
        assert report.steps[Step.TIME - 1].checked > 1
