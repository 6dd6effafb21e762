"""What one entry commits to and no clip's manifest opens: incidents, views, people, stations.

One rule: an opening is believed only if it opens what the entry commits to; a column beside it is
never more than a claim.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from evidence.canonical import canonical
from evidence.commitment import Opening
from evidence.errors import DigestMismatch

FORMAT = "evidock-openings/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """What one entry commits to, and what its row says beside."""

    entry: int
    """Its log index."""
    openings: Mapping[str, Opening] = field(default_factory=dict)
    columns: Mapping[str, str | int | None] = field(default_factory=dict)
    """Columns of the row that the entry does not commit to: never more than a claim."""

    def to_bytes(self) -> bytes:
        """As it is stored: canonical JSON."""
        return canonical(
            {
                "format": FORMAT,
                "entry": self.entry,
                "openings": {name: held.to_wire() for name, held in self.openings.items()},
                "columns": dict(self.columns),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Openings:
        """What :meth:`to_bytes` wrote; DigestMismatch for anything else."""
        try:
            parsed = json.loads(data)
            if parsed["format"] != FORMAT:
                raise DigestMismatch(f"openings of unknown format {parsed['format']!r}")
            return cls(
                entry=int(parsed["entry"]),
                openings={k: Opening.from_wire(v) for k, v in parsed["openings"].items()},
                columns={
                    str(name): value
                    for name, value in parsed["columns"].items()
                    if value is None or isinstance(value, str | int)
                },
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DigestMismatch(f"openings cannot be read: {error}") from error
