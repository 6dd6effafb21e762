"""How the vaults of a home are encrypted at rest: by its settings, by what is seen, by the record.

One rule: what is a declaration is called one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from archive.service import Archive
from evidence.settings import Settings
from evidence.vault.disk import see_encrypted
from evidence.vault.embedded import wrapping_key
from evidence.vault.encryption import IN_WORDS, Encryption, decided
from evidock import control
from evidock.home import Home

ENCRYPTION = "encryption"
"""What a running home is asked for."""


def encryption_operations(archive: Archive) -> Mapping[str, control.Operation]:
    """What may be asked about encryption of a running home."""

    async def answer(_request: Mapping[str, object]) -> control.Answer:
        found = await archive.encryption()
        return {which.value: each.value for which, each in found.items()}

    return {ENCRYPTION: answer}


def in_lines(home: Home, settings: Settings) -> Iterator[str]:
    """What there is to say of each vault of *home*; SetupError for what cannot be, or is not so."""
    first = decided(settings.vault)
    yield f"vault: {IN_WORDS[first][1]}"
    if first is Encryption.DISK:
        yield f"seen now: {', '.join(see_encrypted(home.vault))}"
    if first is Encryption.STORE and settings.vault.kind == "embedded":
        yield _of_key(home, settings)
    if settings.second_vault.kind != "none":
        second = decided(settings.second_vault, "second_vault")
        yield f"second vault: {IN_WORDS[second][1]}"


def wrapping_file(home: Home, settings: Settings) -> Path:
    """Where the embedded store's wrapping key lies."""
    chosen = settings.vault.key_file
    return Path(chosen) if chosen else home.vault / "state" / wrapping_key.NAME


def _of_key(home: Home, settings: Settings) -> str:
    file = wrapping_file(home, settings)
    if settings.vault.key_file:
        return f"its key is {file}: keep a copy elsewhere, nothing opens the vault without it"
    return (
        f"its key is {file}, on the disk that it protects: who takes that has both ([vault]"
        " key_file names another place)"
    )
