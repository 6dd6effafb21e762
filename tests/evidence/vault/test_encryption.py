"""Encryption at rest: asked for with each object, looked for in each answer, and never assumed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.errors import SetupError, VaultUnfit, VaultUnreachable
from evidence.settings import load
from evidence.vault import Bucket
from evidence.vault.canary import Canary
from evidence.vault.embedded import Engine
from evidence.vault.encryption import Asked, Encryption, asked, decided, in_words, words_of
from evidence.vault.holder import send
from evidence.vault.probe import Check, prove
from evidence.vault.s3 import S3Settings, S3Vault
from evidence.vault.settings import SecondVaultSettings, VaultSettings
from tests.evidence.vault import weak

AES = Asked(algorithm="AES256")
BYTES = b"what the camera saw"


@pytest.mark.parametrize(
    ("chosen", "encryption", "wanted"),
    [
        ({}, Encryption.NONE, None),
        ({"encryption": "disk"}, Encryption.DISK, None),
        ({"kind": "s3", "encryption": "disk"}, Encryption.DISK_DECLARED, None),
        ({"encryption": "store"}, Encryption.STORE, AES),
        ({"kind": "s3", "encryption": "store"}, Encryption.STORE, AES),
        (
            {"kind": "s3", "encryption": "store", "kms_key": "k"},
            Encryption.STORE_KMS,
            Asked(algorithm="aws:kms", kms_key="k"),
        ),
    ],
)
def test_what_settings_ask_for(
    chosen: dict[str, str], encryption: Encryption, wanted: Asked | None
) -> None:
    settings = VaultSettings(**chosen)  # type: ignore[arg-type]

    assert (decided(settings), asked(settings)) == (encryption, wanted)


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"kms_key": "k"}, "kms_key is set, and encryption = 'none'"),
        ({"kind": "s3", "encryption": "disk", "kms_key": "k"}, "kms_key is set"),
        ({"encryption": "store", "kms_key": "k"}, "embedded store has no key service"),
        ({"key_file": "/k"}, "key_file is set"),
        ({"kind": "s3", "encryption": "store", "key_file": "/k"}, "key_file is set"),
    ],
)
def test_settings_that_cannot_be_are_refused(chosen: dict[str, str], why: str) -> None:
    with pytest.raises(SetupError, match=why) as refused:
        decided(VaultSettings(**chosen))  # type: ignore[arg-type]

    assert refused.value.advice


def test_the_second_vault_is_named_in_its_own_errors() -> None:
    with pytest.raises(SetupError, match=r"\[second_vault\] kms_key"):
        decided(SecondVaultSettings(kind="s3", kms_key="k"), "second_vault")


def test_an_unknown_mode_refuses_to_start(tmp_path: Path) -> None:
    file = tmp_path / "evidock.toml"
    file.write_text('[vault]\nencryption = "rot13"\n', encoding="utf-8")

    with pytest.raises(SetupError, match=r"\[vault\] .*rot13.*encryption"):
        load(file, {})


def test_words_never_say_more_than_is_known() -> None:
    assert in_words(None)[1] == "not encrypted by the store as far as Evidock knows"
    assert "declares" in in_words("disk-declared")[1]
    assert in_words("of a newer product") == ("of a newer product",) * 2
    entries = [b"{}", b'{"encryption":"store-aes256"}', b"{}"]
    assert words_of(entries)[1] == f"{in_words(None)[1]}; {in_words('store-aes256')[1]}"


@pytest.fixture
def vault(agency_settings: S3Settings) -> S3Vault:
    return S3Vault(replace(agency_settings, encryption=AES))


def test_what_is_stored_shows_it_to_whoever_asks(vault: S3Vault) -> None:
    stored = vault.put(Bucket.ORIGINALS, "clip", BYTES)

    named = {"Key": "clip", "VersionId": stored.version_id}
    head = vault._store.client.head_object(Bucket=vault.bucket_name(Bucket.ORIGINALS), **named)
    assert head["ServerSideEncryption"] == "AES256"
    assert vault.find(Bucket.ORIGINALS, "clip") == stored
    assert b"".join(vault.read(Bucket.ORIGINALS, "clip", stored.version_id)) == BYTES


def test_a_signed_put_binds_it(vault: S3Vault) -> None:
    request = vault.sign_put(
        Bucket.ORIGINALS,
        "clip",
        size=len(BYTES),
        sha256=Sha256.of(BYTES),
        lock=None,
        create_only=True,
        content_type="video/mp4",
        seconds=60,
    )
    bare = {n: v for n, v in request.headers.items() if n != "x-amz-server-side-encryption"}

    assert request.headers["x-amz-server-side-encryption"] == "AES256"
    assert send(replace(request, headers=bare), BYTES).status == 403
    assert send(request, BYTES).headers["x-amz-server-side-encryption"] == "AES256"


def test_what_lies_there_in_the_clear_is_unfit_wherever_it_is_met(
    vault: S3Vault, agency_settings: S3Settings
) -> None:
    S3Vault(agency_settings).put(Bucket.ORIGINALS, "clip", BYTES)

    with pytest.raises(VaultUnfit, match="tells the encryption None, where 'AES256'"):
        vault.find(Bucket.ORIGINALS, "clip")


def test_the_probe_and_the_canary_pass_on_a_store_that_encrypts(vault: S3Vault) -> None:
    report = prove(vault, None, SystemClock())

    assert Check.ENCRYPTED in report.proven
    kept = Canary(vault, SystemClock(), timedelta(hours=1)).prove()
    assert vault.find(Bucket.ORIGINALS, kept.key, kept.version_id) is not None


def test_a_store_that_ignores_the_header_is_refused(engine: Engine) -> None:
    root, known = S3Vault(engine.settings_for_root()), engine.settings_for_archive()
    with weak.front(known, root, weak.stores_in_the_clear) as settings:
        vault = S3Vault(replace(settings, encryption=AES))

        with pytest.raises(VaultUnfit, match="failed the check encrypted"):
            prove(vault, None, SystemClock())
        with pytest.raises(VaultUnfit, match="tells the encryption None"):
            vault.put(Bucket.ORIGINALS, f"{weak.__name__}/clip", BYTES)


def test_a_key_service_that_is_not_there_is_no_answer(agency_settings: S3Settings) -> None:
    kms = Asked(algorithm="aws:kms", kms_key="evidock")

    with pytest.raises(VaultUnreachable, match="500"):
        S3Vault(replace(agency_settings, encryption=kms)).put(Bucket.ORIGINALS, "clip", BYTES)
