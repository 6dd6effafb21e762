"""The rules in JavaScript and those in Python, put to the same vectors."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from evidence import vrf
from evidence.digests import by_cryptography
from evidence.dossier import Gone, Index, Item, Kind, problems
from evidence.dossier import index as version
from evidence.errors import EvidenceError
from evidence.merkle import Hash, inclusion_proof, leaf_hash, root_of, verify_inclusion
from evidence.policy import Policy
from evidence.reasons import unsaid
from tests.evidence.verification.browser import opened
from tests.packages.house import COURT, LOG, POLICY, SECRET
from tests.player.browser import Desk, chromium

pytestmark = pytest.mark.browser
REASONS = (
    "archive.verified",
    "document.add",
    "incident.import",
    "case.import",
    "case.clip",
    "case.unclip",
    "link",
    "link.confirm",
    "link.reject",
    "dispose.done",
    "view",
)
IDS: list[tuple[Kind, str]] = [
    ("clip", "c-1"),
    ("document", "f-1"),
    ("incident", "i-1"),
    ("link", "c-1 i-1"),
]
INDEXES = [
    *(
        version("", [Item(kind=kind, id=of, entry=1, sha256="ab", placed=placed)], None, {})
        for kind, of in IDS
        for placed in (None, 1)
    ),
    *(
        version("", [], version("", [Item(kind=kind, id=of, entry=1)], None, {}), {(kind, of): 1})
        for kind, of in IDS
    ),
]
"""One item each, or one thing that is gone, by entry 1."""
_WITNESS = f"witness court {COURT.key}\n"
POLICIES = [
    POLICY,
    f"log {LOG.key}\nquorum none\n",
    f"# a comment\n\nlog {LOG.key} https://log.example\n\twitness w {COURT.key}\nquorum w\n",
    f"log {LOG.key}\n{_WITNESS}group g 1 court\nquorum g\n",
    f"log {LOG.key}\n",
    f"log {LOG.key}\nlog {LOG.key}\nquorum none\n",
    f"log {LOG.key}\nquorum none\nquorum none\n",
    f"log {LOG.key}\nquorum court\n{_WITNESS}",
    f"log {LOG.key}\n{_WITNESS}group g 2 court\nquorum g\n",
    f"log {LOG.key}\n{_WITNESS}group g 01 court\nquorum g\n",
    f"log {LOG.key}\n{_WITNESS}group none 1 court\nquorum none\n",
    f"log {LOG.key}\n{_WITNESS}group g any court\ngroup h any court\nquorum g\n",
    f"log {str(LOG.key)[:-2]}A=\nquorum none\n",
    f"log {COURT.key}\nquorum none\n",
    f"log {LOG.key}\nwitness w {LOG.key}\nquorum w\n",
    f"log {LOG.key}\r\nquorum none\n",
    f"log {LOG.key}\nanchor x\nquorum none\n",
    f"log {LOG.key}\nquorum\n",
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with chromium() as browser:
        yield opened(browser, tmp_path_factory.mktemp("page"))


def ask(desk: Desk, work: str, *given: object) -> object:
    """What *work* gives for *given*, in the page; the word ``refused`` if it throws."""
    asked = f"async (given) => {{ try {{ return await ({work})(...given); }}"
    result: object = desk.page.evaluate(f"{asked} catch {{ return 'refused'; }} }}", list(given))
    return result


def test_sha256_of_every_length_around_its_blocks(desk: Desk) -> None:
    lengths = [*range(140), 1000, 65_535, 65_537]
    script = "(sizes) => sizes.map((n) => [...rules.sha256(new Uint8Array(n).fill(n & 255))])"

    found = ask(desk, script, lengths)

    assert found == [list(hashlib.sha256(bytes([n & 255]) * n).digest()) for n in lengths]


def test_sha256_of_pieces_is_that_of_the_whole(desk: Desk) -> None:
    chance = random.Random(1)
    pieces = [[chance.randrange(256) for _ in range(chance.randrange(200))] for _ in range(60)]

    found = ask(desk, "(all) => [...rules.sha256(...all.map((p) => Uint8Array.from(p)))]", pieces)

    assert found == list(hashlib.sha256(b"".join(map(bytes, pieces))).digest())


def test_sm3_of_every_length_around_its_blocks_whole_and_in_pieces(desk: Desk) -> None:
    lengths, ones = [*range(140), 1000, 65_537], [list(b"ab"), list(b"c")]
    script = "(sizes) => sizes.map((n) => [...rules.sm3(new Uint8Array(n).fill(n & 255))])"

    found = ask(desk, script, lengths)

    assert found == [list(_sm3(bytes([n & 255]) * n)) for n in lengths]
    whole = ask(desk, "(all) => [...rules.sm3(...all.map((p) => Uint8Array.from(p)))]", ones)
    assert whole == list(_sm3(b"abc"))


@pytest.mark.parametrize("policy", POLICIES)
def test_the_same_policies_are_read(desk: Desk, policy: str) -> None:
    try:
        Policy.parse(policy.encode())
        wanted = "read"
    except EvidenceError:
        wanted = "refused"

    assert ask(desk, "(p) => { new rules.Policy(rules.utf8(p)); return 'read'; }", policy) == wanted


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 255, 256, 257])
def test_the_same_proofs_hold(desk: Desk, size: int) -> None:
    hashes = [leaf_hash(b"%d" % number) for number in range(size)]
    for index in {0, size // 2, size - 1}:
        path = inclusion_proof(_Tree(hashes), index, size)
        given = [list(hashes[index]), index, size, [list(each) for each in path]]
        for root, wanted in ((root_of(hashes), "holds"), (Hash(bytes(32)), "refused")):
            script = (
                "(leaf, index, size, path, root) => { rules.verifyInclusion(Uint8Array.from(leaf),"
                " index, size, path.map((h) => Uint8Array.from(h)), Uint8Array.from(root));"
                " return 'holds'; }"
            )
            assert ask(desk, script, *given, list(root)) == wanted
            assert _holds(hashes[index], index, size, path, root) == wanted


@pytest.mark.parametrize("flipped", [None, 0, 33, 50, 79])
def test_the_same_vrf_proofs_hold(desk: Desk, flipped: int | None) -> None:
    alpha, key = b"evidock-census/v1\n2026-11-20\nofficer\n4711", vrf.public_key(SECRET)
    proof = bytearray(vrf.prove(SECRET, alpha))
    if flipped is not None:
        proof[flipped] ^= 1
    script = "async (...all) => [...await rules.verifyVrf(...all.map((b) => Uint8Array.from(b)))]"

    found = ask(desk, script, list(key), list(alpha), list(proof))

    assert found == ("refused" if flipped is not None else list(vrf.label(SECRET, alpha)))


def test_the_same_reasons_hold(desk: Desk) -> None:
    """Every entry of some kinds and fields, for every item and whatever may be gone."""
    fields: dict[str, list[object]] = {
        "kind": [*REASONS],
        "clip": [None, "c-1", "c-2"],
        "incident": [None, "i-1", "i-2"],
        "withdrawn": [None, True],
        "standing": [None, "automatic", "proposed"],
    }
    entries = [
        {name: value for name, value in zip(fields, values, strict=True) if value is not None}
        | {"digests": {"sha256": "ab"}, "document": "f-1", "sha256": "ab"}
        for values in itertools.product(*fields.values())
    ]
    script = (
        "(indexes, entries) => indexes.map((index) => entries.map((entry) =>"
        " [...rules.unsaid(index, new Map([[1, entry]]))].map(([en]) => en)))"
    )

    found = ask(desk, script, [msgspec.to_builtins(each) for each in INDEXES], entries)

    assert found == [[list(unsaid(each, {1: entry})) for entry in entries] for each in INDEXES]


def test_the_same_versions_may_follow(desk: Desk) -> None:
    """Some hundred pairs, of which one thing was changed in most."""
    chance, pairs = random.Random(7), []
    for _ in range(300):
        before = version("ab" * 32, _drawn(chance), None, {})
        after = version("ab" * 32, _drawn(chance), before, dict.fromkeys(before.names, 9))
        pairs.append((before, _bent(after, chance)))
    script = (
        "(pairs) => pairs.map(([before, digest, after]) => rules.growth(before, digest, after)"
        ".length === 0)"
    )
    given = [(msgspec.to_builtins(a), a.digest.hex, msgspec.to_builtins(b)) for a, b in pairs]

    found = ask(desk, script, given)

    wanted = [problems(before, after) == [] for before, after in pairs]
    assert found == wanted
    assert len(set(wanted)) == 2


def _drawn(chance: random.Random) -> list[Item]:
    kinds: list[Kind] = ["clip", "document", "incident", "link"]
    names = {(chance.choice(kinds), f"{chance.choice('ab')}-é") for _ in range(4)}
    return [Item(kind=kind, id=of, entry=1, sha256="ab" * 32) for kind, of in names]


def _bent(after: Index, chance: random.Random) -> Index:
    bent: list[dict[str, Any]] = [
        {},
        {"number": 3},
        {"previous": None},
        {"items": after.items[::-1]},
        {"items": after.items[1:]},
        {"gone": after.gone[1:]},
        {"items": [msgspec.structs.replace(each, sha256=None) for each in after.items]},
        {"gone": [*after.gone, Gone(kind="clip", id="z", entry=1)]},
    ]
    return msgspec.structs.replace(after, **chance.choice(bent))


def _sm3(data: bytes) -> bytes:
    state = by_cryptography()
    state.update(data)
    return state.digest()


class _Tree:
    def __init__(self, hashes: list[Hash]) -> None:
        self._hashes = hashes

    def subtree(self, level: int, index: int) -> Hash:
        return root_of(self._hashes[index << level : (index + 1) << level])


def _holds(leaf: Hash, index: int, size: int, path: tuple[Hash, ...], root: Hash) -> str:
    try:
        verify_inclusion(leaf=leaf, index=index, size=size, path=path, root=root)
    except EvidenceError:
        return "refused"
    return "holds"
