"""The embedded engine's wrapping key: made once, kept apart, and never replaced in silence."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.vault import Bucket
from evidence.vault.embedded import Engine
from evidence.vault.embedded.wrapping_key import load_or_make
from evidence.vault.encryption import Asked
from evidence.vault.s3 import S3Vault

MARK = b"EVIDOCK-PLAINTEXT-" + secrets.token_hex(16).encode()
DATA = secrets.token_bytes(3 << 20) + MARK + secrets.token_bytes(1 << 20)
"""Random, or the engine packs it and nothing could be found on its disk."""


def files_with(needle: bytes, folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.name for path in files if needle in path.read_bytes())


def test_a_key_is_made_once_and_given_again(tmp_path: Path) -> None:
    file, state = tmp_path / "elsewhere" / "key", tmp_path / "state"

    key = load_or_make(file, state)

    assert load_or_make(file, state) == key
    assert len(bytes.fromhex(key)) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert key not in "".join(path.read_text() for path in state.iterdir())


def test_a_key_that_the_operator_made_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{'ab' * 32}\n", encoding="ascii")
    file.chmod(0o600)

    assert load_or_make(file, tmp_path / "state") == "ab" * 32


def _is_gone(file: Path) -> None:
    file.unlink()


def _is_another(file: Path) -> None:
    file.write_text("cd" * 32, encoding="ascii")


def _is_none(file: Path) -> None:
    file.write_text("hunter2", encoding="ascii")


def _is_open_to_others(file: Path) -> None:
    file.chmod(0o640)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_is_gone, "is not there, and what lies in the vault was encrypted with it"),
        (_is_another, "is another one than what lies in the vault was encrypted with"),
        (_is_none, "must be 64 hexadecimal digits"),
        (_is_open_to_others, "can be read by others"),
    ],
)
def test_no_other_key_is_used_or_made(
    tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    file, state = tmp_path / "key", tmp_path / "state"
    load_or_make(file, state)
    spoil(file)
    before = file.read_text(encoding="ascii") if file.exists() else None

    with pytest.raises(SetupError, match=why) as refused:
        load_or_make(file, state)

    assert refused.value.advice
    assert (file.read_text(encoding="ascii") if file.exists() else None) == before


def engine_in(folder: Path, wrapping: Path) -> Engine:
    asked = Asked(algorithm="AES256")
    return Engine(folder, agency="own", clock=SystemClock(), encryption=asked, wrapping=wrapping)


def test_nothing_on_the_engines_disk_opens_what_it_stored(tmp_path: Path) -> None:
    folder, wrapping = tmp_path / "vault", tmp_path / "stick" / "key"
    engine = engine_in(folder, wrapping)
    engine.start()
    try:
        vault = S3Vault(engine.settings_for_archive())
        stored = vault.put(Bucket.ORIGINALS, "clip", DATA)
        engine.stop()
        assert files_with(MARK, folder) == []
        assert files_with(wrapping.read_bytes(), folder) == []
        with pytest.raises(SetupError, match="encryption is not 'store'"):
            Engine(folder, agency="own", clock=SystemClock()).start()
        shutil.move(wrapping, tmp_path / "taken out")
        with pytest.raises(SetupError, match="is not there"):
            engine.start()
        shutil.move(tmp_path / "taken out", wrapping)
        engine.start()
        assert b"".join(vault.read(Bucket.ORIGINALS, "clip", stored.version_id)) == DATA
    finally:
        engine.stop()
