"""Salted commitments: how the log binds a name without telling it.

A log entry is for ever; a name must be forgettable.  So entries hold SHA-256(salt ‖ value) and the
value with its salt (the *opening*) lies in the clip's sidecar manifest, kept and disposed with the
clip.  Who holds the opening can check the entry; who does not learns nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from evidence.digest import Sha256
from evidence.errors import DigestMismatch

SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A value and the salt it was committed with.

    The value is bytes, since names from cameras are bytes; text is committed as UTF-8.
    """

    value: bytes
    salt: bytes

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(self.salt)}")

    @classmethod
    def fresh(cls, value: bytes | str) -> Opening:
        """*value* with a new random salt."""
        raw = value.encode("utf-8") if isinstance(value, str) else value
        return cls(value=raw, salt=secrets.token_bytes(SALT_BYTES))

    @property
    def commitment(self) -> Sha256:
        """SHA-256(salt ‖ value): what an entry may hold."""
        return Sha256.of(self.salt + self.value)

    def to_wire(self) -> dict[str, str]:
        """The opening as JSON: hexadecimal, since values need not be text."""
        return {"salt": self.salt.hex(), "value_hex": self.value.hex()}

    @classmethod
    def from_wire(cls, data: dict[str, str]) -> Opening:
        """The opening that :meth:`to_wire` wrote; ValueError or KeyError for anything else."""
        return cls(value=bytes.fromhex(data["value_hex"]), salt=bytes.fromhex(data["salt"]))


def check_opening(name: str, opening: Opening, committed: Sha256) -> None:
    """Return if *opening* opens *committed*; else raise DigestMismatch naming *name*."""
    if opening.commitment != committed:
        raise DigestMismatch(f"the opening of {name!r} does not match its commitment {committed}")
