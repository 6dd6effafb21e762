"""Openings of what no clip's manifest opens, kept in the vault: incidents, views, people.

One rule: an object here is never locked, since it holds names; whoever removes it forgets them, and
the log stays whole.  ``evidock rebuild`` takes from here what entries only commit to.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.catalogue import opened
from archive.catalogue.catalogue import Catalogue
from evidence.canonical import canonical
from evidence.commitment import Opening
from evidence.errors import DigestMismatch
from evidence.vault import Bucket, Vault

FORMAT = "evidock-openings/v1"
AT_ONCE = 200


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
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DigestMismatch(f"openings cannot be read: {error}") from error


def key_of(agency: str, entry: int) -> str:
    """Where the openings of *entry* lie in ``records``."""
    return f"{agency}/openings/{entry}.json"


class OpeningsKeeper:
    """Copies openings from the catalogue into the vault, in the order of the log."""

    def __init__(self, catalogue: Catalogue, vault: Vault, agency: str) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._agency = agency

    async def run(self, size: int) -> int:
        """Copy what the first *size* entries commit to and is not copied yet; how many it were.

        Killed on the way, it begins again where it was; an object may then have two versions that
        are equal.
        """
        kept = 0
        while True:
            after = await self._catalogue.run(opened.through)
            part = await self._catalogue.run(opened.since, after, size, AT_ONCE)
            if part.through <= after:
                return kept
            for each in part.found:
                await asyncio.to_thread(self._put, each)
            await self._catalogue.run(opened.reached, part.through)
            kept += len(part.found)

    def _put(self, told: opened.Told) -> None:
        held = Openings(entry=told.entry, openings=told.openings, columns=told.columns)
        self._vault.put(
            Bucket.RECORDS,
            key_of(self._agency, told.entry),
            held.to_bytes(),
            content_type="application/json",
        )
