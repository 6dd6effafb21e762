"""What a player says it refused, held against the record before it goes into the log for ever.

A refusal counts for something: the clip's page shows it, and the stored rendition is compared anew.
So it must be about bytes that the record knows, with the digest that the record has for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from archive.catalogue import refusals
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.judged import Part
from archive.derived import MEDIA
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, NotKnown
from evidence.segments import LARGEST, SegmentList
from evidence.segments import NAME as SEGMENTS
from evidence.vault import Bucket, Vault
from evidence.wire import PlaybackRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Takes them in."""

    catalogue: Catalogue
    vault: Vault

    async def take(self, person: str, clip: str, told: PlaybackRefusal) -> int | None:
        """Record what *person*'s player refused of *clip*; the log index.

        None if the person told too many of them within the hour.  NotKnown if the record has not
        that digest for these bytes, VaultUnreachable if the list of segments cannot be asked for.
        """
        parts = await self.catalogue.run(refusals.recorded, clip)
        if told.object not in parts:
            raise NotKnown(f"clip {clip} has no rendition with an object {told.object}")
        known = await asyncio.to_thread(self._known, parts, told)
        if known is not None and told.expected != known:
            last = told.offset + told.length - 1
            raise NotKnown(
                f"the record of clip {clip} has not the SHA-256 {told.expected}"
                f" for bytes {told.offset} to {last} of {told.object}",
                advice="Open the clip again; report it if the player says so again.",
            )
        return await self.catalogue.run(refusals.refuse, person, clip, told)

    def _known(self, parts: Mapping[str, Part], told: PlaybackRefusal) -> str | None:
        """The digest on record for these bytes, empty if they are no range of it.

        None if it cannot be told, since the list of segments has rotted itself: a true refusal
        must not be lost to that.
        """
        if told.object != MEDIA:
            return parts[told.object].sha256.hex if told.offset == 0 else ""
        try:
            listed = self._segments(parts[SEGMENTS]).segments
        except DigestMismatch:
            return None
        ranges = {(each.offset, each.length): each.sha256.hex for each in listed}
        return ranges.get((told.offset, told.length), "")

    def _segments(self, part: Part) -> SegmentList:
        size = min(part.size, LARGEST)
        data = b""
        for block in self.vault.read(Bucket.DERIVED, part.key, part.version_id):
            data += block
            if len(data) > size:
                break
        if Sha256.of(data) != part.sha256:
            raise DigestMismatch(f"derived/{part.key} is not what the log names")
        return SegmentList.parse(data)
