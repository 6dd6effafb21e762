"""Secrets in files, which settings name instead of holding them."""

from __future__ import annotations

from pathlib import Path

from evidence.errors import SetupError


def read_secret(file: Path, setting: str, *, encoding: str = "ascii") -> str:
    """The secret in *file*, which nobody but its owner may read; *setting* is what named it."""
    try:
        if file.stat().st_mode & 0o077:
            raise SetupError(f"{setting} {file} can be read by others", advice=f"chmod 600 {file}")
        return file.read_text(encoding=encoding).strip()
    except OSError as error:
        raise SetupError(f"{setting} {file} cannot be read: {error}") from error
    except UnicodeDecodeError:  # its text is not told: it names a byte of the secret
        raise SetupError(f"{setting} {file} cannot be read: it is no {encoding} text") from None
