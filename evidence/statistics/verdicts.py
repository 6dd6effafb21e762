"""The formulas: of each measure, whether one clip or one incident meets it.

Measures 4 to 8, 10 and 11 of ``docs/statistics.md``.  A rate is verdicts counted: met / (met +
unmet); what is left out has the reason for a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from evidence.acquisition import Acquisition
from evidence.statistics.facts import RECORDINGS, ClipFact, IncidentFact

TIMELY_WITHIN = timedelta(hours=24)
"""After the end of duty an upload is late from here on (features, section 5: the Chinese rule)."""


class Measure(StrEnum):
    """What a rate is of."""

    TIMELINESS = "timeliness"
    COVERAGE = "coverage"
    LINK = "link"
    CATEGORY = "category"
    REVIEW = "review"
    IDENTITY = "identity"
    RIGHTS = "rights"


class Verdict(StrEnum):
    """What a measure says of one clip or incident."""

    MET = "met"
    UNMET = "unmet"
    NOT_A_RECORDING = "not_a_recording"
    """An image has no end and is linked by hand only."""
    IMPORTED = "imported"
    """A person handed it in: nothing was docked."""
    NO_START = "no_start"
    """No start is claimed, or one that cannot be true."""
    NO_END = "no_end"
    """No duty is known in which it began, and its length is not known either."""
    WITHDRAWN = "withdrawn"
    """The feed took the incident back."""


MARKED: Mapping[Measure, str] = {
    Measure.IDENTITY: "identity-shown",
    Measure.RIGHTS: "rights-told",
}
"""Measures that go by a marker, and its code (:data:`evidence.marking.CODES`)."""
COUNTED = (Verdict.MET, Verdict.UNMET)
GIVEN: Mapping[Measure, tuple[Verdict, ...]] = {
    Measure.TIMELINESS: (
        *COUNTED,
        Verdict.NOT_A_RECORDING,
        Verdict.IMPORTED,
        Verdict.NO_START,
        Verdict.NO_END,
    ),
    Measure.COVERAGE: (*COUNTED, Verdict.WITHDRAWN),
    Measure.LINK: (*COUNTED, Verdict.NOT_A_RECORDING),
    Measure.CATEGORY: COUNTED,
    Measure.REVIEW: COUNTED,
    **dict.fromkeys(MARKED, (*COUNTED, Verdict.NOT_A_RECORDING)),
}
"""The verdicts that each measure can give."""
CLIP_MEASURES = (
    *(Measure.TIMELINESS, Measure.LINK, Measure.CATEGORY, Measure.REVIEW),
    *MARKED,
)


class Basis(StrEnum):
    """What the delay of an upload is measured from."""

    DUTY = "duty"
    """The end of the duty in which the recording began, or the recording's own, if later."""
    RECORDING = "recording"
    """The end of the recording, where no roster has a duty in which it began."""


def delay(clip: ClipFact) -> tuple[timedelta, Basis] | Verdict:
    """Formula 4: how long after its basis the archive had the clip, never below 0; or why not."""
    if clip.clip_class not in RECORDINGS:
        return Verdict.NOT_A_RECORDING
    if clip.acquisition is Acquisition.IMPORTED:
        return Verdict.IMPORTED
    if clip.begun is None:
        return Verdict.NO_START
    ended = None if clip.duration is None else clip.begun + clip.duration
    if clip.duty_end is not None:
        since, basis = max(clip.duty_end, ended or clip.duty_end), Basis.DUTY
    elif ended is not None:
        since, basis = ended, Basis.RECORDING
    else:
        return Verdict.NO_END
    return max(clip.received - since, timedelta(0)), basis


def of_clip(measure: Measure, clip: ClipFact) -> Verdict:
    """Formulas 4, 6 to 8, 10 and 11; ValueError for a measure of incidents."""
    match measure:
        case Measure.IDENTITY | Measure.RIGHTS:
            return _of_recording(clip, is_met=MARKED[measure] in clip.markers)
        case Measure.TIMELINESS:
            found = delay(clip)
            return found if isinstance(found, Verdict) else _met(found[0] <= TIMELY_WITHIN)
        case Measure.LINK:
            return _of_recording(clip, is_met=clip.linked)
        case Measure.CATEGORY:
            return _met(clip.classified)
        case Measure.REVIEW:
            return _met(clip.reviewed)
        case _:
            raise ValueError(f"{measure.value} is of incidents, not of clips")


def of_incident(incident: IncidentFact) -> Verdict:
    """Formula 5, coverage: whether any clip counts for the incident."""
    return Verdict.WITHDRAWN if incident.withdrawn else _met(incident.covered)


def _of_recording(clip: ClipFact, *, is_met: bool) -> Verdict:
    return _met(is_met) if clip.clip_class in RECORDINGS else Verdict.NOT_A_RECORDING


def _met(is_met: bool) -> Verdict:  # noqa: FBT001  what it says is all there is
    return Verdict.MET if is_met else Verdict.UNMET
