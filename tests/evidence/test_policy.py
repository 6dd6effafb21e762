from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.cosignature import KeyCosigner, cosign
from evidence.errors import LogBroken, SetupError
from evidence.merkle import leaf_hash
from evidence.note import Checkpoint, FileSigner, add_signatures, sign_checkpoint
from evidence.policy import Policy

LOG = FileSigner("example.org/custody", Ed25519PrivateKey.from_private_bytes(bytes(32)))
HEAD = Checkpoint(origin="example.org/custody", size=7, root=leaf_hash(b"root"))
NOTE = sign_checkpoint(HEAD, LOG)
AT = datetime(2026, 11, 28, 2, 3, 4, tzinfo=UTC)
SIGNERS = {
    name: KeyCosigner(f"{name}.example", Ed25519PrivateKey.from_private_bytes(bytes([7 + n] * 32)))
    for n, name in enumerate(["X1", "X2", "X3", "Y1", "Y2", "Y3"])
}
HEADER = f"log {LOG.key}\n" + "".join(f"witness {n} {s.key}\n" for n, s in SIGNERS.items())
SPEC_EXAMPLE = HEADER + (
    "group X-witnesses 2 X1 X2 X3\n"
    "\tgroup   Y-witnesses any Y1\tY2 Y3  \n"
    "\n  # a comment\n"
    "group X-and-Y all X-witnesses Y-witnesses\n"
    "quorum X-and-Y\n"
)


def seen_by(*names: str) -> bytes:
    return add_signatures(NOTE, b"".join(cosign(HEAD.text, SIGNERS[n], AT) for n in names))


@pytest.mark.parametrize("names", [("X1", "X3", "Y2"), ("X1", "X2", "X3", "Y1", "Y2", "Y3")])
def test_a_quorum_is_believed(names: tuple[str, ...]) -> None:
    believed = Policy.parse(SPEC_EXAMPLE.encode()).believe(seen_by(*names))

    assert believed.checkpoint == HEAD
    assert len(believed.cosignatures) == len(names)


@pytest.mark.parametrize("names", [("X1", "X2", "X3"), ("X1", "Y1", "Y2", "Y3")])
def test_less_than_a_quorum_is_not(names: tuple[str, ...]) -> None:
    with pytest.raises(LogBroken, match=r"of X-and-Y 1, not 2 \(of .-witnesses [01], not"):
        Policy.parse(SPEC_EXAMPLE.encode()).believe(seen_by(*names))


def test_a_false_cosignature_is_never_passed_over() -> None:
    note = seen_by("X1", "X2", "Y1", "Y2")
    false = note.replace(b"7\n", b"8\n", 1)

    with pytest.raises(LogBroken, match="does not fit"):
        Policy.parse(SPEC_EXAMPLE.encode()).believe(false)


def test_no_quorum_takes_the_signature_of_the_log_alone() -> None:
    policy = Policy.parse(f"log {LOG.key}\nquorum none\n".encode())

    assert policy.believe(NOTE).checkpoint == HEAD
    with pytest.raises(LogBroken, match="no signature of a trusted key"):
        policy.believe(NOTE.replace("— example.org".encode(), "— example.net".encode()))


def test_a_policy_is_written_as_it_means() -> None:
    policy = Policy.parse(SPEC_EXAMPLE.encode())

    assert Policy.parse(str(policy).encode()) == policy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no quorum line"),
        ("quorum X1\n", "line 1: no line above"),
        (HEADER + "quorum X1\nquorum X1\n", "quorum line already"),
        (HEADER + "group g 4 X1 X2 X3\nquorum g\n", "none of all, any and 1 to 3"),
        (HEADER + "group g 0 X1\nquorum g\n", "none of all, any and 1 to 1"),
        (HEADER + "group g 01 X1\nquorum g\n", "none of all, any"),
        (HEADER + "group g any X1 X1\nquorum g\n", "count twice"),
        (HEADER + "group g any X1\ngroup h any X1\nquorum g\n", "count twice"),
        (HEADER + "group X1 any X2\nquorum X1\n", "is taken"),
        (HEADER + "group none any X2\nquorum none\n", "is taken"),
        (HEADER + "group g any none\nquorum g\n", "no line above"),
        (HEADER + "group g any\nquorum g\n", "a group line is"),
        (HEADER + f"witness Z {SIGNERS['X1'].key}\nquorum none\n", "stands here twice"),
        (HEADER + f"log {LOG.key}\nquorum none\n", "stands here twice"),
        (HEADER + f"witness Z {LOG.key}\nquorum none\n", "no key of a witness"),
        ("logs x\nquorum none\n", "line 1: 'logs' is none of"),
        ("quorum none\r\n", "no byte 0x0d"),
        ("\n" * 2000, "refused"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        Policy.parse(text.encode())
