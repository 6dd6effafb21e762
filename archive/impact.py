"""The impact list: which clips would be kept for less, from when to when, by the law in force.

One rule: people agree to a list, and not to a rule.  It lies in the vault under its own digest,
which the proposal names, so nothing that is not in it can follow from their word.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from evidence.canonical import canonical
from evidence.digest import Sha256
from evidence.errors import DigestMismatch


class Shorter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clip that would be kept for less."""

    clip: str
    now: str
    """Until when it is kept by the record."""
    now_rule: str
    then: str
    """Until when it would be."""
    then_rule: str


class Impact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them, in the order in which they came in."""

    format: Literal["evidock-impact/v1"] = "evidock-impact/v1"
    law: int
    """Log index of the ``law.publish`` entry by which it was worked out."""
    clips: list[Shorter]

    def to_bytes(self) -> bytes:
        """The list as it is stored: canonical JSON."""
        return canonical(msgspec.to_builtins(self))

    @classmethod
    def from_bytes(cls, data: bytes, sha256: str) -> Impact:
        """The list in *data*; DigestMismatch unless it has that digest and is one."""
        if Sha256.of(data).hex != sha256:
            raise DigestMismatch(f"an impact list has SHA-256 {Sha256.of(data)}, not {sha256}")
        try:
            return msgspec.json.decode(data, type=cls)
        except msgspec.MsgspecError as error:
            raise DigestMismatch(f"the impact list {sha256} cannot be read: {error}") from error


def impact_key(agency: str, sha256: str) -> str:
    """Where an impact list lies in ``records``."""
    return f"{agency}/impact/{sha256}.json"
