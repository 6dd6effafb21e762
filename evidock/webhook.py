"""One POST of JSON to where an agency wants to be told: a webhook.

One rule: nothing is sent but over TLS or to this very machine, and nowhere but to the address in
the settings: a redirect is an answer like any other that is not yes.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import msgspec

from evidence.errors import SetupError, TemporaryError
from evidence.mail_settings import NoticesSettings
from station.axis.connection import is_loopback

_TAKEN = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where to, made sure of.  Make it with :meth:`of`."""

    url: str = field(repr=False)
    where: str
    """Scheme, host and port, for people: the rest of an address is often its password."""
    patience: float
    """Seconds that it may take to answer."""
    tls: ssl.SSLContext

    @classmethod
    def of(cls, settings: NoticesSettings) -> Webhook | None:
        """None if there is none; SetupError if it cannot be told as the settings say."""
        if not settings.webhook:
            return None
        try:
            parts = urlsplit(settings.webhook)
            host, where = parts.hostname or "", f"{parts.scheme}://{_place(parts.netloc)}"
            _ = parts.port
        except ValueError as error:
            raise SetupError(f"[notices] webhook is no address: {error}") from error
        if parts.scheme not in {"https", "http"} or not host or parts.fragment:
            raise SetupError("[notices] webhook is no address", advice=_LIKE_THIS)
        if parts.username is not None or parts.password is not None:
            raise SetupError("[notices] webhook holds a name or password", advice=_LIKE_THIS)
        if parts.scheme == "http" and not is_loopback(host):
            raise SetupError(
                f"[notices] webhook would send in the clear to {host}",
                advice="Give its https address; only this machine (127.0.0.1) may be told without.",
            )
        return cls(
            url=settings.webhook,
            where=where,
            patience=settings.patience_seconds,
            tls=_context(settings.ca_file),
        )

    async def post(self, message: object) -> None:
        """Send *message* as JSON; when this returns, it was taken.

        TemporaryError says what kept it from that; it may have been taken all the same.
        """
        wait = aiohttp.ClientTimeout(total=self.patience)
        headers = {"Content-Type": "application/json"}
        try:
            async with (
                aiohttp.ClientSession(timeout=wait) as session,
                session.post(
                    self.url,
                    data=msgspec.json.encode(message),
                    headers=headers,
                    ssl=self.tls,
                    allow_redirects=False,
                ) as answer,
            ):
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise self._failed(str(error) or type(error).__name__) from error
        if status not in _TAKEN:
            raise self._failed(f"it answered {status}")

    def _failed(self, why: str) -> TemporaryError:
        said = why.replace(self.url, self.where)
        return TemporaryError(
            f"the webhook {self.where} was not told: {said}",
            advice="See [notices] in the settings; it is told again by itself.",
        )


_LIKE_THIS = "Write it like https://records.agency.example/evidock"


def _place(netloc: str) -> str:
    return netloc.rpartition("@")[2]


def _context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise SetupError(f"[notices] ca_file {ca_file} cannot be used: {error}") from error
