"""Which incidents does a clip belong to, how sure is that, and why?  Pure rules.

The archive feeds them what it knows and keeps the answer.  One rule: the answer depends on the
facts alone, never on the order in which they came, and nothing is learnt: the weights are the
tables of :mod:`evidence.linking.points`.

1. *Recordings*: clips of one camera that follow each other without a gap are one recording
   (:mod:`evidence.linking.recordings`).
2. *Ties*: whose part in an event can it show?  By the officer whom the clip names, by whom the
   camera was issued to then, by the unit (:mod:`evidence.linking.ties`).
3. *Points* for who, when and where, less what another incident takes (:mod:`.points`,
   :mod:`.places`, :mod:`.spans`).
4. *Standing*: many points make a link of themselves, fewer a proposal, few nothing
   (:mod:`evidence.linking.judging`).
"""

from evidence.linking.facts import (
    LONGEST_RECORDING,
    Assignment,
    ClipSpan,
    Duty,
    IncidentSpan,
    Known,
    Place,
)
from evidence.linking.groups import groups
from evidence.linking.judging import DEFAULT_BUFFER, judged
from evidence.linking.links import COUNTS, Link, LinkReason, Part, PartCode, Standing, written
from evidence.linking.rejecting import WHY_NOT
from evidence.linking.windows import LONGEST_WINDOW, window_problem

__all__ = [
    "COUNTS",
    "DEFAULT_BUFFER",
    "LONGEST_RECORDING",
    "LONGEST_WINDOW",
    "WHY_NOT",
    "Assignment",
    "ClipSpan",
    "Duty",
    "IncidentSpan",
    "Known",
    "Link",
    "LinkReason",
    "Part",
    "PartCode",
    "Place",
    "Standing",
    "groups",
    "judged",
    "window_problem",
    "written",
]
