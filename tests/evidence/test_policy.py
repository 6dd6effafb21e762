from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidence.cosignature import Cosignature, KeyCosigner, cosign
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


def told(**days: int) -> list[Cosignature]:
    """What these witnesses said, each on a day of its own."""
    return [
        Cosignature(witness=SIGNERS[name].key, at=AT + timedelta(days=day))
        for name, day in days.items()
    ]


@pytest.mark.parametrize(("needed", "day"), [("1", 3650), ("2", 2), ("all", 1)])
def test_of_a_quorum_of_so_many_the_time_of_the_last_of_them_counts(needed: str, day: int) -> None:
    policy = Policy.parse(f"{HEADER}group g {needed} X1 X2 X3\nquorum g\n".encode())

    reached = policy.reached([*told(X1=3650, X2=2, X3=1), *told(X2=-9, Y1=5000)])

    assert reached is not None
    assert reached.at == AT + timedelta(days=day)


def test_no_time_is_reached_by_less_than_a_quorum() -> None:
    policy = Policy.parse(f"{HEADER}group g 2 X1 X2 X3\nquorum g\n".encode())

    assert policy.reached(told(X1=3650, Y1=3650, Y2=3650)) is None
    assert policy.reached([]) is None


@given(st.dictionaries(st.sampled_from(sorted(SIGNERS)), st.integers(-3000, 3000)))
def test_the_time_is_the_newest_that_a_quorum_have_reached(days: dict[str, int]) -> None:
    policy, said = Policy.parse(SPEC_EXAMPLE.encode()), told(**days)
    met = [one.at for one in said if policy.is_met([each for each in said if each.at >= one.at])]

    reached = policy.reached(said)

    assert (None if reached is None else reached.at) == max(met, default=None)


@pytest.mark.parametrize(("needed", "day"), [("any", -3650), ("2", 1), ("all", 2)])
def test_something_was_seen_at_the_latest_when_a_quorum_had_seen_it(needed: str, day: int) -> None:
    policy = Policy.parse(f"{HEADER}group g {needed} X1 X2 X3\nquorum g\n".encode())

    seen = policy.seen_by([*told(X1=-3650, X2=2, X3=1), *told(X2=9, Y1=-5000)])

    assert seen is not None
    assert seen.at == AT + timedelta(days=day)


@given(st.dictionaries(st.sampled_from(sorted(SIGNERS)), st.integers(-3000, 3000)))
def test_it_is_the_oldest_time_by_which_a_quorum_had_seen_it(days: dict[str, int]) -> None:
    policy, said = Policy.parse(SPEC_EXAMPLE.encode()), told(**days)
    met = [one.at for one in said if policy.is_met([each for each in said if each.at <= one.at])]

    seen = policy.seen_by(said)

    assert (None if seen is None else seen.at) == min(met, default=None)
