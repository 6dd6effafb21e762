"""What a simulation came to: for each camera, whether the archive holds what its folder holds.

One rule: it is compared with the folder, whose bytes are hashed anew, and not with the image that
was made of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.wire import ClipDetail
from evidock.simulation.cameras import Camera

_HELD = frozenset({"ARCHIVED", "RELEASED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One camera."""

    slot: str
    folder: str
    files: int
    bytes: int
    yanked_at: int | None
    """Byte of its longest file at which the cable was pulled out; None if it was not."""
    resumed_at: int | None
    """Byte at which copying that file went on, as the custody log has it; 0: from its start."""
    equal: int
    """Files of which the archive holds the very bytes."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Files that are refused by rule, and why."""
    differing: Mapping[str, str] = field(default_factory=dict)
    """All others, and what is wrong with each."""


def findings(
    cameras: Sequence[Camera],
    clips: Iterable[Mapping[str, object]],
    details: Iterable[ClipDetail],
    pulled: Collection[int],
) -> list[Finding]:
    """What came of each of *cameras*, of which those *pulled* were cut off.  Blocks."""
    by_path: dict[str, list[Mapping[str, object]]] = {}
    for clip in clips:
        by_path.setdefault(str(clip["source_path"]), []).append(clip)
    entries = {detail.summary.id: detail for detail in details}
    return [_of(each, by_path, entries, is_cut=each.number in pulled) for each in cameras]


def _of(
    camera: Camera,
    by_path: Mapping[str, list[Mapping[str, object]]],
    details: Mapping[str, ClipDetail],
    *,
    is_cut: bool,
) -> Finding:
    files = [path for path in sorted(camera.folder.rglob("*")) if path.is_file()]
    left_out, differing = dict[str, str](), dict[str, str]()
    resumed, equal = None, 0
    for path in files:
        name = str(path.relative_to(camera.folder))
        found = by_path.get(f"{camera.slot}/{name}", [])
        digest = Sha256.of_file(path).hex
        held = next((each for each in found if _holds(each, digest)), None)
        if held is not None:
            equal += 1
            if is_cut and camera.cut is not None and camera.cut.file == path:
                resumed = _resumed_at(details.get(str(held["id"])))
        elif found and found[-1]["class"] == "refused":
            left_out[name] = str(found[-1]["problem"])
        else:
            differing[name] = _wrong(found, digest)
    return Finding(
        slot=camera.slot,
        folder=str(camera.folder),
        files=len(files),
        bytes=sum(path.stat().st_size for path in files),
        yanked_at=camera.cut.in_file if is_cut and camera.cut is not None else None,
        resumed_at=resumed,
        equal=equal,
        left_out=left_out,
        differing=differing,
    )


def _holds(clip: Mapping[str, object], digest: str) -> bool:
    return clip["sha256"] == digest and clip["state"] in _HELD and bool(clip["vault"])


def _wrong(found: Sequence[Mapping[str, object]], digest: str) -> str:
    if not found:
        return "it was never found on the card"
    last = found[-1]
    if last["sha256"] not in {None, digest}:
        return f"other bytes: {last['sha256']} instead of {digest}"
    return str(last["problem"] or f"it is {last['state']}")


def _resumed_at(detail: ClipDetail | None) -> int | None:
    """Where copying went on, by the entry of the whole copy, which wraps the station's act."""
    for entry in detail.entries if detail is not None else ():
        if entry.kind == EntryKind.CLIP_PULLED:
            return int(json.loads(json.loads(entry.text)["act"]).get("resumed_at") or 0)
    return None
