"""Renditions: where a station puts what it derived, and what the archive takes in of it.

Derived objects are never evidence and never locked.  Still nothing is taken in unseen: each object
must be in the vault with the size and digest that were announced, and the media is read whole:
every byte of it must be in a segment with the digest that the segment manifest says.  The Merkle
root over the segments goes into the ``derive`` entry.  Whether it shows what the original holds is
found out afterwards, in the background (``archive/derive``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from archive.catalogue import renditions
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.renditions import NONE, Brought, Derived
from evidence.camera_signature import CameraSignature
from evidence.canonical import canonical
from evidence.clock import unstamp
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, OutOfTurn
from evidence.segments import LARGEST, SegmentList
from evidence.segments import NAME as SEGMENTS
from evidence.vault import SINGLE_PUT_MAX, Bucket, StoredVersion, Vault
from evidence.wire import (
    DerivedObject,
    RenditionAnswer,
    RenditionOffer,
    RenditionShown,
    WireRequest,
)

#: Seconds within which a signed PUT must begin.
PUT_LIFE = 900
DESCRIPTION = "rendition.json"
"""The object that describes the others."""
MEDIA = "media.mp4"
PLAYED = frozenset({MEDIA, "index.m3u8", SEGMENTS})
"""What comes together or not at all: without its segments no media can be verified."""
NAMES = frozenset(
    {
        *PLAYED,
        "frames.json",
        "thumbnail.jpg",
        "tiles.jpg",
        "tiles.json",
        "picture.jpg",
        DESCRIPTION,
    }
)
"""What a rendition may consist of."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[a-z]+/[a-zA-Z0-9.+-]{1,80}(; ?charset=utf-8)?")
_CODE = re.compile(r"[a-z0-9][a-z0-9.+_-]{0,60}")
_LONGEST = 16_384


