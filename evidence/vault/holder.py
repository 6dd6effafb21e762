"""What the holder of a signed request does: send exactly that, without any credential.

Blocking and small; stations send theirs with aiohttp.  Used by the start-up probe, which must see
the store as an outsider sees it.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from evidence.errors import VaultUnreachable
from evidence.vault import SignedRequest

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a store answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(
    request: SignedRequest,
    body: bytes = b"",
    *,
    headers: Mapping[str, str] | None = None,
    ca_file: Path | None = None,
) -> Answer:
    """The answer to *request* with *body*; *headers* (such as ``Range``) go beside the signed ones.

    Raises VaultUnreachable if there is none.
    """
    parts = urlsplit(request.url)
    connection = _connection(parts.scheme, parts.netloc, ca_file)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(request.method, target, body, {**request.headers, **(headers or {})})
        response = connection.getresponse()
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=response.read(),
        )
    except (OSError, http.client.HTTPException) as error:
        raise VaultUnreachable(f"{parts.netloc} does not answer: {error}") from error
    finally:
        connection.close()


def _connection(scheme: str, netloc: str, ca_file: Path | None) -> http.client.HTTPConnection:
    if scheme == "https":
        trusted = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        return http.client.HTTPSConnection(netloc, timeout=_PATIENCE, context=trusted)
    return http.client.HTTPConnection(netloc, timeout=_PATIENCE)
