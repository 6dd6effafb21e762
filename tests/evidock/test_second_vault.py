"""What a home's settings say of its second vault, before anything is stored there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.settings import load
from evidence.vault.s3 import S3Vault
from evidence.vault.settings import SecondVaultSettings, VaultSettings
from evidock.commands.doctor import Finding, examine
from evidock.home import Home
from evidock.vaults import external_settings, open_second

NAMES = {"originals": "a-originals", "records": "a-records", "derived": "a-derived"}


@pytest.fixture
def secret(tmp_path: Path) -> str:
    file = tmp_path / "secret"
    file.write_text("secret")
    file.chmod(0o600)
    return str(file)


def second(secret: str, **more: str) -> SecondVaultSettings:
    named = {"endpoint": "https://s3.example", "access_key": "A", "secret_key_file": secret}
    return SecondVaultSettings(kind="s3", **{**named, **NAMES, **more})  # type: ignore[arg-type]


def first(secret: str, endpoint: str) -> S3Vault:
    chosen = VaultSettings(
        kind="s3",
        endpoint=endpoint,
        access_key="A",
        secret_key_file=secret,
        **NAMES,  # type: ignore[arg-type]
    )
    return S3Vault(external_settings(chosen))


def test_without_one_there_is_none(secret: str) -> None:
    settings = load(None, {})

    assert open_second(settings, first(secret, "https://s3.example"), SystemClock()) is None


def test_the_environment_names_it() -> None:
    settings = load(None, {"EVIDOCK_SECOND_VAULT_KIND": "s3", "EVIDOCK_VAULT_KIND": "embedded"})

    assert (settings.second_vault.kind, settings.vault.kind) == ("s3", "embedded")


@pytest.mark.parametrize(
    "endpoint", ["https://s3.example", "https://S3.example:443/", "http://s3.example:443"]
)
def test_a_bucket_of_the_first_is_refused(secret: str, endpoint: str) -> None:
    settings = replace(load(None, {}), second_vault=second(secret))

    with pytest.raises(SetupError, match="a-derived"):
        open_second(settings, first(secret, endpoint), SystemClock())


def test_another_store_is_taken(secret: str) -> None:
    settings = replace(load(None, {}), second_vault=second(secret))

    assert open_second(settings, first(secret, "https://other.example"), SystemClock())


def test_what_is_missing_is_named(secret: str) -> None:
    settings = replace(load(None, {}), second_vault=second(secret, records=""))

    with pytest.raises(SetupError, match=r"\[second_vault\] records is empty"):
        open_second(settings, first(secret, "https://other.example"), SystemClock())


def found(home: Home, text: str) -> Finding:
    home.prepare()
    home.settings_file.write_text(text)
    (finding,) = [each for each in examine(home.folder) if each.name == "second vault"]
    return finding


def toml(section: str, secret: str, **more: str) -> str:
    named = {"kind": "s3", "access_key": "A", "secret_key_file": secret, **NAMES, **more}
    return "\n".join([f"[{section}]", *(f'{key} = "{value}"' for key, value in named.items()), ""])


def test_doctor_says_how_it_stands(tmp_path: Path, secret: str) -> None:
    home, here, there = Home(tmp_path / "home"), "https://here.example", "https://there.example"
    one = toml("vault", secret, endpoint=here)
    apart = found(home, one + toml("second_vault", secret, endpoint=there))
    beside = {name: f"copy-{name}" for name in NAMES}
    near = found(home, one + toml("second_vault", secret, endpoint=here, **beside))
    same = found(home, one + toml("second_vault", secret, endpoint=here))

    assert found(home, "").detail.startswith("none:")
    assert apart.ok
    assert not near.ok
    assert "what takes one takes both" in near.detail
    assert not same.ok
    assert "the first vault's own" in same.detail
