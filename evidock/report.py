"""What a home knows of its clips, as the JSON that scripts and auditors read.

The station's journal lists every file ever seen on a card; the archive's catalogue adds what it
vouches for.  Unknown is null.  The field names are a contract (``docs/cli.md``): extend, never
rename.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from archive.service import ArchivedClip
from evidence.clip import ClipClass, ClipState
from evidock.home import Home
from station.service import ItemRow

_NO_ORIGINAL_DUE = {ClipClass.PARTIAL.value, ClipClass.REFUSED.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReport:
    """All clips of a home with their counts."""

    clips: list[dict[str, object]]
    counts: dict[str, dict[str, int]]

    @property
    def unarchived(self) -> list[dict[str, object]]:
        """Clips that should be archived by now and are not."""
        held = {ClipState.ARCHIVED.value, ClipState.RELEASED.value}
        return [
            clip
            for clip in self.clips
            if clip["state"] not in held and clip["class"] not in _NO_ORIGINAL_DUE
        ]

    @property
    def incomplete(self) -> list[dict[str, object]]:
        """Clips that are partial or refused: listed with their reason, nothing more can be had."""
        return [clip for clip in self.clips if clip["class"] in _NO_ORIGINAL_DUE]

    def to_wire(self) -> dict[str, object]:
        return asdict(self)


def report(
    items: Iterable[ItemRow], archived: Mapping[str, ArchivedClip], home: Home
) -> ClipReport:
    """The report over all *items*, with what the archive says of each (by clip id)."""
    clips = [_clip(item, archived.get(item.id), home) for item in items]
    return ClipReport(
        clips=clips,
        counts={
            "state": dict(sorted(Counter(str(clip["state"]) for clip in clips).items())),
            "class": dict(sorted(Counter(str(clip["class"]) for clip in clips).items())),
        },
    )


def _clip(item: ItemRow, held: ArchivedClip | None, home: Home) -> dict[str, object]:
    receipt = home.receipts / f"{item.id}.tlog-proof"
    return {
        "id": item.id,
        "camera": item.camera,
        "officer": item.officer,
        "original_name": item.name.decode("utf-8", errors="backslashreplace"),
        "original_name_hex": item.name.hex(),
        "source_path": os.fsdecode(item.source_path),
        "bytes": item.size,
        "sha256": item.sha256,
        "state": item.state.value,
        "class": item.clip_class.value,
        "problem": item.problem,
        "incidents": held.incidents if held else [],
        "cases": held.cases if held else [],
        "vault": _vault(held),
        "retain_until": held.retain_until if held else None,
        "retain_rule": held.retain_rule if held else None,
        "rendition": _rendition(held),
        "receipt": str(receipt.relative_to(home.folder)) if receipt.exists() else None,
    }


def _vault(held: ArchivedClip | None) -> dict[str, object] | None:
    if held is None:
        return None
    return {
        "bucket": held.vault.bucket,
        "key": held.vault.key,
        "version_id": held.vault.version_id,
        "mode": held.vault.mode,
        "lock_until": held.vault.lock_until,
    }


def _rendition(held: ArchivedClip | None) -> dict[str, object] | None:
    if held is None or held.rendition_kind in {None, "none"}:
        return None
    return {"kind": held.rendition_kind, "segments": held.rendition_segments}
