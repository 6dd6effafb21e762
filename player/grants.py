"""What a reader may watch right now: the archive's signed requests, kept in memory.

One rule: a signed request never leaves this process.  The browser gets a random name for it that
works only together with the session it was granted to, and only until it expires.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from evidence.clip import new_id
from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.wire import WireRequest

#: Grants kept at most; the oldest go first.  One is some kilobytes.
MOST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Leave to read some derived objects for a short while."""

    id: str
    session: Sha256
    """Digest of the session's token: the token itself is kept by the browser alone."""
    objects: Mapping[str, WireRequest]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """There was such a grant and its time is over."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such grant for this session: never given, forgotten, or somebody else's."""


Found = Grant | Expired | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """All grants of this process."""

    clock: Clock
    _held: dict[str, Grant] = field(default_factory=dict)

    def give(self, *, token: str, objects: Mapping[str, WireRequest], expires: datetime) -> Grant:
        """Keep *objects* for the session behind *token*; the grant names them to the browser."""
        grant = Grant(id=new_id("g"), session=_digest(token), objects=objects, expires=expires)
        while len(self._held) >= MOST:
            del self._held[next(iter(self._held))]
        self._held[grant.id] = grant
        return grant

    def find(self, grant_id: str, *, token: str | None) -> Found:
        """The grant called *grant_id*, if it was given to the session behind *token*."""
        grant = self._held.get(grant_id)
        if grant is None or token is None or grant.session != _digest(token):
            return Unknown()
        return grant if self.clock.now() < grant.expires else Expired(grant)

    def forget(self, *, token: str) -> None:
        """Take back everything that was granted to the session behind *token*."""
        session = _digest(token)
        for grant_id in [name for name, grant in self._held.items() if grant.session == session]:
            del self._held[grant_id]


def _digest(token: str) -> Sha256:
    return Sha256.of(token.encode())
