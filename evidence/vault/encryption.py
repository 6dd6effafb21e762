"""How what lies in a vault is encrypted at rest: decided before the first object, and for good.

One rule: who says so is said with it.  What Evidock saw, what the store's answers tell and what an
operator declares are different things, and no page mixes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from evidence.custody import Entry
from evidence.errors import SetupError
from evidence.vault.settings import SecondVaultSettings, VaultSettings


class Encryption(StrEnum):
    """What is known of it."""

    NONE = "none"
    """Nothing is: the store may do as it likes."""
    DISK = "disk"
    """The disk under the embedded store is, as Evidock saw when it started."""
    DISK_DECLARED = "disk-declared"
    """The operator declares that the store's disks are."""
    STORE = "store-aes256"
    """The store does it with keys of its own (SSE-S3), as each of its answers tells."""
    STORE_KMS = "store-kms"
    """Likewise under a key of its key service (SSE-KMS)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What each object is stored with, where the store encrypts it."""

    algorithm: str
    """As S3 calls it: ``AES256`` or ``aws:kms``."""
    kms_key: str = ""
    """Which key of the key service; empty: its default."""


IN_WORDS: Mapping[Encryption, tuple[str, str]] = {
    Encryption.NONE: (
        "据 Evidock 所知，存储未加密",
        "not encrypted by the store as far as Evidock knows",
    ),
    Encryption.DISK: (
        "存储所在磁盘已加密（Evidock 启动时所见）",
        "on an encrypted disk, as Evidock saw when it started",
    ),
    Encryption.DISK_DECLARED: (
        "运营方声明存储磁盘已加密（Evidock 无法查看）",
        "on encrypted disks, as the operator declares; Evidock cannot see them",
    ),
    Encryption.STORE: (
        "由存储加密（AES-256），依其每次应答",
        "encrypted by the store (AES-256), as each of its answers tells",
    ),
    Encryption.STORE_KMS: (
        "由存储以密钥服务的密钥加密，依其每次应答",
        "encrypted by the store under a key of its key service, as each of its answers tells",
    ),
}
"""In Chinese and English."""


def decided(settings: VaultSettings | SecondVaultSettings, section: str = "vault") -> Encryption:
    """What *settings* say of the vault in *section*; SetupError if they say what cannot be."""
    is_embedded = settings.kind == "embedded"
    if settings.kms_key and settings.encryption != "store":
        raise SetupError(
            f"[{section}] kms_key is set, and encryption = {settings.encryption!r} asks no store"
            " for anything",
            advice="Set encryption to 'store', or take kms_key out.",
        )
    if settings.kms_key and is_embedded:
        raise SetupError(
            f"[{section}] kms_key is set, and the embedded store has no key service",
            advice="Take it out: the embedded store encrypts with a key of its own, in key_file.",
        )
    if isinstance(settings, VaultSettings) and settings.key_file:
        _see_key_wanted(settings, is_embedded=is_embedded)
    if settings.encryption == "disk":
        return Encryption.DISK if is_embedded else Encryption.DISK_DECLARED
    if settings.encryption == "store":
        return Encryption.STORE_KMS if settings.kms_key else Encryption.STORE
    return Encryption.NONE


def asked(settings: VaultSettings | SecondVaultSettings, section: str = "vault") -> Asked | None:
    """What the store is asked for with each object; None where it is not.  As :func:`decided`."""
    match decided(settings, section):
        case Encryption.STORE:
            return Asked(algorithm="AES256")
        case Encryption.STORE_KMS:
            return Asked(algorithm="aws:kms", kms_key=settings.kms_key)
        case _:
            return None


def in_words(told: object) -> tuple[str, str]:
    """What an ``archive.verified`` entry *told* of it, in Chinese and English.

    Entries of vaults that do nothing, and those of older products, tell nothing.
    """
    if told is None:
        return IN_WORDS[Encryption.NONE]
    known = next((each for each in Encryption if each == told), None)
    return (str(told), str(told)) if known is None else IN_WORDS[known]


def words_of(entries: Iterable[bytes]) -> tuple[str, str]:
    """What these ``archive.verified`` *entries* tell of it; each thing once."""
    told = dict.fromkeys(in_words(Entry(raw).fields.get("encryption")) for raw in entries)
    return "；".join(zh for zh, _ in told), "; ".join(en for _, en in told)


def _see_key_wanted(settings: VaultSettings, *, is_embedded: bool) -> None:
    if is_embedded and settings.encryption == "store":
        return
    raise SetupError(
        "[vault] key_file is set, and is for the embedded store with encryption = 'store' alone",
        advice="Take key_file out, or set kind and encryption so.",
    )
