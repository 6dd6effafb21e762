"""What a home knows of its clips, as the JSON that scripts and auditors read.

The station's journal lists every file ever seen on a card; the archive's catalogue adds what it
vouches for, and the clips that came from another station or home.  Unknown is null.  The field
names are a contract (``docs/cli.md``): extend, never rename.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import msgspec

from evidence.clip import ClipClass, ClipState
from evidence.names import last_part
from evidence.wire import ClipDetail
from evidock.home import Home
from station.journal.records import ItemRow

_NO_ORIGINAL_DUE = {ClipClass.PARTIAL.value, ClipClass.REFUSED.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReport:
    """All clips of a home with their counts."""

    clips: list[dict[str, object]]
    counts: dict[str, dict[str, int]]

    @property
    def unarchived(self) -> list[dict[str, object]]:
        """Clips that should be archived by now and are not."""
        held = {ClipState.ARCHIVED.value, ClipState.RELEASED.value, ClipState.DISPOSED.value}
        return [
            clip
            for clip in self.clips
            if clip["state"] not in held and clip["class"] not in _NO_ORIGINAL_DUE
        ]

    @property
    def incomplete(self) -> list[dict[str, object]]:
        """Clips that are partial or refused: listed with their reason, nothing more can be had."""
        return [clip for clip in self.clips if clip["class"] in _NO_ORIGINAL_DUE]

    @property
    def sentence(self) -> str:
        """What became of everything, in one line for people."""
        held = [clip for clip in self.clips if clip["vault"]]
        parts = [
            f"{len(self.clips)} files",
            f"{len(held)} archived",
            f"{sum(bool(clip['receipt']) for clip in held)} with a receipt",
            f"{sum(clip['state'] == ClipState.RELEASED.value for clip in held)} erased from cards",
            f"{sum(bool(clip['incidents']) for clip in held)} linked to an incident",
            f"{sum(bool(clip['rendition']) for clip in held)} can be played",
            f"{len(self.incomplete)} partial or refused",
        ]
        gone = sum(clip["state"] == ClipState.DISPOSED.value for clip in self.clips)
        return ", ".join([*parts, *([f"{gone} disposed of"] if gone else [])])

    def to_wire(self) -> dict[str, object]:
        return asdict(self)


def report(items: Iterable[ItemRow], archived: Iterable[ClipDetail], home: Home) -> ClipReport:
    """The report over all *items*, with what the archive says of each, and what it has beside."""
    held = {detail.summary.id: detail for detail in archived}
    clips = [_clip(item, held.pop(item.id, None), home) for item in items]
    clips += [_from_elsewhere(detail) for detail in held.values()]
    return ClipReport(
        clips=clips,
        counts={
            "state": dict(sorted(Counter(str(clip["state"]) for clip in clips).items())),
            "class": dict(sorted(Counter(str(clip["class"]) for clip in clips).items())),
        },
    )


def _clip(item: ItemRow, held: ClipDetail | None, home: Home) -> dict[str, object]:
    return {
        "id": item.id,
        "camera": item.camera,
        "officer": item.officer,
        "original_name": item.name.decode("utf-8", errors="backslashreplace"),
        "original_name_hex": item.name.hex(),
        "source_path": os.fsdecode(item.folder + b"/" + item.path),
        "bytes": item.size,
        "sha256": None if item.sha256 is None else item.sha256.hex,
        "state": _state(item, held),
        "class": item.clip_class.value,
        "acquisition": item.acquisition.value,
        "problem": item.problem,
        **_links(held),
        "vault": _vault(held),
        "retain_until": held.retain_until if held else None,
        "retain_rule": held.retain_rule if held else None,
        "rendition": _rendition(held),
        "receipt": _receipt(item, home),
    }


def _from_elsewhere(held: ClipDetail) -> dict[str, object]:
    """A clip that no card of this home's own station brought."""
    summary = held.summary
    is_gone = summary.state == ClipState.DISPOSED.value
    name = None if is_gone else last_part(bytes.fromhex(held.path_hex))
    return {
        "id": summary.id,
        "camera": None if is_gone else summary.camera,
        "officer": summary.officer,
        "original_name": name and name.decode("utf-8", errors="backslashreplace"),
        "original_name_hex": None if name is None else name.hex(),
        "source_path": None,
        "bytes": summary.size,
        "sha256": summary.sha256,
        "state": summary.state,
        "class": summary.clip_class,
        "acquisition": summary.acquisition,
        "problem": summary.rendition.problem if summary.rendition else None,
        **_links(held),
        "vault": _vault(held),
        "retain_until": held.retain_until,
        "retain_rule": held.retain_rule,
        "rendition": _rendition(held),
        "receipt": None,
    }


def _links(held: ClipDetail | None) -> dict[str, list[str]]:
    incidents = held.summary.incidents if held else []
    cases = [incident.case for incident in incidents if incident.case is not None]
    return {
        "incidents": [incident.number for incident in incidents],
        "cases": list(dict.fromkeys(cases)),
    }


def _state(item: ItemRow, held: ClipDetail | None) -> str:
    """What the station knows; only the archive knows that a clip was disposed of."""
    if held is not None and held.summary.state == ClipState.DISPOSED.value:
        return ClipState.DISPOSED.value
    return item.state.value


def _vault(held: ClipDetail | None) -> dict[str, object] | None:
    if held is None or held.vault is None:
        return None
    built: dict[str, object] = msgspec.to_builtins(held.vault)
    return built


def _rendition(held: ClipDetail | None) -> dict[str, object] | None:
    made = held.summary.rendition if held else None
    if made is None or made.kind == "none":
        return None
    return {"kind": made.kind, "segments": made.segments}


def _receipt(item: ItemRow, home: Home) -> str | None:
    if item.receipt is None:
        return None
    return str((home.receipts / item.receipt).relative_to(home.folder))
