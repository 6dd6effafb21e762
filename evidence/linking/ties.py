"""By whom a recording is tied to an incident: the officer it names, its wearer, the unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from evidence.linking.facts import Assignment, Duty, IncidentSpan, Known
from evidence.linking.links import PartCode
from evidence.linking.recordings import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearers:
    """Who may have worn the camera, by whose word."""

    claimed: str | None
    issued: frozenset[str]
    units: frozenset[str]
    """In which they were on duty."""

    @classmethod
    def of(cls, recording: Recording, known: Known) -> Wearers:
        """Those of the time when *recording* begins."""
        first = recording[0]
        issued = frozenset(
            each.officer for each in known.assignments if _is_issue_of(each, recording)
        )
        people = issued if first.officer is None else issued | {first.officer}
        units = frozenset(each.unit for each in known.duties if _served(each, people, recording))
        return cls(claimed=first.officer, issued=issued, units=units)

    def tie(self, incident: IncidentSpan) -> PartCode | None:
        """How they are tied to *incident*; None if they are not."""
        if self.claimed == incident.officer:
            if not self.issued:
                return PartCode.OFFICER
            both = incident.officer in self.issued
            return PartCode.OFFICER_AND_CAMERA if both else PartCode.OFFICER_AGAINST
        if incident.officer in self.issued:
            return PartCode.CAMERA if self.claimed is None else PartCode.CAMERA_AGAINST
        return PartCode.UNIT if incident.unit in self.units else None


def _is_issue_of(issue: Assignment, recording: Recording) -> bool:
    return issue.camera == recording[0].camera and issue.covers(recording[0].begin)


def _served(duty: Duty, people: Collection[str], recording: Recording) -> bool:
    return duty.officer in people and duty.covers(recording[0].begin)
