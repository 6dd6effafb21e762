"""The job that looks for quality hints in one rendition."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from archive.catalogue import hints
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.hints import Looked, Subject
from archive.catalogue.jobs import Conclusion, JobKind
from archive.derive import quality, sampled
from archive.derive.fetch import Recorded, fetch, scratch
from evidence.vault import Bucket, Vault
from ingest.rendition.ffmpeg import Source
from ingest.rendition.probe import probe
from ingest.rendition.tools import Tools

_DEMUXER = "mov"
"""Of every rendition that moves: they are our own MP4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLook:
    """Does the jobs that look for hints.  *folder* has room for a rendition."""

    catalogue: Catalogue
    vault: Vault
    tools: Tools
    folder: Path

    @property
    def kind(self) -> JobKind:
        return JobKind.LOOK_FOR_HINTS

    async def do(self, clip: str) -> Conclusion:
        """Look; DigestMismatch if the vault gives another rendition than is on record."""
        subject = await self.catalogue.run(hints.subject, clip)
        if subject is None:
            return _nothing
        with scratch(self.folder) as room:
            found = await self._look(subject, room)
        return partial(hints.keep, subject=subject, looked=found)

    async def _look(self, subject: Subject, room: Path) -> Looked:
        for part in (subject.media, subject.table):
            if part is not None:
                wanted = Recorded(
                    bucket=Bucket.DERIVED,
                    key=part.key,
                    version_id=part.version_id,
                    size=part.size,
                    sha256=part.sha256,
                )
                await asyncio.to_thread(fetch, self.vault, wanted, room / part.name)
        (work := room / "tools").mkdir()
        media = Source(path=room / subject.media.name, demuxer=_DEMUXER)
        probed = await probe(self.tools, media, work)
        seen = heard = None
        if probed.video is not None and subject.table is not None:
            table = room / subject.table.name
            seen = await sampled.pictures(self.tools, media, probed.video, table, work)
        if probed.audio is not None:
            heard = await sampled.sound(self.tools, media, probed.audio, work, subject.duration_ms)
        found = await asyncio.to_thread(quality.hints, seen, heard, subject.duration_ms)
        return Looked(
            hints=tuple(found),
            rules=quality.VERSION,
            frames=0 if seen is None else len(seen.at_ms),
            seconds=0 if heard is None else len(heard.peaks),
        )


def _nothing(_tx: Transaction) -> None:
    """There is nothing that moves: no hints."""
