"""What a signature says of a file."""

from __future__ import annotations

import pytest

from evidence.digest import Sha256
from evidence.errors import LogBroken, SetupError
from evidence.note import Checkpoint, sign_checkpoint, sign_note
from station.signed import Kind, Statement, keys_of, opened, see_same, sign
from tests.station.signing import signer

DATA = b"bytes"
FIRMWARE = Statement(
    kind=Kind.FIRMWARE,
    name="fw 1.3.bin",
    sha256=Sha256.of(DATA),
    profile="acme-bc1",
    before="V1.2",
    after="V1.3",
)
PROFILE = Statement(kind=Kind.PROFILE, name="a.toml", sha256=Sha256.of(DATA))


@pytest.mark.parametrize("said", [FIRMWARE, PROFILE])
def test_what_is_signed_is_what_is_read(said: Statement) -> None:
    found = opened(sign(said, signer()), [signer("other", 2).key, signer().key])

    assert (found.said, found.by) == (said, "force.example/profiles")


def test_every_bit_of_a_signature_counts() -> None:
    note = sign(FIRMWARE, signer())
    for place in range(8 * len(note)):
        changed = bytearray(note)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises((LogBroken, ValueError)):
            opened(bytes(changed), [signer().key])


@pytest.mark.parametrize("keys", [[], [signer(seed=2).key], [signer("other").key]])
def test_nobody_elses_signature_counts(keys: list[object]) -> None:
    with pytest.raises(LogBroken):
        opened(sign(FIRMWARE, signer()), keys)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "data", "name", "why"),
    [
        (Kind.CONFIG, DATA, "fw 1.3.bin", "of a firmware"),
        (Kind.FIRMWARE, DATA, "other.bin", "of 'fw 1.3.bin'"),
        (Kind.FIRMWARE, b"Bytes", "fw 1.3.bin", "differs"),
    ],
)
def test_a_signature_of_one_file_is_none_of_another(
    kind: Kind, data: bytes, name: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        see_same(FIRMWARE, kind, data, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        PROFILE.text + "more words\n",
        PROFILE.text + "profile x\n",
        PROFILE.text.replace("v1", "v2"),
        PROFILE.text.replace("kind profile", "kind poem"),
        PROFILE.text.replace("kind profile", "kind firmware"),
        PROFILE.text + PROFILE.text,
        FIRMWARE.text.replace("before V1.2\n", ""),
        FIRMWARE.text.replace("before V1.2\n", "before \n"),
    ],
)
def test_a_text_that_says_something_else_says_nothing(text: str) -> None:
    note = sign_note(text or "\n", signer())

    with pytest.raises((LogBroken, ValueError)):
        opened(note, [signer().key])


def test_a_checkpoint_of_the_same_key_is_no_signature_of_a_file() -> None:
    head = Checkpoint(origin=signer().name, size=1, root=Sha256.of(DATA).raw)  # type: ignore[arg-type]

    with pytest.raises(ValueError, match=r"no|understands"):
        opened(sign_checkpoint(head, signer()), [signer().key])


@pytest.mark.parametrize("name", ["", "a\nkind firmware", "x" * 201, "a\0"])
def test_a_name_that_would_be_a_line_of_its_own_is_not_signed(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Statement(kind=Kind.PROFILE, name=name, sha256=Sha256.of(DATA))


def test_a_key_that_is_none_is_told_with_its_place() -> None:
    with pytest.raises(SetupError, match=r"profile_keys\[1\]"):
        keys_of([str(signer().key), "force+00000000+AAAA"])
