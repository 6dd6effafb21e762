"""What every message of the archive's HTTP API is."""

from __future__ import annotations

import msgspec

from evidence.clock import stamp
from evidence.vault import SignedRequest


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every message; immutable, named fields only."""


class Problem(Message, frozen=True, kw_only=True):
    """An error answer (RFC 9457 ``application/problem+json``)."""

    title: str
    status: int
    detail: str
    advice: str = ""


class WireRequest(Message, frozen=True, kw_only=True):
    """A request the receiver may make exactly as written, without a credential."""

    method: str
    url: str
    headers: dict[str, str]
    expires: str

    @classmethod
    def of(cls, signed: SignedRequest) -> WireRequest:
        return cls(
            method=signed.method,
            url=signed.url,
            headers=dict(signed.headers),
            expires=stamp(signed.expires),
        )
