"""A home made of another one's vault and log: it goes on, or says what it lacks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from archive.log.mirror import copied_note
from archive.restored import RestoredMark
from evidence.vault.s3 import S3Settings, S3Vault
from evidock.__main__ import main
from evidock.home import Home
from tests.evidock.homes import started


@pytest.fixture
def home(tmp_path: Path, agency_settings: S3Settings) -> Home:
    """A home around somebody else's store, which has no copy of its log yet."""
    made = Home(tmp_path / "home")
    made.prepare()
    made.mark()
    (secret := tmp_path / "secret").write_text(agency_settings.secret_key)
    secret.chmod(0o600)
    told: Mapping[str, str] = {
        "kind": "s3",
        "endpoint": agency_settings.endpoint,
        "region": agency_settings.region,
        "access_key": agency_settings.access_key,
        "secret_key_file": str(secret),
        **{bucket.value: name for bucket, name in agency_settings.buckets.items()},
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in told.items()]
    made.settings_file.write_text("\n".join(["[vault]", *lines]))
    asyncio.run(started(made, S3Vault(agency_settings), acts=2))
    return made


def test_where_the_vault_has_no_copy_of_the_log_it_gets_one(
    home: Home, tmp_path: Path, agency_settings: S3Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    vault, new = S3Vault(agency_settings), Home(tmp_path / "new")
    assert copied_note(vault) is None

    told = main(["rebuild", "--from", str(home.folder), "--into", str(new.folder), "--json"])

    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (told, "was made anew" in finding["problem"]) == (1, True)
    assert copied_note(vault) == (home.archive / "log" / "checkpoint").read_bytes()
    assert len(asyncio.run(started(new, vault))) == 3
    assert not RestoredMark(new.archive).stands
