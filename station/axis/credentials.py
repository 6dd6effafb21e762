"""Who may push: one user name and key, made once, and the tokens that stand for them.

One rule: both are random and compared in constant time, and neither ever stands in a log.
"""

from __future__ import annotations

import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from evidence import durable
from evidence.clock import Clock
from evidence.errors import SetupError
from evidence.secret import read_secret

FILE = "axis-credentials.json"

TOKEN_LIFE = 15 * 60
"""Seconds; as long as in Axis's example server (server/server.go, createToken)."""


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What the connection file tells the controller: ``BlobAPIUserName`` and ``BlobAPIKey``."""

    user: str
    key: str

    def are(self, user: str, key: str) -> bool:
        """Whether these are they."""
        alike = hmac.compare_digest(self.user.encode(), user.encode("utf-8", "surrogateescape"))
        return hmac.compare_digest(self.key.encode(), key.encode("utf-8", "surrogateescape")) and (
            alike
        )


def credentials_in(folder: Path) -> Credentials:
    """The credentials kept in *folder*, made if there are none.  Blocks.

    SetupError if others may read them.
    """
    file = folder / FILE
    durable.make_folder(folder)
    if not file.exists():
        made = Credentials(user="evidock", key=secrets.token_urlsafe(32))
        with suppress(FileExistsError):  # another process of ours was faster: use its
            durable.create(file, msgspec.json.encode(made), mode=durable.PRIVATE)
    text = read_secret(file, "the credentials of the Axis door", encoding="utf-8")
    try:
        return msgspec.json.decode(text, type=Credentials)
    except msgspec.DecodeError:  # its text is not told: it holds the key
        raise SetupError(
            f"{file} does not hold credentials",
            advice="Remove it; then make a new connection file and load it into every controller.",
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens of this process; after a restart a controller asks for a new one (401)."""

    clock: Clock
    life: float = TOKEN_LIFE
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def new(self) -> str:
        """A token that is good from now on."""
        until = f"{self.clock.monotonic() + self.life:.3f}"
        return f"{until}.{self._seal(until)}"

    def is_good(self, token: str) -> bool:
        """Whether *token* is one of ours and has not run out."""
        until, _, seal = token.rpartition(".")
        given = seal.encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(self._seal(until).encode(), given):
            return False
        return self.clock.monotonic() < float(until)

    def _seal(self, until: str) -> str:
        text = until.encode("utf-8", "surrogateescape")
        return hmac.new(self._secret, text, "sha256").hexdigest()
