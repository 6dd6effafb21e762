"""The archive's own comparison of a rendition with its original, both read back from the vault.

The station says what a rendition is; here it is found out.  Nobody is shown "verified" before that,
and nothing is called verified that was encoded anew.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from archive.catalogue import judged
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.jobs import Conclusion, JobKind
from archive.catalogue.judged import Finding, Subject
from archive.derive.fetch import Recorded, fetch, scratch
from evidence.errors import DigestMismatch
from evidence.vault import Bucket, Vault
from ingest.classify import HEAD, Kind, classify
from ingest.rendition.compare import Pair, compare
from ingest.rendition.comparison import Comparison, Difference, Told
from ingest.rendition.tools import Tools

_ORIGINAL = "original"
_DESCRIPTION = "rendition.json"
_NOT_COMPARED = frozenset({"thumbnail.jpg", "tiles.jpg", "tiles.json"})
"""Still pictures are made anew; that they are what the record names is seen all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionCheck:
    """Does the jobs that compare renditions.  *folder* has room for an original."""

    catalogue: Catalogue
    vault: Vault
    tools: Tools
    folder: Path

    @property
    def kind(self) -> JobKind:
        return JobKind.CHECK_RENDITION

    async def do(self, clip: str) -> Conclusion:
        """Compare; DigestMismatch if the vault gives another original than was archived."""
        subject = await self.catalogue.run(judged.subject, clip)
        if subject is None:
            return _nothing
        with scratch(self.folder) as room:
            found = await self._compared(subject, room)
        return partial(judged.judge, subject=subject, finding=_finding(found))

    async def _compared(self, subject: Subject, room: Path) -> Comparison:
        rotten = await asyncio.to_thread(self._fetch_rendition, subject, room)
        if rotten:
            return Comparison(differs=rotten)
        await asyncio.to_thread(fetch, self.vault, _original(subject), room / _ORIGINAL)
        told = Told.parse((room / _DESCRIPTION).read_bytes())
        if told is None or told.kind != subject.kind:
            said = "unreadable" if told is None else told.kind
            differs = [Difference(what="kind", original=subject.kind, rendition=said)]
            return Comparison(differs=differs)
        (tools := room / "tools").mkdir()
        pair = Pair(original=room / _ORIGINAL, kind=_kind(subject, room), rendition=room, told=told)
        found = await compare(pair, tools, self.tools)
        computed = found.digests.get("picture")
        if computed is not None and subject.picture_digest not in {None, computed.hex}:
            found.equal("picture_announced", computed.hex, subject.picture_digest)
        found.signed_as("camera_signatures_announced", subject.camera_signatures)
        return found

    def _fetch_rendition(self, subject: Subject, room: Path) -> list[Difference]:
        """Bring its files into *room*; those that are not what the ``derive`` entry names."""
        rotten = []
        for each in subject.objects:
            recorded = Recorded(
                bucket=Bucket.DERIVED,
                key=each.key,
                version_id=each.version_id,
                size=each.size,
                sha256=each.sha256,
            )
            try:
                fetch(self.vault, recorded, room / each.name)
            except DigestMismatch as error:
                rotten.append(
                    Difference(what=each.name, original=each.sha256.hex, rendition=str(error))
                )
            if each.name in _NOT_COMPARED:
                (room / each.name).unlink()
        return rotten


def _nothing(_tx: Transaction) -> None:
    """There is no rendition (any more): nothing to keep."""


def _original(subject: Subject) -> Recorded:
    return Recorded(
        bucket=Bucket.ORIGINALS,
        key=subject.key,
        version_id=subject.version_id,
        size=subject.size,
        sha256=subject.sha256,
    )


def _kind(subject: Subject, room: Path) -> Kind:
    with (room / _ORIGINAL).open("rb") as stream:
        return classify(stream.read(HEAD), subject.name, subject.size)


def _finding(found: Comparison) -> Finding:
    return Finding(
        same=found.same,
        anew=found.anew,
        differs=[asdict(each) for each in found.differs],
        digests={name: {"sha256": digest.hex} for name, digest in found.digests.items()},
        frames=found.frames,
    )