def well_formed(told: RenditionOffer) -> None:
    """ValueError naming what no rendition offer may hold."""
    names = [each.name for each in told.objects]
    wrong = {
        "kind": _CODE.fullmatch(told.kind) is None,
        "segments": not 0 <= told.segments < 2**31,
        "problem": (told.kind == NONE and not told.problem) or len(told.problem or "") > _LONGEST,
        "original_codec": len(told.original_codec or "") > _LONGEST,
        "objects": len(set(names)) != len(names) or not NAMES.issuperset(names),
        "picture_digest": _DIGEST.fullmatch(told.picture_digest or "0" * 64) is None,
        "camera_signatures": not _are_signatures(told.camera_signatures or []),
        DESCRIPTION: (told.kind == NONE) == (DESCRIPTION in names),
        SEGMENTS: len(PLAYED.intersection(names)) not in {0, len(PLAYED)},
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise ValueError(f"$.{name}: not a value a rendition may have")
    for number in (told.duration_ms, told.width, told.height, told.frames):
        if number is not None and not 0 <= number < 2**53:
            raise ValueError("$: a number of the rendition is out of range")
    if told.claimed_start is not None:
        unstamp(told.claimed_start)
    for each in told.objects:
        _well_formed_object(each)


class Renditions:
    """The way in for what stations derive."""

    def __init__(
        self, catalogue: Catalogue, vault: Vault, agency: str, link_buffer: timedelta
    ) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._agency = agency
        self._buffer = link_buffer

    async def offer(self, station: str, clip: str, told: RenditionOffer) -> RenditionAnswer:
        """The PUTs of *told* that are still to be made."""
        if await self._catalogue.run(renditions.decided, station, clip) is not None:
            return RenditionAnswer(uploads={})
        keys = self._keys(clip, told)
        uploads = {
            each.name: await asyncio.to_thread(self._sign, keys[each.name], each)
            for each in told.objects
            if await asyncio.to_thread(self._stored, keys[each.name], each) is None
        }
        return RenditionAnswer(uploads=uploads)

    async def complete(self, station: str, clip: str, told: RenditionOffer) -> RenditionShown:
        """Take *told* in once all its objects are seen in the vault; safe to repeat."""
        standing = await self._catalogue.run(renditions.decided, station, clip)
        if standing is not None:
            return standing
        keys = self._keys(clip, told)
        objects = [
            await asyncio.to_thread(self._see, keys[each.name], each) for each in told.objects
        ]
        segments = await asyncio.to_thread(self._segments, {each.name: each for each in objects})
        if len(segments.segments if segments else ()) != told.segments + bool(segments):
            raise DigestMismatch(f"the rendition of {clip} has not {told.segments} segments")
        if objects:
            await asyncio.to_thread(self._vault.barrier)
        brought = Brought(
            station=station,
            clip=clip,
            told=told,
            objects=tuple(objects),
            segment_root=None if segments is None else segments.root,
        )
        return await self._catalogue.run(renditions.keep, brought, self._buffer)

    def _keys(self, clip: str, told: RenditionOffer) -> dict[str, str]:
        return keys(self._agency, clip, {each.name: each.sha256 for each in told.objects})

    def _sign(self, key: str, each: DerivedObject) -> WireRequest:
        signed = self._vault.sign_put(
            Bucket.DERIVED,
            key,
            size=each.size,
            sha256=Sha256.from_hex(each.sha256),
            lock=None,
            create_only=False,
            content_type=each.content_type,
            seconds=PUT_LIFE,
        )
        return WireRequest.of(signed)

    def _stored(self, key: str, each: DerivedObject) -> StoredVersion | None:
        """The newest version under *key* if it is what *each* says."""
        found = self._vault.find(Bucket.DERIVED, key)
        if found is None or found.size != each.size:
            return None
        held = found.sha256 or self._read(found)
        return found if held.hex == each.sha256 else None

    def _see(self, key: str, each: DerivedObject) -> Derived:
        found = self._stored(key, each)
        if found is not None:
            return Derived(name=each.name, sha256=each.sha256, version=found)
        if self._vault.find(Bucket.DERIVED, key) is None:
            raise OutOfTurn(
                f"{each.name} of the rendition is not in the vault",
                advice="Offer the rendition again and send what it asks for.",
            )
        raise DigestMismatch(f"derived/{key} is not the {each.size} bytes {each.sha256}")

    def _segments(self, objects: Mapping[str, Derived]) -> SegmentList | None:
        """The segments of the media, each read back and seen to be what the manifest says.

        None without media; DigestMismatch if manifest and media do not fit.
        """
        media = objects.get(MEDIA)
        if media is None:
            return None
        manifest = objects[SEGMENTS].version
        if manifest.size > LARGEST:
            raise DigestMismatch(
                f"{SEGMENTS} has {manifest.size} bytes; at most {LARGEST} are read"
            )
        found = SegmentList.parse(b"".join(self._blocks(manifest)))
        if found.media != MEDIA:
            raise DigestMismatch(f"{SEGMENTS} is about {found.media!r}, not about {MEDIA}")
        found.check(self._blocks(media.version))
        return found

    def _blocks(self, version: StoredVersion) -> Iterator[bytes]:
        return self._vault.read(version.bucket, version.key, version.version_id)

    def _read(self, found: StoredVersion) -> Sha256:
        """The digest of a version whose store keeps no checksum."""
        return Sha256.of_blocks(self._blocks(found))


def keys(agency: str, clip: str, objects: Mapping[str, str]) -> dict[str, str]:
    """Where the *objects* (name -> digest) of a rendition lie: a folder that is theirs alone.

    It is named by all their digests, so no PUT signed for another offer reaches into it.
    """
    folder = f"{agency}/{clip}/{Sha256.of(canonical(objects))}"
    return {name: f"{folder}/{name}" for name in objects}


def _are_signatures(told: Sequence[str]) -> bool:
    known = {each.value for each in CameraSignature}
    return known.issuperset(told) and len(set(told)) == len(told)


def _well_formed_object(each: DerivedObject) -> None:
    if _DIGEST.fullmatch(each.sha256) is None or _TYPE.fullmatch(each.content_type) is None:
        raise ValueError(f"$.objects: digest or content type of {each.name} has not the right form")
    if not 0 <= each.size <= SINGLE_PUT_MAX:
        raise ValueError(f"$.objects: {each.name} is larger than one PUT can carry")
