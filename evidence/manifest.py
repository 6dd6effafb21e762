"""The sidecar manifest: what is known of a clip and may one day be forgotten.

It lies beside the original in the vault's ``records`` bucket, under the same lock, and opens the
commitments that the log's entries about the clip hold.  Its digest is in the ``archive.verified``
entry, so it can be lost or disposed of but not altered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evidence.canonical import canonical
from evidence.commitment import Opening
from evidence.digest import Sha256
from evidence.errors import DigestMismatch

FORMAT = "evidock-manifest/v1"

OpeningName = Literal[
    "path",
    "camera",
    "officer",
    "started",
    "imported_by",
    "import_reason",
    "import_source",
    "import_sha256",
]
"""What is committed to about a clip.  Entries name it, so no other word may come from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One clip's facts in the clear, with the salts that open their commitments."""

    clip: str
    sha256: Sha256
    size: int
    openings: Mapping[str, Opening]
    """field name -> opening; ``path``, ``camera`` always, ``officer``, ``started`` when known.

    Of imported clips also ``imported_by``, ``import_reason``, and when told ``import_source`` and
    ``import_sha256``, the digest that its giver named.
    """

    def to_bytes(self) -> bytes:
        """The manifest as it is stored: canonical JSON."""
        return canonical(
            {
                "format": FORMAT,
                "clip": self.clip,
                "sha256": self.sha256.hex,
                "size": self.size,
                "openings": {name: held.to_wire() for name, held in self.openings.items()},
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """The manifest that :meth:`to_bytes` wrote; DigestMismatch for anything else."""
        try:
            parsed = json.loads(data)
            if parsed["format"] != FORMAT:
                raise DigestMismatch(f"a manifest of unknown format {parsed['format']!r}")
            return cls(
                clip=parsed["clip"],
                sha256=Sha256.from_hex(parsed["sha256"]),
                size=parsed["size"],
                openings={k: Opening.from_wire(v) for k, v in parsed["openings"].items()},
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DigestMismatch(f"the manifest cannot be read: {error}") from error

    def key(self, agency: str) -> str:
        """Where the manifest lies in ``records``."""
        return self.key_of(agency, self.clip)

    @staticmethod
    def key_of(agency: str, clip: str) -> str:
        """Where the manifest of *clip* lies in ``records``."""
        return f"{agency}/manifests/{clip}.json"
