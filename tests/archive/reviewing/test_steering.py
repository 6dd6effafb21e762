"""Each way that we know to steer a draw, and what is done about it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from archive.catalogue import proposals
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow
from evidence.clock import SetClock, stamp
from evidence.custody import EntryKind
from evidence.drawn_file import check
from evidence.rights import Role
from evidence.vault.memory import MemoryVault
from evidence.wire import DrawCommitted, DrawShown, SeedConfirmed, SeedValue
from tests.archive.house import START, House, parts
from tests.archive.house import Open as Door
from tests.archive.reviewing.house_of_reviews import HOUR, Reviewing
from tests.archive.reviewing.test_strangers import policy_of, taken_out


class MovingClock(SetClock):
    """A clock that goes on between any two looks at it, as real ones do."""

    def now(self) -> datetime:
        self.advance(0.002)
        return super().now()


def dice(until: str) -> DrawCommitted:
    return DrawCommitted(
        purpose="十一月评查",
        since=stamp(START - HOUR),
        until=until,
        size=2,
        sheet="scene",
        seed="dice",
        which="30",
    )


async def test_an_issue_that_was_drawn_before_the_commit_draws_nothing(door: Door) -> None:
    here = await Reviewing.of(door)
    draw = await here.commit()
    (commit,) = await here.record("draw.commit")
    await here.seeded(draw)

    for when in ("2019-07-04T13:15:00.000Z", str(commit["at"])):
        with pytest.raises(ValueError, match="before what is drawn from was committed to"):
            await here.done(draw, drawn_at=when)
    with pytest.raises(ValueError, match="after its value was entered"):
        await here.done(draw, drawn_at=stamp(door.clock.now() + HOUR))
    await here.done(draw)

    (done,) = await here.record("draw.done")
    told = check(await taken_out(here, draw), policy_of(door))
    assert told.problems == ()
    assert any(f"drawn at {done['drawn_at']}, after the" in remark for remark in told.remarks)
    assert await here.fsck() == []


async def test_dice_are_rolled_from_the_commit_on_by_a_clock_that_moves(tmp_path: Path) -> None:
    clock = MovingClock(START)
    vault = MemoryVault(clock)
    house = House(parts=parts(tmp_path, vault, clock), vault=vault, clock=clock)
    async with house.opened() as door:
        here = await Reviewing.of(door)
        one, two = [await door.person(Role.SUPERVISOR, name=name) for name in ("ada", "bo")]
        asked = dice(stamp(clock.now()))

        draw = (await one.post("/v1/draws", asked)).as_(DrawShown)
        value = "123456" * 5
        seeded = await one.post(f"/v1/draws/{draw.id}/seed", SeedValue(value=value))
        done = await two.post(f"/v1/draws/{draw.id}/confirm", SeedConfirmed(value=value))

        assert (seeded.status, done.as_(DrawShown).ended) == (200, "done")
        assert draw.rules.seed.due == draw.at
        assert await here.fsck() == []


def _classified(tx: Transaction, person: str, clip: str, said: str) -> None:
    tx.record(EntryKind.CLASSIFIED, person, clip=clip, categories=said.split())
    tx.session.execute(update(ClipRow).where(ClipRow.id == clip).values(categories=said))


async def test_a_draw_by_category_takes_every_clip_of_it_and_no_other(door: Door) -> None:
    here = await Reviewing.of(door, clips=5)
    words = ["force", "forced entry", "detention force", "Force", "force detention"]
    for clip, said in zip(here.clips, words, strict=True):
        await here.run(_classified, here.people["legal"], clip, said)

    await here.draw(category="force", size=5, recheck=0)

    drawn = {row["clip"] for row in await here.rows("review")}
    assert drawn == {here.clips[0], here.clips[2], here.clips[4]}
    assert [each for each in await here.fsck() if "draw" in each] == []


async def test_a_clip_that_a_draw_by_category_left_out_is_named(door: Door) -> None:
    here = await Reviewing.of(door, clips=3)
    for clip in here.clips:
        await here.run(_classified, here.people["legal"], clip, "force")
    await here.run(_hidden, here.clips[0], "detention")

    await here.commit(category="force")
    await here.run(_hidden, here.clips[0], "force")

    assert [each for each in await here.fsck() if "leaves out 1 clips" in each] != []


def _hidden(tx: Transaction, clip: str, said: str) -> None:
    """The row alone says so, and no entry."""
    tx.session.execute(update(ClipRow).where(ClipRow.id == clip).values(categories=said))


async def test_what_is_sealed_is_not_drawn_and_not_missed(door: Door) -> None:
    here = await Reviewing.of(door, clips=3)
    sealed = await here.seal(here.clips[0])

    await here.draw(size=3, recheck=0)

    assert {row["clip"] for row in await here.rows("review")} == set(here.clips[1:])
    assert [each for each in await here.fsck() if "leaves out" in each] == []
    await here.run(proposals.withdraw, here.people["lead"], sealed, "a mistake")
    assert [each for each in await here.fsck() if "leaves out" in each] == []


async def test_the_file_of_a_draw_holds_every_draw_before_it(door: Door) -> None:
    here = await Reviewing.of(door)
    middle = stamp(door.clock.now())
    await here.draw()
    await here.film(2)
    door.clock.advance(1)
    draw = await here.draw(since=middle)
    file = await taken_out(here, draw)

    found = check(file, policy_of(door))

    assert (found.problems, found.number, len(file.entries)) == ((), 2, 6)
    for gone in file.entries:
        if '"draw.commit"' in gone.text and draw not in gone.text:
            file.entries.remove(gone)
            break
    assert "is number 2, and the 1. in the log" in str(check(file, policy_of(door)).problems)
