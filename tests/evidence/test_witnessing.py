import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.errors import LogBroken
from evidence.merkle import CompactRange, consistency_proof, leaf_hash
from evidence.note import Checkpoint, FileSigner, sign_checkpoint
from evidence.witnessing import MOST_HASHES, AddCheckpoint, Refusal, judge
from tests.evidence.trees import MemoryTree

LOG = FileSigner("example.org/custody", Ed25519PrivateKey.from_private_bytes(bytes(32)))
THIEF = FileSigner("example.org/custody", Ed25519PrivateKey.from_private_bytes(bytes([3] * 32)))
ENTRIES = [bytes([number]) for number in range(40)]


def head(size: int, entries: list[bytes] = ENTRIES) -> Checkpoint:
    range_ = CompactRange().extended(map(leaf_hash, entries[:size]))
    return Checkpoint(origin=LOG.name, size=size, root=range_.root)


def asked(
    old: int, new: int, *, by: FileSigner = LOG, entries: list[bytes] = ENTRIES
) -> AddCheckpoint:
    tree = MemoryTree([leaf_hash(entry) for entry in entries[:new]])
    proof = consistency_proof(tree, old, new) if old <= new else ()
    return AddCheckpoint(old=old, proof=proof, note=sign_checkpoint(head(new, entries), by))


REWRITTEN = [b"another", *ENTRIES[1:]]


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (0, 33), (7, 7), (7, 8), (8, 33)])
def test_what_only_grew_is_cosigned(old: int, new: int) -> None:
    last = head(old) if old else None

    assert judge(asked(old, new), [LOG.key], last) == head(new)


@pytest.mark.parametrize(
    ("request_", "last", "status", "size"),
    [
        pytest.param(asked(8, 20, by=THIEF), head(8), 403, None, id="wrong key"),
        pytest.param(asked(21, 20), head(8), 400, None, id="old beyond new"),
        pytest.param(asked(8, 20), head(30), 409, 30, id="replay"),
        pytest.param(asked(8, 9), head(10), 409, 10, id="rollback"),
        pytest.param(asked(8, 9), None, 409, 0, id="never seen"),
        pytest.param(asked(20, 20, entries=REWRITTEN), head(20), 409, 20, id="fork, same size"),
        pytest.param(asked(20, 30, entries=REWRITTEN), head(20), 422, None, id="fork, grown"),
    ],
)
def test_nothing_else_is(
    request_: AddCheckpoint, last: Checkpoint | None, status: int, size: int | None
) -> None:
    answer = judge(request_, [LOG.key], last)

    assert isinstance(answer, Refusal)
    assert (answer.status, answer.size) == (status, size)


def test_an_unknown_log_is_not_known() -> None:
    answer = judge(asked(0, 5), [], None)

    assert isinstance(answer, Refusal)
    assert answer.status == 404
    assert "example.org/custody" in answer.why


def test_proof_of_two_histories_is_worth_keeping() -> None:
    forked = judge(asked(20, 20, entries=REWRITTEN), [LOG.key], head(20))
    rolled_back = judge(asked(8, 9), [LOG.key], head(10))

    assert isinstance(forked, Refusal)
    assert isinstance(rolled_back, Refusal)
    assert (forked.keep, rolled_back.keep) == (True, False)


def test_a_request_is_read_as_it_was_written() -> None:
    for old, new in [(0, 3), (7, 33)]:
        request_ = asked(old, new)
        assert AddCheckpoint.parse(request_.body) == request_


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 3",
        b"old 03\n\nnote",
        b"old -1\n\nnote",
        b"size 3\n\nnote",
        b"old 3\nAAAA\n\nnote",
        b"old 3\n" + b"A" * 43 + b"=\n" * (MOST_HASHES + 1) + b"\nnote",
        b"old 3\n\n" + bytes(70_000),
    ],
)
def test_a_malformed_request_is_refused(body: bytes) -> None:
    with pytest.raises(LogBroken):
        AddCheckpoint.parse(body)
