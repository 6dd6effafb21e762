"""An agency that disposed of a clip, lawfully or not: what a tombstone must rest on.

One rule: everything is told as the archive tells it, and a forger changes one thing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from evidence.clock import stamp, unstamp
from evidence.custody import Entry
from evidence.law import shelf
from evidence.law.decision import ClipFacts, Decision, decide
from tests.packages import writing
from tests.packages.house import NOON, Footage, House

DAY = timedelta(days=1)
BEGAN = NOON - 400 * DAY
"""When the first clip came in."""
COMMITTED = {"reason": "ab" * 32}
LAW = shelf.pack("uk-met")


@dataclass(frozen=True, kw_only=True)
class Shorter:
    """A date that people agreed to make shorter: days, and who."""

    proposed: int = 20
    approved: int = 21
    done: int = 28
    proposer: str = "u-1"
    approver: str = "u-2"
    act: str = "shorten"
    withdrawn: bool = False
    is_list: bool = True
    """Whether the proposal is about a list, and so about no one clip."""


@dataclass(frozen=True, kw_only=True)
class End:
    """How a clip ended: days since it came in, and who; what the entries say beside."""

    noticed: int | None = 150
    proposed: int = 185
    approved: int = 186
    begun: int = 195
    window: int = 7
    proposer: str = "u-1"
    approver: str = "u-2"
    act: str = "dispose"
    commitments: dict[str, str] = field(default_factory=lambda: dict(COMMITTED))
    held: int | None = None
    """The day on which a hold was set, and lifted never."""
    withdrawn: int | None = None
    classified: int | None = 10
    shortened_by: str = "classified"
    shorter: Shorter | None = None
    """How its date became shorter, if not by its first word."""
    dated_anew: int | None = None
    """The day on which it got the same date once more."""
    closed: bool = True
    """Whether the case that the clip is in was closed."""
    begins: bool = True
    says: dict[str, object] = field(default_factory=dict)
    """Of ``dispose.begin``, instead of what is so."""
    law: bytes = LAW.raw


@dataclass(slots=True)
class Gone:
    """Such an agency at work."""

    end: End
    house: House = field(default_factory=lambda: House(now=BEGAN))
    proposed: int = 0
    approved: int = 0

    @property
    def clip(self) -> Footage:
        return self.house.clips[0]

    def on(self, day: int) -> datetime:
        """It is noon of that *day*, if it is not later already."""
        self.house.now = max(self.house.now, BEGAN + day * DAY)
        return self.house.now

    def run(self) -> House:
        """All of it; the agency then."""
        made, end = self.house, self.end
        stations = [made.enrol(1), made.enrol(2)]
        law = made.publish(end.law)
        for number in range(2):
            made.take_in(stations[number], b"footage %d" % number, ".mp4", {"media.mp4": b"m"})
        made.take_census()
        odd = {"received": 6, "lock_until": "x", "hold": 1, "categories": "y"}
        made.record("view.refused", "u-1", self.clip.id, **odd)
        self._retain()
        acts: list[tuple[int, Callable[[], object]]] = [(end.proposed, self._propose)]
        acts.append((end.approved, self._approve))
        if end.noticed is not None:
            acts.append((end.noticed, self._notice))
        if end.dated_anew is not None:
            acts.append((end.dated_anew, self._date_anew))
        if end.held not in {None, end.begun}:
            acts.append((end.held or 0, self._hold))
        if end.withdrawn not in {None, end.begun}:
            acts.append((end.withdrawn or 0, self._withdraw))
        acts.append((end.begun, lambda: self._destroy(law)))
        for day, act in sorted(acts, key=lambda each: each[0]):
            self.on(day)
            act()
        made.now = max(made.now, NOON)
        return made

    def _retain(self) -> None:
        """The other clip for ever; this one as its first word says."""
        made = self.house
        self.on(9)
        told = {"retain_rule": "uk-met/1:evidential", "retain_until": "9999-12-31T00:00:00.000Z"}
        made.record("retain", "archive", made.clips[1].id, **told)
        if self.end.classified is None:
            return
        self.on(self.end.classified)
        word = ["non-evidential"]
        index = made.record("clip.classify", "u-1", self.clip.id, categories=word)
        by = {self.end.shortened_by: index} if self.end.shortened_by else {}
        if self.end.shorter is not None:
            by = {"proposal": self._agree(self.end.shorter)}
        until = stamp(self._decided.until or NOON)
        rule = "uk-met/1:non-evidential"
        made.record("retain", "archive", self.clip.id, retain_rule=rule, retain_until=until, **by)

    def _agree(self, how: Shorter) -> int:
        """Two persons agree that it is kept for less; the number of the first entry of that."""
        made, clip = self.house, None if how.is_list else self.clip.id
        self.on(how.proposed)
        told = {"proposal": "p-0", "act": how.act, "commitments": COMMITTED}
        index = made.record("proposal.make", how.proposer, clip, **told)
        self.on(how.approved)
        not_before = stamp(made.now + 7 * DAY)
        made.record("proposal.approve", how.approver, clip, proposal="p-0", not_before=not_before)
        if how.withdrawn:
            made.record("proposal.withdraw", "u-3", clip, proposal="p-0")
        self.on(how.done)
        made.now += timedelta(minutes=1)
        return index

    @property
    def _decided(self) -> Decision:
        archived = Entry(self.house.entries[self.clip.archived]).fields
        words = frozenset() if self.end.classified is None else frozenset({"non-evidential"})
        facts = ClipFacts(archived=unstamp(str(archived["received"])), categories=words)
        return decide(facts, LAW, (), self.house.now, timedelta())

    @property
    def promised(self) -> str:
        told = [Entry(self.house.entries[i]).fields for i in self.house.about(self.clip.id, 10**9)]
        return str([each["retain_until"] for each in told if "retain_until" in each][-1])

    def _notice(self) -> None:
        told: list[str] = ["mail"]
        self.house.record("dispose.notice", "archive", self.clip.id, until=self.promised, told=told)

    def _date_anew(self) -> None:
        """Its date is decided anew, and comes to the same."""
        told = {"retain_rule": "uk-met/1:non-evidential", "retain_until": self.promised}
        self.house.record("retain", "archive", self.clip.id, **told)

    def _propose(self) -> None:
        end = self.end
        self.proposed = self.house.record(
            "proposal.make",
            end.proposer,
            self.clip.id,
            proposal="p-1",
            act=end.act,
            commitments=end.commitments,
        )

    def _approve(self) -> None:
        not_before = stamp(self.house.now + self.end.window * DAY)
        self.approved = self.house.record(
            "proposal.approve",
            self.end.approver,
            self.clip.id,
            proposal="p-1",
            not_before=not_before,
        )

    def _withdraw(self) -> None:
        told = {"withdraw_reason": "ab" * 32}
        self.house.record(
            "proposal.withdraw", "u-3", self.clip.id, proposal="p-1", commitments=told
        )

    def _hold(self) -> None:
        told = {"authority": "ab" * 32, "reason": "cd" * 32}
        self.house.record("hold.set", "u-4", self.clip.id, hold="h-1", commitments=told)

    def _destroy(self, law: int) -> None:
        made, end, by = self.house, self.end, self._decided.by
        committed = {"case": "ab" * 32, "reason": "cd" * 32}
        closed = made.record("case.close", "u-4", closing="k-1", commitments=committed)
        if not end.closed:
            made.record("case.reopen", "u-4", closing="k-1", commitments=committed)
        now = stamp(made.now)
        archived = Entry(made.entries[self.clip.archived]).fields
        says = {
            "proposal": "p-1",
            "act": end.act,
            "proposed": self.proposed,
            "approved": self.approved,
            "law": law,
            "rule": {"pack": by.pack, "rule": by.rule, "from": stamp(by.counted_from)}
            | ({} if by.until is None else {"until": stamp(by.until)}),
            "promised": self.promised,
            "host": now,
            "outside": {"at": now, "by": "witness", "name": "court.example/w"},
            "lock_until": archived["lock_until"],
            "done_today": 0,
            "clips": 2,
            "per_mille": 1,
            "cases": [{"case": "k-1", "closed": closed}],
        } | end.says
        began = made.record("dispose.begin", "archive", self.clip.id, **says) if end.begins else 0
        if end.held == end.begun:
            self._hold()
        if end.withdrawn == end.begun:
            self._withdraw()
        place = {"vault": "first", "bucket": "originals", "key": archived["key"], "version": "1"}
        made.record(
            "dispose.done", "archive", self.clip.id, proposal="p-1", began=began, objects=[place]
        )
        made.gone.add(self.clip.id)


def disposed(end: End | None = None) -> House:
    """An agency that disposed of its first clip, lawfully unless *end* says otherwise."""
    return Gone(end or End()).run()


def later(days: int) -> str:
    """A moment so many days after the first clip came in."""
    return stamp(BEGAN + days * DAY)


UNLAWFUL: dict[str, tuple[End, str]] = {
    "tombstone_with_one_person": (End(approver="u-1"), "rule 1: the same person"),
    "tombstone_of_what_was_withdrawn": (End(withdrawn=190), "rule 1: it was withdrawn"),
    "tombstone_of_what_was_withdrawn_at_last": (
        End(withdrawn=195),
        "it was withdrawn before it was destroyed",
    ),
    "tombstone_without_notice": (End(noticed=None), "rule 2: nobody was told"),
    "tombstone_after_a_notice_of_an_older_decision": (
        End(dated_anew=160),
        "rule 2: nobody was told",
    ),
    "tombstone_before_the_restore_window": (End(approved=190), "rule 3: it can be restored"),
    "tombstone_before_a_short_restore_window": (
        End(approved=194, window=0),
        "rule 3: it can be restored",
    ),
    "tombstone_before_its_date": (
        End(classified=None),
        "rule 4: uk-met/1:evidential keeps it for ever",
    ),
    "tombstone_before_its_promise": (
        End(noticed=12, proposed=13, approved=14, begun=25),
        "rule 4: it was promised",
    ),
    "tombstone_by_order_of_nobody": (End(act="destroy"), "rule 4: no authority"),
    "tombstone_under_a_hold": (End(held=100), "rule 5: hold h-1"),
    "tombstone_with_a_hold_at_last": (End(held=195), "hold h-1"),
    "tombstone_in_an_open_case": (End(closed=False), "rule 5: case of closing k-1 is open"),
    "tombstone_under_a_lock": (
        End(says={"lock_until": later(200)}),
        "rule 6: it is locked until",
    ),
    "tombstone_that_hides_a_lock": (
        End(says={"lock_until": later(100)}),
        "it says that locks end at",
    ),
    "tombstone_beyond_the_limit": (End(says={"done_today": 10}), "rule 7: 10 clips"),
    "tombstone_that_counts_clips_that_are_not": (
        End(says={"clips": 20_000}),
        "it counts 20000 clips, and there were 2",
    ),
    "tombstone_without_a_beginning": (End(begins=False), "no dispose.begin entry"),
    "tombstone_of_another_promise": (
        End(says={"promised": later(20)}),
        "it says that",
    ),
    "tombstone_by_one_clock": (
        End(says={"outside": {"at": later(20), "by": "witness", "name": "w"}}),
        "rule 2: people have time",
    ),
    "tombstone_of_the_future": (
        End(
            says={
                "host": later(4000),
                "outside": {"at": later(4000), "by": "witness", "name": "w"},
            }
        ),
        "nobody trusted has seen that time",
    ),
    "promise_cut_short_by_one": (End(shortened_by=""), "shortens what was promised"),
    "promise_cut_short_by_the_same_person": (
        End(shorter=Shorter(approver="u-1")),
        "no other person approved it",
    ),
    "promise_cut_short_too_soon": (End(shorter=Shorter(done=27)), "was to wait until"),
    "promise_cut_short_though_withdrawn": (
        End(shorter=Shorter(withdrawn=True, is_list=False)),
        "it was withdrawn",
    ),
    "promise_cut_short_by_something_else": (
        End(shorter=Shorter(act="dispose", is_list=False)),
        "proposes nothing of the kind",
    ),
}
"""Name -> how it ended, and how the problem begins that must be named."""
BY_THE_PACK: dict[str, tuple[End, str]] = {
    "tombstone_by_another_rule": (
        End(
            says={
                "rule": {
                    "pack": "uk-met/1",
                    "rule": "floor",
                    "from": later(0),
                    "until": later(32),
                }
            }
        ),
        "the law pack gives",
    ),
}
"""The same, for which one has to read the law pack: the page cannot."""


def written(name: str, folder: Path) -> Path:
    """A whole package of such an agency."""
    end, _ = (UNLAWFUL | BY_THE_PACK)[name]
    return writing.whole(disposed(end), folder)


def _forge(name: str) -> Callable[[Path], object]:
    def forge(folder: Path) -> object:
        return written(name, folder)

    forge.__name__ = name
    return forge


FORGED: list[tuple[int, Callable[[Path], object]]] = [(10, _forge(name)) for name in UNLAWFUL]
"""The step that must name each, and what writes it."""
QUICK = {"tombstone_with_one_person", "tombstone_under_a_hold", "tombstone_without_a_beginning"}
"""As in :mod:`tests.packages.fallen`."""


def without_its_law(folder: Path) -> Path:
    """A selection of a clip that is gone, from which the law pack is left out."""
    made = disposed()
    made.laws.clear()
    return writing.selected(made, folder, [0])


def another_law(folder: Path) -> Path:
    """The law's file was exchanged for one that says something else."""
    made = disposed()
    writing.whole(made, folder)
    path = next(folder.joinpath("data/law").iterdir())
    path.write_bytes(path.read_bytes().replace(b"31 days", b"30 days"))
    return writing.bagged(folder)
