"""A draw is committed to, seeded by two persons, and done; and what goes otherwise is seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from archive.catalogue import draws
from archive.catalogue.catalogue import Transaction
from archive.catalogue.draws import Confirmed
from archive.catalogue.review_tables import DrawRow
from evidence.clock import stamp
from evidence.custody import EntryKind
from evidence.draw_seed import SeedRule
from evidence.errors import EvidenceError, NotKnown, OutOfTurn, Refused
from evidence.rights import Role
from tests.archive.house import START, Open
from tests.archive.reviewing.house_of_reviews import HOUR, VALUE, WITHIN, Reviewing


async def test_a_draw_is_on_record_step_by_step(door: Open) -> None:
    here = await Reviewing.of(door)

    await here.draw()

    kinds = ["draw.commit", "draw.seed", "draw.done", "review.give"]
    commit, seed, done, *given = [each for kind in kinds for each in await here.record(kind)]
    assert (commit["number"], commit["objects"], commit["checkers"]) == (1, 4, 3)
    assert (seed["value"], done["sample"], len(given)) == (VALUE, 3, 3)
    assert len({each["clip"] for each in given}) == 2
    assert "十一月" not in json.dumps(commit, ensure_ascii=False)
    assert await here.fsck() == []


async def test_nobody_enters_both_values(door: Open) -> None:
    here = await Reviewing.of(door)
    draw = await here.commit()
    await here.seeded(draw)

    with pytest.raises(Refused):
        await here.done(draw, by="lead")
    with pytest.raises(OutOfTurn):
        await here.done(draw, value="1.2.3.4.5.6")
    await here.done(draw)
    with pytest.raises(OutOfTurn):
        await here.done(draw, by="legal")


async def test_two_accounts_of_one_officer_are_one_person(door: Open) -> None:
    here = await Reviewing.of(door)
    for name in ("one", "two"):
        made = door.archive.create_person(name, "correct horse", Role.SUPERVISOR, "4712")
        here.people[name] = await made
    draw = await here.commit()
    door.clock.advance(2 * HOUR.total_seconds())
    await here.run(draws.seed, here.people["one"], draw, VALUE)

    with pytest.raises(Refused):
        await here.done(draw, by="two")


async def test_a_seed_is_not_entered_before_it_is_due_or_after_the_deadline(door: Open) -> None:
    here = await Reviewing.of(door)
    draw = await here.commit()

    with pytest.raises(OutOfTurn):
        await here.run(draws.seed, here.people["lead"], draw, VALUE)
    door.clock.advance(timedelta(days=4).total_seconds())
    with pytest.raises(OutOfTurn):
        await here.run(draws.seed, here.people["lead"], draw, VALUE)
    assert await here.run(draws.problems) != []
    assert [each for each in await here.fsck() if "left behind" in each] != []


async def test_a_seed_that_is_known_already_is_refused(door: Open) -> None:
    here = await Reviewing.of(door)
    for rule in (
        SeedRule.of("drand-quicknet", "1000", START),
        SeedRule.of("public", "lottery/ssq/1", door.clock.now()),
    ):
        with pytest.raises(ValueError, match="known since"):
            await here.commit(seed=rule)


async def test_whoever_draws_again_from_the_same_days_says_why(door: Open) -> None:
    here = await Reviewing.of(door)
    first = await here.commit()

    with pytest.raises(OutOfTurn, match="is open"):
        await here.commit()
    await here.run(draws.abandon, here.people["lead"], first, "the lottery was not held")
    for changes in ({}, {"redoes": first}, {"redo_reason": "again"}, {"redoes": "d-0"}):
        with pytest.raises(OutOfTurn):
            await here.commit(**changes)
    await here.draw(redoes=first, redo_reason="the lottery was not held")

    commits = await here.record("draw.commit")
    assert [each["number"] for each in commits] == [1, 2]
    assert commits[1]["redoes"] == first
    assert await here.fsck() == []


async def test_no_draw_that_is_open_is_passed_by_with_a_newer_one(door: Open) -> None:
    here = await Reviewing.of(door)
    middle = stamp(door.clock.now())
    await here.film(2)
    door.clock.advance(HOUR.total_seconds())
    await here.commit(until=middle)
    later = await here.commit(since=middle)
    await here.run(draws.abandon, here.people["lead"], later, "停电")

    with pytest.raises(OutOfTurn, match="draw 1 over the same days is open"):
        await here.commit(redoes=later, redo_reason="again, over all of it")


async def test_days_that_are_not_over_are_not_drawn_from(door: Open) -> None:
    here = await Reviewing.of(door)
    with pytest.raises(ValueError, match="over"):
        await here.commit(until=stamp(door.clock.now() + HOUR))
    with pytest.raises(ValueError, match="0 and 3"):
        await here.commit(station="s-none")
    with pytest.raises(NotKnown):
        await here.commit(owner="u-none")


async def test_nobody_draws_footage_of_their_own(door: Open) -> None:
    here = await Reviewing.of(door, clips=0, reviewers=0)
    me = await door.archive.create_person("me", "correct horse", Role.SUPERVISOR, "4711")
    await here.film(12)
    door.clock.advance(1)

    await here.draw(size=12, recheck=100)

    checkers = {row["checker"] for row in await here.rows("review")}
    assert me not in checkers
    assert checkers == {here.people["lead"]}


@pytest.mark.parametrize(
    ("forged", "named"),
    [
        ({"sample_root": "00" * 32}, "not those of its draw.done"),
        ({"by": "lead"}, "one person entered the value twice"),
    ],
)
async def test_a_forged_end_is_named(door: Open, forged: dict[str, str], named: str) -> None:
    here = await Reviewing.of(door)
    draw = await here.commit()
    await here.seeded(draw)
    fields = {"by": "auditor", "sample": 0, "sample_root": "00" * 32, **forged}
    by = here.people[str(fields.pop("by"))]

    await here.run(Transaction.record, EntryKind.DRAW_DONE, by, draw=draw, **fields)

    assert [each for each in await here.fsck() if named in each] != []


async def test_two_draws_at_once_and_a_gap_are_named(door: Open) -> None:
    here = await Reviewing.of(door)
    await here.commit()
    (commit,) = await here.record("draw.commit")
    again = {k: v for k, v in commit.items() if k not in {"v", "kind", "at", "by"}}

    again |= {"draw": "d-other", "number": 3}
    await here.run(Transaction.record, EntryKind.DRAW_COMMITTED, here.people["lead"], **again)

    told = "\n".join(await here.fsck())
    for named in ("is number 3, and the 2.", "while draw 1", "does not name d-", "is missing"):
        assert named in told


async def test_a_clip_that_is_left_out_is_named(door: Open) -> None:
    here = await Reviewing.of(door)
    await here.commit(since=stamp(START - HOUR))
    await here.film(1)
    (commit,) = await here.record("draw.commit")
    again = {k: v for k, v in commit.items() if k not in {"v", "kind", "at", "by"}}
    rules = dict(again["rules"]) | {"until": stamp(door.clock.now() + HOUR)}  # type: ignore[call-overload]
    row = (await here.rows("draw"))[0]

    later = again | {"draw": "d-later", "number": 2, "rules": rules}
    await here.run(Transaction.record, EntryKind.DRAW_COMMITTED, here.people["lead"], **later)
    await here.run(_copied, str(row["id"]), "d-later")

    assert [each for each in await here.fsck() if "leaves out 1 clips" in each] != []


def _copied(tx: Transaction, draw: str, other: str) -> None:
    """The row of *draw* once more, as *other*, number 2."""
    row = tx.session.get_one(DrawRow, draw)
    told = {column.name: getattr(row, column.name) for column in DrawRow.__table__.columns}
    tx.session.add(DrawRow(**told | {"id": other, "number": 2}))


async def test_any_interleaving_of_two_persons_draws_once(door: Open) -> None:
    here = await Reviewing.of(door)
    draw = await here.commit()
    door.clock.advance(2 * HOUR.total_seconds())
    told = Confirmed(value=VALUE, drawn_at=stamp(door.clock.now()))
    acts: list[tuple[Callable[..., None], str, timedelta | None]] = [
        (draws.confirm, "lead", WITHIN),
        (draws.seed, "lead", None),
        (draws.seed, "auditor", None),
        (draws.confirm, "lead", WITHIN),
        (draws.confirm, "legal", WITHIN),
        (draws.confirm, "auditor", WITHIN),
    ]
    passed = []
    for verb, who, within in acts:
        more = (VALUE,) if within is None else (told, within)
        try:
            await here.run(verb, here.people[who], draw, *more)
        except EvidenceError:
            continue
        passed.append((verb, who))

    assert passed == [(draws.seed, "lead"), (draws.confirm, "legal")]
    assert len(await here.record("draw.done")) == 1
