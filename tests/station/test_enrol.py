from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from evidence.clock import SystemClock
from evidence.cosignature import WitnessKey
from evidence.errors import SetupError
from evidence.key_file import load_or_make
from evidence.note import FileSigner
from evidence.wire import StationEnrolled
from ingest.archive_client import ArchiveClient
from station.enrol import Enrolment, pin_log_key, pinned_log_key, pinned_policy, stored_key
from tests.archive.log.logs import SIGNER
from tests.court import THIEF, made


def pinned(folder: Path, policy: str) -> tuple[WitnessKey, ...]:
    return tuple(each.key for each in pinned_policy(folder, policy).witnesses.values())


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


def enrolled(folder: Path, policy: str = "") -> None:
    told = StationEnrolled(station="s1", agency="lab", log_key=str(SIGNER.key), policy=policy)
    (folder / "enrolled.json").write_bytes(msgspec.json.encode(told))


def test_witnesses_are_pinned_at_enrolment_or_by_a_file(tmp_path: Path) -> None:
    court = made(tmp_path / "court").key()
    policy = f"log {SIGNER.key}\nwitness court {court}\nquorum court\n"
    (tmp_path / "policy").write_text(policy)

    enrolled(tmp_path, policy)
    assert pinned(tmp_path, "") == (court,)
    (tmp_path / "enrolled.json").unlink()
    enrolled(tmp_path)
    assert pinned(tmp_path, "") == ()
    assert pinned(tmp_path, str(tmp_path / "policy")) == (court,)


@pytest.mark.parametrize("policy", [f"log {THIEF.key}\nquorum none\n", "", "quorum court\n"])
def test_a_policy_about_another_log_refuses_to_start(tmp_path: Path, policy: str) -> None:
    enrolled(tmp_path)
    (tmp_path / "policy").write_text(policy or "\n")

    with pytest.raises(SetupError):
        pinned_policy(tmp_path, str(tmp_path / "policy"))
    with pytest.raises(SetupError, match="No such file"):
        pinned_policy(tmp_path, str(tmp_path / "nowhere"))


def test_a_policy_may_name_a_key_that_led_to_the_one_trusted_now(tmp_path: Path) -> None:
    """A file of the agency's is written anew after the keys changed, not in the same moment."""
    enrolled(tmp_path)
    old = pinned_log_key(tmp_path)
    (tmp_path / "policy").write_text(f"log {old}\nquorum none\n")
    for file in ("second", "third"):
        pin_log_key(tmp_path, FileSigner(old.name, load_or_make(tmp_path / file)).key)

    assert pinned_log_key(tmp_path) != old
    assert pinned_policy(tmp_path, str(tmp_path / "policy")).logs == (old,)
