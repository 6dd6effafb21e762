"""Steps 6 to 8 of a clip that was disposed of: nothing of it is there any more.

One rule: what a tombstone names must not be there, and what no tombstone names must.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from archive.catalogue.moves import Which
from archive.fixity import Component, Finding, Step
from archive.fixity.objects import Objects, Unread
from evidence.manifest import Manifest
from evidence.tombstone import Place
from evidence.vault import Bucket

_STEPS = {
    Bucket.ORIGINALS: (Step.ORIGINALS, Component.ORIGINAL),
    Bucket.RECORDS: (Step.MANIFESTS, Component.MANIFEST),
    Bucket.DERIVED: (Step.DERIVED, Component.DERIVED_OBJECT),
}


def destroyed(objects: Objects, clip: str, tombstone: Mapping[str, object]) -> list[Finding]:
    """What is still in the first vault of *clip*, though its *tombstone* says that it is gone.

    Objects in a vault that this archive does not have any more are not looked for.
    """
    named = msgspec.convert(tombstone.get("objects", []), list[Place])
    buckets = {objects.vault.bucket_name(each): each for each in Bucket}
    found: list[Finding] = []
    for place in named:
        bucket = buckets.get(place.bucket)
        if place.vault == Which.FIRST.value and bucket is not None:
            found += _there(objects, bucket, place)
    manifest = Manifest.key_of(objects.agency, clip)
    for bucket, prefix in ((Bucket.RECORDS, manifest), (Bucket.DERIVED, _folder(objects, clip))):
        held = objects.keys(bucket, prefix)
        keys = [prefix] if isinstance(held, Unread) else sorted(held)
        problem = held.problem if isinstance(held, Unread) else _STILL
        found += [_finding(bucket, key, problem) for key in keys]
    return list(dict.fromkeys(found))


_STILL = "is there, and the clip was disposed of"


def _folder(objects: Objects, clip: str) -> str:
    return f"{objects.agency}/{clip}/"


def _there(objects: Objects, bucket: Bucket, place: Place) -> list[Finding]:
    held = objects.version(bucket, place.key, place.version)
    if held is None:
        return []
    problem = held.problem if isinstance(held, Unread) else _STILL
    return [_finding(bucket, f"{place.key} version {place.version}", problem)]


def _finding(bucket: Bucket, subject: str, problem: str) -> Finding:
    step, component = _STEPS[bucket]
    return Finding(
        step=step, component=component, subject=f"{bucket.value}/{subject}", problem=problem
    )
