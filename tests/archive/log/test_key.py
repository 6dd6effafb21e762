import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from archive.log.key import load_or_make_signer
from evidence.errors import SetupError


def test_a_new_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.pem"

    load_or_make_signer(path, "example.org/custody")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")


def test_a_key_is_made_once(tmp_path: Path) -> None:
    first = load_or_make_signer(tmp_path / "log.pem", "example.org/custody")

    again = load_or_make_signer(tmp_path / "log.pem", "example.org/custody")

    assert again.key == first.key
    again.key.verify(b"message", first.sign(b"message"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o700])
def test_a_key_that_others_can_reach_is_not_used(tmp_path: Path, mode: int) -> None:
    load_or_make_signer(tmp_path / "log.pem", "example.org/custody")
    (tmp_path / "log.pem").chmod(mode)

    with pytest.raises(SetupError, match="open to others"):
        load_or_make_signer(tmp_path / "log.pem", "example.org/custody")


def test_what_is_no_key_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "log.pem").touch(mode=0o600)

    with pytest.raises(SetupError, match="no private key in PEM form"):
        load_or_make_signer(tmp_path / "log.pem", "example.org/custody")


def test_a_key_of_another_kind_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "log.pem").touch(mode=0o600)
    (tmp_path / "log.pem").write_bytes(
        X25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    with pytest.raises(SetupError, match="not an Ed25519 key"):
        load_or_make_signer(tmp_path / "log.pem", "example.org/custody")
