from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.key_file import load_or_make
from ingest.archive_client import ArchiveClient
from station.enrol import Enrolment, stored_key


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "station.key"

    first, second = load_or_make(file), load_or_make(file)

    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_refuses_to_start(tmp_path: Path) -> None:
    file = tmp_path / "station.key"
    load_or_make(file)
    file.chmod(0o644)

    with pytest.raises(SetupError, match="0600"):
        load_or_make(file)


def test_a_key_of_another_kind_refuses_to_start(tmp_path: Path) -> None:
    file = tmp_path / "station.key"
    other = generate_private_key(65537, 2048)
    file.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)

    with pytest.raises(SetupError, match="Ed25519"):
        load_or_make(file)


async def test_without_an_id_and_a_code_a_station_refuses_to_start(tmp_path: Path) -> None:
    async with ArchiveClient("http://127.0.0.1:1", SystemClock()) as archive:
        enrolment = Enrolment(
            folder=tmp_path, name="dock", archive=archive, clock=SystemClock(), code=None
        )

        with pytest.raises(SetupError, match="enrolment code"):
            enrolment.check()

    assert stored_key(tmp_path) is None
