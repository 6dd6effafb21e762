"""Step 11: every census counts what came in, each clip once and under whom its manifest names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archive.catalogue.censuses import Taken, taken
from archive.census import record_key
from archive.fixity import Component, Finding, Step
from archive.fixity.entries import Numbered
from archive.fixity.objects import Objects, Unread
from evidence import vrf
from evidence.census import ShownCensus, Subject, check_all, subject_of
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.errors import LogBroken
from evidence.manifest import Manifest
from evidence.vault import Bucket


@dataclass(slots=True, kw_only=True)
class Counted:
    """Learns from every entry and manifest, then looks at the censuses."""

    secret: bytes | None
    """The census key; None: it is not there."""
    findings: list[Finding] = field(default_factory=list)
    censuses: list[Taken] = field(default_factory=list)
    received: dict[int, str] = field(default_factory=dict)
    """Log index of each ``archive.verified`` entry -> when its clip was received."""
    manifests: dict[int, Manifest] = field(default_factory=dict)
    """The same -> its manifest, as far as that could be read; only what a census needs of it."""
    _labels: dict[Subject, bytes] = field(default_factory=dict)

    def hear(self, page: Sequence[Numbered]) -> None:
        """Learn from the entries of one *page*."""
        for seq, raw in page:
            entry = Entry(raw)
            if entry.kind is EntryKind.ARCHIVED:
                self.received[seq] = str(entry.fields["received"])
            elif entry.kind is EntryKind.CENSUS:
                try:
                    self.censuses.append(taken(seq, entry))
                except (LogBroken, KeyError, TypeError) as error:
                    self._object(seq, f"cannot be read: {error}")

    def learn(self, seq: int, manifest: Manifest) -> None:
        """Learn whose clip the ``archive.verified`` entry *seq* is about."""
        needed = {
            name: manifest.openings[name]
            for name in ("officer", "started")
            if name in manifest.openings
        }
        self.manifests[seq] = Manifest(
            clip=manifest.clip, sha256=manifest.sha256, size=manifest.size, openings=needed
        )

    async def conclude(self, objects: Objects) -> list[Finding]:
        """What is wrong with the censuses."""
        reached = 0
        for each in self.censuses:
            if each.census.first != reached:
                self._object(each.entry, f"begins at {each.census.first}, not {reached}")
            reached = each.census.end
            for problem in await asyncio.to_thread(self._problems, objects, each):
                self._object(each.entry, problem)
        return self.findings

    def _problems(self, objects: Objects, each: Taken) -> list[str]:
        return list(self._wrong(objects, each))

    def _wrong(self, objects: Objects, each: Taken) -> Iterator[str]:
        """What is wrong with one; blocks."""
        data = objects.newest(Bucket.RECORDS, record_key(objects.agency, each.openings))
        if data is None or isinstance(data, Unread):
            yield "its record of leaves " + ("is missing" if data is None else data.problem)
            return
        if Sha256.of(data).hex != each.openings:
            yield "its record of leaves is not the one that it names"
            return
        try:
            shown = ShownCensus.from_bytes(data)
            listed = check_all(each.census, shown)
        except LogBroken as error:
            yield str(error)
            return
        came = {i for i in self.received if each.census.first <= i < each.census.end}
        if missing := sorted(came - listed.keys()):
            yield f"leaves out entry {missing[0]}"
        if strange := sorted(listed.keys() - came):
            yield f"lists entry {strange[0]}, by which no clip came in"
        yield from self._under_others(each, shown)

    def _under_others(self, each: Taken, shown: ShownCensus) -> Iterator[str]:
        """Clips that are counted under somebody else than their manifest says."""
        if self.secret is None or vrf.public_key(self.secret).hex() != each.census.key:
            yield "its labels cannot be checked: its key is not in census.key"
            return
        for leaf in shown.leaves:
            for index in leaf.indexes():
                if index in self.manifests and self._label(each, index) != leaf.leaf.label:
                    yield f"counts entry {index} not under the officer and day of its clip"

    def _label(self, each: Taken, index: int) -> bytes:
        minutes = each.census.utc_offset_minutes
        subject = subject_of(self.manifests[index], self.received[index], minutes)
        if subject not in self._labels:
            self._labels[subject] = vrf.label(self.secret or b"", subject.alpha)
        return self._labels[subject]

    def _object(self, seq: int, problem: str) -> None:
        finding = Finding(
            step=Step.CENSUS,
            component=Component.CENSUS,
            subject=f"entry {seq}",
            problem=problem,
        )
        self.findings.append(finding)
