"""What a package tells for people: its clips with their facts, and their entries as acts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archive.catalogue.exports import Wanted
from archive.catalogue.renditions import NONE
from archive.export.contents import Contents
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.manifest import Manifest
from evidence.names import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One custody entry."""

    index: int
    kind: str
    """Of an act of a station its own kind."""
    at: str
    """When it was done, by the clock of whoever did it."""
    logged: str
    """When the archive wrote it into the log."""
    by: str
    who: str
    """What people call them; the id without a name."""
    digest: Sha256
    """Of the entry's bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one clip."""

    clip: Wanted
    opened: Mapping[str, str]
    """``path``, ``camera`` and what else its manifest opens, fit to be shown."""
    received: str
    clip_class: str
    acquisition: str
    offset_ms: int | None
    """How far the camera's clock was ahead when it was docked, as the station found."""
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A package that is being written."""

    contents: Contents
    manifests: Mapping[str, Manifest]

    def clips(self) -> Iterator[Facts]:
        """Each clip, in the order in which they came in."""
        for clip in self.contents.plan.clips:
            archived = self.contents.proofs.fields(clip.entry)
            manifest = self.manifests.get(clip.clip)
            openings = {} if manifest is None else manifest.openings
            acts, offset = self._acts(clip)
            yield Facts(
                clip=clip,
                opened={name: shown(held.value) for name, held in openings.items()},
                received=str(archived["received"]),
                clip_class=str(archived["class"]),
                acquisition=str(archived.get("acquisition", "")),
                offset_ms=offset,
                acts=acts,
            )

    def exported(self) -> Act:
        """The export itself."""
        return self._act(self.contents.exported)[0]

    def _acts(self, clip: Wanted) -> tuple[tuple[Act, ...], int | None]:
        acts, offset = [], None
        for index in clip.entries:
            act, fields = self._act(index)
            acts.append(act)
            said = fields.get("clock_offset_ms")
            if act.kind == EntryKind.CLIP_FOUND and isinstance(said, int):
                offset = said
        return tuple(acts), offset

    def _act(self, index: int) -> tuple[Act, Mapping[str, object]]:
        raw = self.contents.proofs.entry(index)
        fields: Mapping[str, object] = json.loads(raw)
        by, logged = str(fields["by"]), str(fields["at"])
        if fields["kind"] == EntryKind.STATION_ACT:
            fields = json.loads(str(fields["act"]))
        act = Act(
            index=index,
            kind=_kind(fields),
            at=str(fields["at"]),
            logged=logged,
            by=by,
            who=self.contents.plan.names.get(by, by),
            digest=Sha256.of(raw),
        )
        return act, fields


def _kind(fields: Mapping[str, object]) -> str:
    """The kind of an entry; of a ``derive`` by which nothing was made ``derive.none``."""
    kind = str(fields["kind"])
    nothing = kind == EntryKind.RENDITION_MADE and fields.get("rendition") == NONE
    return f"{kind}.{NONE}" if nothing else kind
