"""What a System Controller must know of us: the connection file, and what we can take.

Names and limits are those of Axis's README.md, "Connection API" and "Capability API"; ``BlobAPI``
is from its server/configure.go.
One rule: a controller that was told no certificate speaks plain HTTP, so off loopback none goes
without.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from evidence.errors import SetupError
from evidence.secret import read_secret
from evidence.settings import AxisSettings
from evidence.version import version
from station.axis.credentials import Credentials

AUTH = "/auth/v1.0"

CAPABILITIES = json.dumps(
    {
        "StoreAndRead": {
            "StoreBookmarks": True,
            "StoreReadSystemID": True,
            "StoreUserIDKey": True,
            "StoreSignedVideo": True,
            "StoreGNSSTrackRecording": True,
        }
    },
    indent=2,
).encode("ascii")
"""As the example server writes it (server/capability.go); kept, each of them, byte for byte."""

CAPABILITY_NAMES = frozenset({"Capabilities.json", "Capability.json"})
"""The README's text says the second, its data structure and the example server the first."""

_SITE_MAX = 64
_CERTIFICATE_MAX = 16 * 1024


def address(settings: AxisSettings) -> str:
    """Where controllers reach the door, without a slash at its end.

    Raises SetupError if that is not told, or if anybody on the way could read along.
    """
    plain = not settings.certificate_file
    scheme = "http" if plain else "https"
    if not settings.url and not settings.port:
        raise SetupError("[axis] port 0 is another one at each start: name a port, or an url")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    found = settings.url.rstrip("/") or f"{scheme}://{host}:{settings.port}"
    parts = urlsplit(found)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise SetupError(f"[axis] url {found!r} is not like https://evidence.example:8444")
    if parts.hostname in {"0.0.0.0", "::"}:  # noqa: S104  it is what is refused here
        raise SetupError(f"[axis] host {settings.host} is no address to reach: name an url")
    if (parts.scheme == "http") is not plain:
        raise SetupError(
            "[axis] url and certificate_file do not fit: https needs the certificate that"
            " controllers are to trust, http must have none"
        )
    if plain and not is_loopback(parts.hostname):
        raise SetupError(
            f"[axis] {found} is plain HTTP over a network, which anybody there could read",
            advice="Name [axis] certificate_file and key_file.",
        )
    return found


def connection_file(settings: AxisSettings, *, site: str, credentials: Credentials) -> bytes:
    """The connection file (JSON) that is loaded into AXIS Body Worn Manager."""
    told: dict[str, object] = {
        "ConnectionFileVersion": "1.0",
        "SiteName": site[:_SITE_MAX],
        "ApplicationName": "Evidock",
        "ApplicationVersion": version(),
        "ContentDestinationAsNTPServer": False,
        "AuthenticationTokenURI": [address(settings) + AUTH],
        "BlobAPI": "Swift 1.0",
        "BlobAPIKey": credentials.key,
        "BlobAPIUserName": credentials.user,
        "ContainerType": settings.container,
        "FullStoreAndReadSupport": False,
        "WantEncryption": False,
    }
    if settings.certificate_file:
        told["HTTPSCertificate"] = [_certificate(Path(settings.certificate_file))]
    return json.dumps(told, indent=2).encode("ascii") + b"\n"


def tls(settings: AxisSettings) -> ssl.SSLContext | None:
    """What the door ends TLS with; None if it need not.  Raises SetupError naming what is wrong."""
    if not settings.key_file:
        if not is_loopback(settings.host):
            raise SetupError(
                f"[axis] host {settings.host} is no loopback address, so TLS is needed",
                advice="Name [axis] certificate_file and key_file.",
            )
        return None
    read_secret(Path(settings.key_file), "[axis] key_file")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.certificate_file, settings.key_file, password=lambda: "")
    except OSError as error:
        raise SetupError(f"[axis] certificate_file and key_file: {error}") from error
    return context


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine, and nothing else."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _certificate(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SetupError(f"[axis] certificate_file {file}: {error}") from error
    if b"PRIVATE KEY" in data:
        raise SetupError(f"[axis] certificate_file {file} holds a private key as well")
    text = base64.b64encode(data).decode("ascii")
    if len(text) > _CERTIFICATE_MAX:
        raise SetupError(f"[axis] certificate_file {file} is longer than controllers take")
    return text
