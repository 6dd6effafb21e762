"""Whatever people do in whatever order: nothing is kept for less by one, and nothing too soon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from archive.catalogue import holds, proposals, retentions, shortenings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.classifications import classify
from archive.catalogue.proposals import identity
from archive.catalogue.shortenings import Cut, Listed, Word
from archive.catalogue.tables import ClipRow, EntryRow, PersonRow
from archive.retaining import _change
from evidence.clock import SetClock, stamp
from evidence.custody import Entry, EntryKind
from evidence.errors import EvidenceError
from evidence.law import shelf
from evidence.law.rulebook import Rulebook
from evidence.lawfulness import problems
from evidence.trails import KINDS, Trails
from tests.archive.house import START
from tests.archive.ledger import archive, footage, ledger

BOOKS = [Rulebook(law=shelf.pack(name)) for name in ("cn-2016", "us-ca", "us-il", "uk-met")]
CLIPS = [f"c-{number}" for number in range(3)]
PEOPLE = ["u-1", "u-2", "u-3"]
"""The second and the third are two accounts of one officer."""
DAY = timedelta(days=1)
WEEK = 7 * DAY


@dataclass
class Play:
    """A ledger, and what people did to it."""

    tx: Transaction
    book: Rulebook = BOOKS[0]
    lists: dict[str, list[Cut]] = field(default_factory=dict)
    """SHA-256 -> the list."""

    def people(self) -> None:
        for number, person in enumerate(PEOPLE):
            self.tx.session.add(
                PersonRow(
                    id=person,
                    name=person,
                    name_key=person,
                    name_salt=b"",
                    role="legal",
                    officer="4711" if number else None,
                    officer_salt=b"" if number else None,
                    password_hash="",
                    by_entry=0,
                )
            )
        self.tx.session.flush()

    def law(self, _person: str, _clip: str, number: int) -> None:
        """The settings change; what wants more is kept for longer."""
        self.book = BOOKS[number % len(BOOKS)]
        retentions.publish(self.tx, self.book)
        now = self.tx.clock.now()
        found = [_change(each, self.book, now) for each in retentions.page(self.tx, -1, 10)]
        longer = [(each.clip, each.then) for each in found if each.is_longer]
        retentions.lengthen(self.tx, longer)

    def wish_list(self, person: str, _clip: str, number: int) -> None:
        now = self.tx.clock.now()
        found = [_change(each, self.book, now) for each in retentions.page(self.tx, -1, 10)]
        free = shortenings.free_of(self.tx, CLIPS)
        sha256 = f"{len(self.lists):064x}"
        self.lists[sha256] = [
            Cut(clip=each.clip, now=stamp(each.now.until), then=stamp(each.then.until))
            for each in found[: number or 1]
            if each.is_shorter and each.clip in free
        ]
        listed = Listed(sha256=sha256, law=0, clips=len(self.lists[sha256]))
        shortenings.propose_list(self.tx, person, listed, "why")

    def wish_clip(self, person: str, clip: str, number: int) -> None:
        words = sorted(self.book.law.categories)
        word = Word(categories=[words[number % len(words)]], reason="why")
        shortenings.propose_clip(self.tx, person, clip, word, self.book)

    def say(self, person: str, clip: str, number: int) -> None:
        words = sorted(self.book.law.categories)
        classify(self.tx, person, clip, [words[number % len(words)]], self.book)

    def agree(self, person: str, _clip: str, number: int) -> None:
        proposals.approve(self.tx, person, self._open(number), WEEK)

    def withdraw(self, person: str, _clip: str, number: int) -> None:
        if number == 0:
            proposals.withdraw(self.tx, person, self._open(number), "not needed")

    def _open(self, number: int) -> str:
        found = [each.id for each in proposals.shown(self.tx, "", 100).proposals if not each.ended]
        return found[number % len(found)] if found else "p-none"

    def hold(self, person: str, clip: str, number: int) -> None:
        if number == 0:
            holds.set_hold(self.tx, person, clip, "a court", "appeal")

    def lift(self, person: str, clip: str, _number: int) -> None:
        for each in holds.of_clips(self.tx, [clip]).get(clip, []):
            with suppress(EvidenceError):
                holds.lift(self.tx, person, clip, each.id, "over")

    def wait(self, _person: str, _clip: str, number: int) -> None:
        clock = self.tx.clock
        assert isinstance(clock, SetClock)
        clock.advance((3 * DAY * number).total_seconds() + 1)

    def take_effect(self, _person: str, _clip: str, _number: int) -> None:
        for each in shortenings.due(self.tx, self.tx.clock.now()):
            if each.clip is not None:
                shortenings.reclassify(self.tx, each, self.book)
                continue
            impact = each.subject["impact"]
            assert isinstance(impact, dict)
            part = self.lists[impact["sha256"]]
            shortenings.shorten(self.tx, each, part, self.book)
            done = shortenings.shortened(self.tx, each, part)
            shortenings.finish(self.tx, each, shortened=done, left=len(part) - done)


Act = tuple[Callable[[Play, str, str, int], None], str, str, int]
ACTS: list[Callable[[Play, str, str, int], None]] = [
    Play.law,
    Play.wish_list,
    Play.wish_clip,
    Play.say,
    Play.agree,
    Play.withdraw,
    Play.hold,
    Play.lift,
    Play.wait,
    Play.take_effect,
]
ONE = st.tuples(
    st.sampled_from(ACTS), st.sampled_from(PEOPLE), st.sampled_from(CLIPS), st.integers(0, 3)
)
USUAL: list[Act] = [
    (Play.wish_list, "u-1", CLIPS[0], 3),
    (Play.agree, "u-2", CLIPS[0], 0),
    (Play.wait, "u-1", CLIPS[0], 3),
    (Play.take_effect, "u-1", CLIPS[0], 0),
]
"""What is done so that it comes to something; others do other things in between."""
PLAYS = st.lists(ONE.map(lambda each: [each]) | st.just(USUAL), max_size=14).map(
    lambda parts: [each for part in parts for each in part]
)


def dates(tx: Transaction) -> dict[str, str]:
    return dict(tx.session.execute(select(ClipRow.id, ClipRow.retain_until)).all())


def held(tx: Transaction) -> set[str]:
    return {
        clip for clip, all_ in holds.of_clips(tx, CLIPS).items() if any(not e.lifted for e in all_)
    }


def must_be_agreed(tx: Transaction, clip: str, seq: int) -> None:
    """What made the date of *clip* shorter was agreed to by two, and waited, and is of it."""
    found = [(row.seq, Entry(row.raw)) for row in tx.session.scalars(select(EntryRow)).all()]
    by_index = dict(found)
    made = by_index[seq].fields
    (agreed,) = [
        each.fields
        for _, each in found
        if each.kind is EntryKind.APPROVED and each.fields["proposal"] == made["proposal"]
    ]
    assert made["act"] == "shorten"
    assert identity(tx, str(made["by"])) != identity(tx, str(agreed["by"]))
    assert str(agreed["not_before"]) <= stamp(tx.clock.now())
    assert made.get("clip") in {None, clip}


def run(play: Play, acts: list[Act]) -> int:
    """Do all of it; how often a date became shorter by a proposal."""
    count = 0
    for act, person, clip, number in acts:
        before, bound = dates(play.tx), held(play.tx)
        with suppress(EvidenceError, ValueError):
            act(play, person, clip, number)
        for each, until in dates(play.tx).items():
            if until >= before[each]:
                continue
            (raw,) = play.tx.session.scalars(
                select(EntryRow.raw)
                .where(EntryRow.clip == each, EntryRow.kind == EntryKind.RETAINED.value)
                .order_by(EntryRow.seq.desc())
                .limit(1)
            )
            made = Entry(raw).fields.get("proposal")
            assert act is (Play.say if made is None else Play.take_effect)
            if isinstance(made, int):
                count += 1
                assert each not in bound
                must_be_agreed(play.tx, each, made)
    return count


def audited(tx: Transaction) -> list[str]:
    """What an auditor finds, who has the entries alone."""
    trails = Trails(pack=lambda _: None)
    rows = tx.session.scalars(select(EntryRow).order_by(EntryRow.seq)).all()
    for row in rows:
        if row.kind in KINDS and row.clip is None:
            trails.hear(row.seq, row.raw)
    about = {clip: [(row.seq, row.raw) for row in rows if row.clip == clip] for clip in CLIPS}
    return [each for clip in CLIPS for each in problems(trails.of(about[clip]))]


@contextmanager
def playing(tx: Transaction) -> Iterator[Play]:
    """A play with three clips that are kept for ever; nothing of it is kept."""
    begun = tx.session.begin_nested()
    play = Play(Transaction(tx.session, SetClock(START)))
    play.people()
    for clip in CLIPS:
        archive(play.tx, footage(clip, "4711", None))
    play.law("u-1", CLIPS[0], 0)
    yield play
    begun.rollback()
    tx.session.expire_all()


def test_nothing_is_kept_for_less_by_one_nor_too_soon_nor_under_a_hold() -> None:
    with ledger() as tx:

        @settings(max_examples=25, deadline=None)
        @given(PLAYS)
        def holds_true(acts: list[Act]) -> None:
            with playing(tx) as play:
                run(play, [(Play.law, "u-1", CLIPS[0], 1), *acts])
                assert audited(play.tx) == []

        holds_true()


def test_and_yet_two_persons_who_wait_get_what_they_agreed_on() -> None:
    quiet = {Play.law, Play.say, Play.wait}
    with ledger() as tx:

        @settings(max_examples=20, deadline=None)
        @given(PLAYS, st.integers(0, 3))
        def holds_true(before: list[Act], longer: int) -> None:
            first = CLIPS[0]
            plan = [*[each for each in before if each[0] in quiet], (Play.law, "u-1", first, 0)]
            plan += [(Play.law, "u-1", first, 1), (Play.wish_list, "u-1", first, 3)]
            plan += [(Play.agree, "u-2", first, 0), (Play.wait, "u-1", first, longer)]
            plan += [(Play.wait, "u-1", first, 3), (Play.take_effect, "u-1", first, 0)]
            with playing(tx) as play:
                assert run(play, plan) == len(next(iter(play.lists.values())))
                assert audited(play.tx) == []

        holds_true()
