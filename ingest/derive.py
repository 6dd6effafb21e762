"""Derive: make a clip's rendition from the staged copy and hand it over to the archive.

One rule: a rendition never holds up its original.  That none can be made is an answer like any
other, told to the archive with its reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evidence.clock import stamp
from evidence.errors import RenditionFailed
from evidence.wire import DerivedObject, RenditionAnswer, RenditionOffer, RenditionShown
from ingest.archive_client import ArchiveClient
from ingest.classify import Kind
from ingest.rendition import tray
from ingest.rendition.make import make
from ingest.rendition.rendition import Rendition
from ingest.rendition.tools import Tools
from ingest.stretch import Stretch
from ingest.vault_put import put

NONE = "none"
"""The kind that says: there is no rendition of this clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A rendition that lies in scratch, or the reason why there is none."""

    offer: RenditionOffer
    folder: Path

    async def send(self, archive: ArchiveClient, clip: str) -> RenditionShown:
        """Hand it over under the archive's id *clip*; safe to repeat.

        Raises TemporaryError to try again later, IntegrityError when a person must look.
        """
        path = f"/v1/clips/{clip}/rendition"
        answer = await archive.post(path, self.offer, RenditionAnswer)
        sizes = {each.name: each.size for each in self.offer.objects}
        for name, request in answer.uploads.items():
            whole = Stretch(path=self.folder / name, size=sizes[name])
            await put(archive.session, request, whole)
        return await archive.post(f"{path}/complete", self.offer, RenditionShown)

    async def clear(self) -> None:
        """Give the scratch room back."""
        await asyncio.to_thread(tray.remove, self.folder)


async def derive(
    staged: Path,
    kind: Kind,
    folder: Path,
    *,
    tools: Tools,
    progress: Callable[[float], None] | None = None,
) -> Made:
    """Make the rendition of the *staged* copy in the scratch *folder*.

    Raises DiskFull or another TemporaryError if it could not even be tried.
    """
    try:
        made = await make(staged, folder, kind, tools=tools, progress=progress)
    except RenditionFailed as error:
        return Made(offer=RenditionOffer(kind=NONE, problem=str(error)), folder=folder)
    return Made(offer=_offer(made), folder=folder)


def _offer(made: Rendition) -> RenditionOffer:
    return RenditionOffer(
        kind=made.kind.value,
        segments=made.segments,
        duration_ms=made.duration_ms,
        width=made.width,
        height=made.height,
        frames=made.frames,
        original_codec=made.original_codec,
        picture_digest=None if made.picture_digest is None else made.picture_digest.hex,
        camera_signatures=(
            None if made.signatures is None else [each.value for each in made.signatures]
        ),
        claimed_start=None if made.claimed_start is None else stamp(made.claimed_start),
        objects=[
            DerivedObject(
                name=each.name,
                size=each.size,
                sha256=each.sha256.hex,
                content_type=each.content_type,
            )
            for each in made.files
        ],
    )
