"""What a home says of how its vaults are encrypted, and what it refuses."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.settings import Settings
from evidence.vault.settings import SecondVaultSettings, VaultSettings
from evidock.commands.doctor import examine
from evidock.encrypting import in_lines, wrapping_file
from evidock.home import Home
from evidock.vaults import embedded, external_settings


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder that lies on no disk at all."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def chosen(**vault: str) -> Settings:
    return Settings(vault=VaultSettings(**vault))  # type: ignore[arg-type]


def test_an_embedded_vault_on_no_encrypted_disk_does_not_start(memory: Path) -> None:
    home = Home(memory)

    with pytest.raises(SetupError, match=r"\[vault\] encryption is 'disk'") as refused:
        embedded(home, chosen(encryption="disk"), SystemClock())

    assert "cryptsetup" in refused.value.advice
    assert list(memory.iterdir()) == []


def test_of_a_vault_that_does_nothing_it_says_so_plainly(tmp_path: Path) -> None:
    assert list(in_lines(Home(tmp_path), Settings())) == [
        "vault: not encrypted by the store as far as Evidock knows"
    ]


def test_what_is_declared_is_called_so_and_no_disk_of_ours_is_looked_at(memory: Path) -> None:
    settings = replace(
        chosen(kind="s3", encryption="disk"),
        second_vault=SecondVaultSettings(kind="s3", encryption="store"),
    )

    first, second = in_lines(Home(memory), settings)

    assert "as the operator declares; Evidock cannot see them" in first
    assert second.startswith("second vault: encrypted by the store (AES-256)")


@pytest.mark.parametrize(("key_file", "said"), [("", "who takes that has both"), ("k", "a copy")])
def test_it_says_where_the_key_lies(tmp_path: Path, key_file: str, said: str) -> None:
    named = str(tmp_path / key_file) if key_file else ""
    settings = chosen(encryption="store", key_file=named)

    _, of_key = in_lines(Home(tmp_path), settings)

    assert str(wrapping_file(Home(tmp_path), settings)) in of_key
    assert said in of_key


def test_an_external_store_is_asked_as_the_settings_say(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("S", encoding="ascii")
    secret.chmod(0o600)
    names = {name: name for name in ("endpoint", "access_key", "originals", "records", "derived")}
    vault = VaultSettings(
        kind="s3",
        encryption="store",
        kms_key="arn:k",
        secret_key_file=str(secret),
        **names,
    )

    asked = external_settings(vault).encryption

    assert asked is not None
    assert (asked.algorithm, asked.kms_key) == ("aws:kms", "arn:k")


@pytest.mark.parametrize(
    ("lines", "ok", "said"),
    [
        ("", True, "not encrypted by the store as far as Evidock knows"),
        ('encryption = "disk"', False, "lies on no block device"),
        ('kms_key = "k"', False, "kms_key is set"),
    ],
)
def test_doctor_says_it(memory: Path, lines: str, ok: bool, said: str) -> None:  # noqa: FBT001
    home = Home(memory)
    home.prepare()
    (memory / "evidock.toml").write_text(f"[vault]\n{lines}\n", encoding="utf-8")

    (found,) = (each for each in examine(memory) if each.name == "encryption at rest")

    assert found.ok is ok
    assert said in found.detail
