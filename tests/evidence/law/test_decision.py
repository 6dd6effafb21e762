"""What the rules say of a clip, for the packs as they are and for any facts there may be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.law.decision import CaseFact, ClipFacts, HoldFact, decide
from evidence.law.pack import LawPack

PACKS = {
    file.name.removesuffix(".toml"): LawPack.parse(file.read_bytes(), file.name)
    for file in files("law_packs").iterdir()
    if file.name.endswith(".toml")
}
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def until(pack: str, **facts: object) -> str | None:
    told = ClipFacts(**{"archived": NOW, **facts})  # type: ignore[arg-type]
    found = decide(told, PACKS[pack], (), NOW, timedelta()).until
    return None if found is None else found.date().isoformat()


def as_(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("pack", "facts", "date"),
    [
        ("cn-2016", {"categories": as_("routine")}, "2027-05-29"),
        ("cn-2016", {"categories": as_("routine", "obstruction")}, None),
        ("cn-2016", {}, None),
        ("uk-met", {"categories": as_("non-evidential")}, "2026-12-30"),
        ("us-ca", {"categories": as_("nonevidentiary")}, "2027-01-28"),
        ("us-ca", {"categories": as_("detention")}, "2028-11-29"),
        ("us-ca", {}, "2028-11-29"),
        ("us-ca", {"categories": as_("a-word-of-nobodys")}, "2028-11-29"),
        ("us-il", {"categories": as_("routine")}, "2027-02-27"),
        (
            "us-il",
            {"categories": as_("flagged"), "classified": NOW + 30 * DAY},
            "2028-12-29",
        ),
        (
            "us-ca",
            {
                "categories": as_("prosecution"),
                "cases": (CaseFact(case="C", closed=NOW + 400 * DAY),),
            },
            "2030-01-03",
        ),
    ],
)
def test_the_packs_as_they_are(pack: str, facts: dict[str, object], date: str | None) -> None:
    assert until(pack, **facts) == date


def test_every_pack_is_named_as_its_file() -> None:
    assert {"cn-2016", "uk-met", "us-ca", "us-il"} <= PACKS.keys()
    assert all(pack.name == name for name, pack in PACKS.items())


MOMENTS = st.integers(0, 40_000).map(lambda hours: datetime(1990, 1, 1, tzinfo=UTC) + hours * DAY)
NAMES = st.sampled_from(
    sorted({name for pack in PACKS.values() for name in pack.categories} | {"x"})
)
CASES = st.builds(CaseFact, case=st.just("C-1"), closed=st.none() | MOMENTS)
HOLDS = st.builds(HoldFact, hold=st.just("H-1"), authority=st.just("court"))
FACTS = st.builds(
    ClipFacts,
    archived=MOMENTS,
    recorded=st.none() | MOMENTS,
    categories=st.frozensets(NAMES, max_size=3),
    classified=st.none() | MOMENTS,
    cases=st.lists(CASES, max_size=2),
    holds=st.lists(HOLDS, max_size=2),
)
ANY_PACK = st.sampled_from(sorted(PACKS))
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(FACTS, ANY_PACK, MOMENTS, OFFSETS)
def test_never_before_the_longest_rule_nor_the_floor(
    facts: ClipFacts, name: str, now: datetime, offset: timedelta
) -> None:
    made = decide(facts, PACKS[name], (), now, offset)

    for each in made.applied:
        assert made.until is None or (each.until is not None and each.until <= made.until)
    floor = PACKS[name].floor.after(facts.archived, offset)
    assert made.until is None or (floor is not None and made.until >= floor)


@given(FACTS, ANY_PACK, MOMENTS, OFFSETS, st.lists(MOMENTS, min_size=1, max_size=3))
def test_cases_and_holds_always_win_and_every_clock_must_be_past_it(
    facts: ClipFacts, name: str, now: datetime, offset: timedelta, clocks: list[datetime]
) -> None:
    made = decide(facts, PACKS[name], (), now, offset)

    if facts.holds or any(case.closed is None for case in facts.cases):
        assert not made.allows_disposal(*clocks)
    if made.allows_disposal(*clocks):
        assert made.until is not None
        assert all(clock >= made.until for clock in clocks)
    with pytest.raises(ValueError, match="no clock"):
        made.allows_disposal()


@given(FACTS, ANY_PACK, ANY_PACK, MOMENTS, OFFSETS)
def test_what_an_agency_adds_never_shortens(
    facts: ClipFacts, name: str, added: str, now: datetime, offset: timedelta
) -> None:
    law = decide(facts, PACKS[name], (), now, offset)
    more = decide(facts, PACKS[name], (PACKS[added],), now, offset)

    assert more.until is None or (law.until is not None and more.until >= law.until)


RULE = '[[rule]]\nid = "r"\ntitle = "t"\ntitle_zh = "t"\nkeep = "90 days"\ncitation = "c"\n'
FLAGGED = 'categories = ["flagged"]\n'
WHOLE = files("law_packs").joinpath("us-il.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text.replace('"90 days"\nfrom', '"89 days"\nfrom'), "less than the floor"),
        (lambda text: text.replace('["flagged"]', '["flag"]'), "no category of it"),
        (
            lambda text: text.replace('id = "flagged"', 'id = "routine"', 1),
            "category 'routine' is there",
        ),
        (lambda text: text.replace("2 years", "2 yeras"), "no period"),
        (lambda text: text + RULE.replace('"r"', '"routine"'), "rule 'routine' is there twice"),
        (lambda text: text.replace("version = 1", "version = 0"), "version"),
        (lambda text: text.replace("jurisdiction", "jurisdicton"), "jurisdicton"),
        (lambda text: text + RULE + "repealed = 2015-01-01\n", "repealed before"),
        (lambda text: text.replace("[[rule]]", "[[rule]"), "TOML|line|Expected"),
        (
            lambda text: text.partition("[[rule]]")[0] + RULE + 'categories = ["flagged"]\n',
            "for every clip",
        ),
    ],
)
def test_a_pack_that_is_no_good_is_refused_whole(
    change: Callable[[str], str], problem: str
) -> None:
    text = change(WHOLE)
    assert text != WHOLE

    with pytest.raises(Exception, match=problem) as refused:
        LawPack.parse(text.encode(), "mine.toml")

    assert str(refused.value).startswith("mine.toml: ")


def test_a_law_that_was_repealed_goes_on_for_what_arrived_under_it() -> None:
    text = WHOLE + RULE.replace("90 days", "9 years") + "repealed = 2026-12-01\n"
    pack = LawPack.parse(text.encode(), "mine.toml")
    later, routine = NOW + 365 * DAY, frozenset({"routine"})

    old = decide(ClipFacts(archived=NOW, categories=routine), pack, (), later, timedelta())
    new = decide(
        ClipFacts(archived=NOW + 9 * DAY, categories=routine), pack, (), later, timedelta()
    )

    assert (old.by.rule, new.by.rule) == ("r", "routine")
