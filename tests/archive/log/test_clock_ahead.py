"""A witness whose clock was once ahead, as the agency meets it: what it is told, and a way on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from evidence.clock import SetClock, stamp
from evidence.receipt import believe_receipt
from tests.archive.log.logs import entries
from tests.archive.log.test_witnesses import START, opened, published
from tests.court import asked, served, witness

AHEAD = START.replace(microsecond=0) + timedelta(days=3650)


async def test_it_stops_nothing_and_another_key_takes_its_place(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with witness(tmp_path / "court", SetClock(AHEAD)) as ahead:
        note = ahead.answer(asked(0, 7).body).note
    assert note is not None
    async with served(tmp_path / "court") as court:
        ours = opened(home, court.policy(), 7)
        ours.answered(note)
        ours.log.integrate(entries(7, 9))
        await ours.must_not_know_more()
        assert any(f"latest time it signed is {stamp(AHEAD)}" in each for each in ours.problems())
        assert any("evidock witness init in a new folder" in each for each in ours.problems())

    async with served(tmp_path / "new") as new:
        ours = opened(home, new.policy())
        await ours.must_not_know_more()
        proven = believe_receipt(ours.receipt(8), ours.log.entry(8), published(ours))
        assert [each.witness for each in proven.cosignatures] == [new.key]
        (problem,) = ours.problems()
        assert f"{home}/witnessed/7: " in problem
        (home / "witnessed" / "7").rename(tmp_path / "kept")
        assert opened(home, new.policy()).problems() == []
