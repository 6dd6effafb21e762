"""Steps 6 to 8 and 14 of a clip that was disposed of: nothing of it is there any more.

One rule: what a tombstone names must not be there, and what no tombstone names must.
"""

from __future__ import annotations

import msgspec

from archive.catalogue.moves import Which
from archive.fixity import Component, Finding, Step
from archive.fixity.objects import Objects, Unread
from archive.fixity.told import Told
from archive.openings import PREFIX, key_of
from archive.originals import original_key
from evidence.digest import Sha256
from evidence.errors import VaultUnreachable
from evidence.manifest import Manifest
from evidence.tombstone import Place
from evidence.vault import Bucket

_STEPS = {
    Bucket.ORIGINALS: (Step.ORIGINALS, Component.ORIGINAL),
    Bucket.RECORDS: (Step.MANIFESTS, Component.MANIFEST),
    Bucket.DERIVED: (Step.DERIVED, Component.DERIVED_OBJECT),
}
_OPENINGS = (Step.OPENINGS, Component.OPENINGS)


def destroyed(objects: Objects, clip: Told, which: Which = Which.FIRST) -> list[Finding]:
    """What is still in *which* vault of *clip*, though its tombstone says that it is gone.

    Objects in a vault that this archive does not have any more are not looked for.
    """
    named = msgspec.convert((clip.tombstone or {}).get("objects", []), list[Place])
    buckets = {objects.vault.bucket_name(each): each for each in Bucket}
    found: list[Finding] = []
    for place in named:
        bucket = buckets.get(place.bucket)
        if place.vault == which.value and bucket is not None:
            found += _there(objects, bucket, place, which)
    found += _left(objects, Bucket.DERIVED, f"{objects.agency}/{clip.id}/", which)
    opened = (key_of(objects.agency, entry) for entry in clip.openings)
    for key in (Manifest.key_of(objects.agency, clip.id), *opened):
        found += _left(objects, Bucket.RECORDS, key, which)
    return list(dict.fromkeys(found))


def copies_left(objects: Objects, sha256: str) -> list[Finding]:
    """What lies in the second vault at the key of an original that no clip has any more."""
    key = original_key(objects.agency, Sha256.from_hex(sha256))
    return _left(objects, Bucket.ORIGINALS, key, Which.SECOND)


def unanswered(error: VaultUnreachable) -> Finding:
    """That the second vault was not looked at."""
    problem = f"does not answer; whether what was destroyed is gone was not seen: {error}"
    return Finding(
        step=Step.ORIGINALS, component=Component.ORIGINAL, subject=_SECOND, problem=problem
    )


_STILL = "is there, and the clip was disposed of"
_SECOND = "the second vault"


def _left(objects: Objects, bucket: Bucket, prefix: str, which: Which) -> list[Finding]:
    held = objects.keys(bucket, prefix)
    keys = [prefix] if isinstance(held, Unread) else sorted(held)
    problem = held.problem if isinstance(held, Unread) else _STILL
    return [_finding(objects, bucket, key, problem, which) for key in keys]


def _there(objects: Objects, bucket: Bucket, place: Place, which: Which) -> list[Finding]:
    held = objects.version(bucket, place.key, place.version)
    if held is None:
        return []
    problem = held.problem if isinstance(held, Unread) else _STILL
    return [_finding(objects, bucket, f"{place.key} version {place.version}", problem, which)]


def _finding(objects: Objects, bucket: Bucket, subject: str, problem: str, which: Which) -> Finding:
    is_opening = subject.startswith(PREFIX.format(agency=objects.agency))
    step, component = _OPENINGS if is_opening else _STEPS[bucket]
    where = "" if which is Which.FIRST else f" in {_SECOND}"
    return Finding(
        step=step, component=component, subject=f"{bucket.value}/{subject}{where}", problem=problem
    )
