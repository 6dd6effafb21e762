from __future__ import annotations

import base64
import json
import ssl
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import ClientSession
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.settings import AxisSettings
from station.axis.connection import address, connection_file, tls
from station.axis.credentials import FILE, Credentials, credentials_in
from tests.station.axis.controller import opened

ANYWHERE = "0.0.0.0"  # noqa: S104  it is what must be refused
KNOWN = Credentials(user="evidock", key="k" * 43)


@pytest.fixture
def secured(tmp_path: Path) -> AxisSettings:
    """Settings with a certificate for 127.0.0.1 that vouches for itself."""
    crt, key = tmp_path / "door.crt", tmp_path / "door.key"
    private, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, until = SystemClock().now(), SystemClock().now() + timedelta(days=2)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    draft = x509.CertificateBuilder(name, name, private.public_key(), 1)
    made = draft.not_valid_before(now).not_valid_after(until).add_extension(here, critical=True)
    crt.write_bytes(made.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM))
    key.write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    key.chmod(0o600)
    return AxisSettings(enabled=True, certificate_file=str(crt), key_file=str(key))


def test_the_connection_file_has_the_published_fields(secured: AxisSettings) -> None:
    settings = replace(secured, url="https://evidence.example:8444/")

    told = json.loads(connection_file(settings, site="警" * 65, credentials=KNOWN))

    assert told.pop("ApplicationVersion")
    assert len(told.pop("SiteName")) == 64
    crt = Path(secured.certificate_file).read_bytes()
    assert base64.b64decode(told.pop("HTTPSCertificate")[0]) == crt
    assert told == {
        "ConnectionFileVersion": "1.0",
        "ApplicationName": "Evidock",
        "ContentDestinationAsNTPServer": False,
        "AuthenticationTokenURI": ["https://evidence.example:8444/auth/v1.0"],
        "BlobAPI": "Swift 1.0",
        "BlobAPIKey": KNOWN.key,
        "BlobAPIUserName": "evidock",
        "ContainerType": "mp4",
        "FullStoreAndReadSupport": False,
        "WantEncryption": False,
    }


async def test_what_the_connection_file_says_lets_a_controller_in_over_tls(
    secured: AxisSettings, tmp_path: Path
) -> None:
    async with opened(tmp_path / "station", secured) as door, ClientSession() as session:
        at = replace(secured, url=door.address)
        known = door.door.credentials
        told = json.loads(connection_file(at, site="s", credentials=known))
        trusted = base64.b64decode(told["HTTPSCertificate"][0]).decode()
        asked = {"X-Auth-User": told["BlobAPIUserName"], "X-Auth-Key": told["BlobAPIKey"]}
        context = ssl.create_default_context(cadata=trusted)

        answer = await session.get(told["AuthenticationTokenURI"][0], headers=asked, ssl=context)

        assert answer.status == 200
        assert answer.headers["X-Storage-Url"] == f"{door.address}/v1/evidock"


@pytest.mark.parametrize(
    "wrong",
    [
        AxisSettings(),
        AxisSettings(url="http://evidence.example:8444"),
        AxisSettings(url="https://evidence.example:8444"),
        AxisSettings(url="https://evidence.example/path", certificate_file="x"),
        AxisSettings(url="http://127.0.0.1:1", certificate_file="x"),
        AxisSettings(url="ftp://127.0.0.1"),
        AxisSettings(host=ANYWHERE, port=8444, certificate_file="x"),
    ],
)
def test_no_connection_file_names_a_place_that_cannot_be_reached_or_is_read_along(
    wrong: AxisSettings,
) -> None:
    with pytest.raises(SetupError, match=r"\[axis\]"):
        address(wrong)


def test_off_loopback_the_door_opens_only_with_a_private_key(secured: AxisSettings) -> None:
    with pytest.raises(SetupError, match="TLS is needed"):
        tls(AxisSettings(host=ANYWHERE))
    Path(secured.key_file).chmod(0o644)
    with pytest.raises(SetupError, match="read by others"):
        tls(secured)
    Path(secured.key_file).chmod(0o600)
    with pytest.raises(SetupError, match="certificate_file"):
        tls(replace(secured, certificate_file=secured.key_file))


def test_credentials_are_made_once_and_are_private(tmp_path: Path) -> None:
    first = credentials_in(tmp_path)

    assert credentials_in(tmp_path) == first
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(SetupError, match="read by others"):
        credentials_in(tmp_path)
    (tmp_path / FILE).chmod(0o600)
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(SetupError, match="does not hold credentials"):
        credentials_in(tmp_path)
