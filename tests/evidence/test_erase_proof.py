"""Each fact of the erase proof, taken away one at a time, forbids the erase."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from evidence.canonical import canonical
from evidence.clip import ClipState, new_id
from evidence.clock import stamp
from evidence.digest import Sha256
from evidence.digests import Sm3, digests_of, sm3_maker
from evidence.erase_proof import (
    LIFE,
    Claimed,
    EraseProof,
    Fact,
    prove,
)
from evidence.errors import EraseForbidden
from tests.evidence.erase_proofs import (
    CLIP,
    DIGEST,
    FILE,
    FOOTAGE,
    GRANTED,
    NOW,
    OTHER,
    STRANGER,
    TERMS,
    claimed,
    logged,
)

WHOLE = claimed()
FLIPPED = Sha256.of(b"footagE")


def reading(**changes: object) -> Claimed:
    return replace(WHOLE, second_read=replace(WHOLE.second_read, **changes))  # type: ignore[arg-type]


MISSING: tuple[tuple[str, Fact, Claimed], ...] = (
    ("other bytes first", Fact.FIRST_READ, replace(WHOLE, first_read=FLIPPED)),
    ("archived other bytes", Fact.FIRST_READ, claimed({"digests": {"sha256": FLIPPED.hex}})),
    (
        "both of other bytes",
        Fact.FIRST_READ,
        claimed({"digests": {"sha256": FLIPPED.hex}}, {"digests": {"sha256": FLIPPED.hex}}),
    ),
    ("other bytes again", Fact.SECOND_READ, reading(sha256=FLIPPED)),
    ("longer again", Fact.SECOND_READ, reading(file=replace(FILE, size=8))),
    ("touched since", Fact.UNCHANGED, reading(file=replace(FILE, mtime_ns=6))),
    ("another card", Fact.UNCHANGED, reading(file=replace(FILE, card="1-3"))),
    *(
        (f"still {state.value}", Fact.STAGED, replace(WHOLE, state=state))
        for state in (ClipState.FOUND, ClipState.PULLED, ClipState.VERIFIED)
    ),
    (
        "archived, unproven",
        Fact.ARCHIVED,
        replace(WHOLE, archived=replace(WHOLE.archived, raw=b"{}")),
    ),
    ("no receipt", Fact.ARCHIVED, replace(WHOLE, archived=replace(WHOLE.archived, receipt=b""))),
    ("a stranger's log", Fact.ARCHIVED, claimed(signer=STRANGER)),
    ("about another clip", Fact.ARCHIVED, claimed(clip=OTHER)),
    ("grant in its place", Fact.ARCHIVED, replace(WHOLE, archived=WHOLE.granted)),
    ("no grant", Fact.HELD_NOW, replace(WHOLE, granted=WHOLE.archived)),
    ("grant unproven", Fact.HELD_NOW, replace(WHOLE, granted=replace(WHOLE.granted, receipt=b"x"))),
    ("another version", Fact.HELD_NOW, claimed(granted={"version": "v2"})),
    ("another bucket", Fact.HELD_NOW, claimed(granted={"bucket": "demo-derived"})),
    ("a shorter object", Fact.HELD_NOW, claimed(granted={"size": 6})),
    ("another's grant", Fact.HELD_NOW, replace(WHOLE, station=new_id("s"))),
    ("an old grant", Fact.HELD_NOW, replace(WHOLE, challenge="cd" * 16)),
    ("no lock", Fact.LOCKED, claimed(granted={"lock_mode": None})),
    ("a weak lock", Fact.LOCKED, claimed(granted={"lock_mode": "GOVERNANCE"})),
    ("a lock without end", Fact.LOCKED, claimed(granted={"lock_until": None})),
    (
        "a lock that ends",
        Fact.LOCKED,
        claimed(granted={"lock_until": stamp(NOW + timedelta(days=6))}),
    ),
    ("not durable", Fact.DURABLE, claimed(granted={"durability": "memory"})),
    ("durability unknown", Fact.DURABLE, claimed(granted={"durability": None})),
    ("read long ago", Fact.FRESH, reading(at=100.0 - LIFE - 1)),
    ("granted long ago", Fact.FRESH, replace(WHOLE, granted_at=100.0 - LIFE - 1)),
    ("read in the future", Fact.FRESH, replace(reading(at=101.0), granted_at=102.0)),
)


def test_when_all_facts_hold_there_is_a_proof() -> None:
    proof = prove(WHOLE, TERMS)

    assert (proof.file, proof.sha256, proof.clip) == (FILE, DIGEST, CLIP)
    assert (proof.archived_entry, proof.grant_entry, proof.checkpoint_size) == (0, 1, 2)
    assert proof.expires == 90.0 + LIFE


@pytest.mark.parametrize(
    ("fact", "claim"), [(fact, claim) for _, fact, claim in MISSING], ids=[m[0] for m in MISSING]
)
def test_each_missing_fact_forbids_the_erase(fact: Fact, claim: Claimed) -> None:
    with pytest.raises(EraseForbidden, match=f"fact {fact.value} ") as refused:
        prove(claim, TERMS)

    assert refused.value.fact == fact


def test_too_few_witnesses_forbid_the_erase() -> None:
    with pytest.raises(EraseForbidden, match="0 of 1 witnesses"):
        prove(WHOLE, replace(TERMS, witnesses=1))


def test_no_fact_is_without_a_test() -> None:
    assert {fact for _, fact, _ in MISSING} | {Fact.WITNESSED} == set(Fact)


@pytest.mark.parametrize("name", sorted(GRANTED))
def test_every_field_of_the_grant_is_needed(name: str) -> None:
    told = json.loads(WHOLE.granted.raw)
    del told[name]
    first, second = logged(WHOLE.archived.raw, canonical(told))

    with pytest.raises(EraseForbidden):
        prove(replace(WHOLE, archived=first, granted=second), TERMS)


def test_a_host_clock_that_is_ahead_forbids_and_one_that_is_behind_allows_nothing_more() -> None:
    soon = claimed(granted={"lock_until": stamp(NOW + timedelta(days=6))})

    for wrong in (timedelta(days=3650), timedelta(days=-3650)):
        with pytest.raises(EraseForbidden, match="fact 7"):
            prove(soon, replace(TERMS, now=NOW + wrong))


@pytest.mark.parametrize(
    "tried",
    [
        lambda: EraseProof(seal=None, **_fields()),  # type: ignore[arg-type]
        lambda: replace(prove(WHOLE, TERMS), clip=OTHER),  # type: ignore[call-arg]
        lambda: replace(prove(WHOLE, TERMS), seal=object()),
    ],
    ids=["made by hand", "changed", "with a seal of one's own"],
)
def test_nobody_else_makes_a_proof(tried: Callable[[], EraseProof]) -> None:
    with pytest.raises((TypeError, ValueError)):
        tried()


def _fields() -> dict[str, object]:
    proof = prove(WHOLE, TERMS)
    return {each.name: getattr(proof, each.name) for each in fields(proof)}


def test_a_proof_covers_its_file_and_only_for_a_while() -> None:
    proof = prove(WHOLE, TERMS)

    proof.covers(FILE, proof.expires)
    with pytest.raises(EraseForbidden, match="fact 10"):
        proof.covers(FILE, proof.expires + 0.1)
    with pytest.raises(EraseForbidden, match="fact 3"):
        proof.covers(replace(FILE, mtime_ns=6), 100.0)


READ = digests_of(FOOTAGE, sm3_maker())
BOTH, WRONG = READ.to_wire(), READ.to_wire() | {"sm3": "00" * 32}


def with_sm3(told: dict[str, str], first: Sm3 | None, second: Sm3 | None) -> Claimed:
    """All holds, but for what archive, first and second read have as SM3."""
    claim = claimed({"digests": told}, {"digests": told})
    again = replace(claim.second_read, sm3=second)
    return replace(claim, first_sm3=first, second_read=again)


@pytest.mark.parametrize("first", [READ.sm3, None])
@pytest.mark.parametrize("told", [BOTH, {"sha256": DIGEST.hex}])
def test_sm3_may_be_lacking_where_it_was_not_taken(told: dict[str, str], first: Sm3 | None) -> None:
    assert prove(with_sm3(told, first, READ.sm3), TERMS).digests == READ


@pytest.mark.parametrize(
    ("fact", "claim"),
    [
        (Fact.FIRST_READ, with_sm3(WRONG, READ.sm3, READ.sm3)),
        (Fact.FIRST_READ, with_sm3(BOTH | {"blake3": "00"}, READ.sm3, READ.sm3)),
        (Fact.SECOND_READ, with_sm3(BOTH, READ.sm3, Sm3(bytes(32)))),
        (Fact.SECOND_READ, with_sm3(WRONG, None, READ.sm3)),
        (Fact.SECOND_READ, with_sm3(BOTH, None, None)),
        (Fact.HELD_NOW, claimed({"digests": BOTH}, {"digests": {"sha256": DIGEST.hex}})),
    ],
)
def test_an_sm3_that_differs_or_was_not_compared_forbids_the_erase(
    fact: Fact, claim: Claimed
) -> None:
    if fact is Fact.HELD_NOW:
        claim = replace(claim, second_read=replace(claim.second_read, sm3=READ.sm3))

    with pytest.raises(EraseForbidden, match=f"fact {fact.value} "):
        prove(claim, TERMS)
