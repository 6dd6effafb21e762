"""Whether every incident has its footage, or somebody has answered why not.  Pure rules.

The archive feeds them what it knows and shows the answer.  One rule: the answer depends on the
facts alone, never on the order in which they came, and nothing is written down that follows from
them.

1. *Expected*: who was sent, and the cameras that they are expected to have worn
   (:mod:`evidence.coverage.expecting`).
2. *Outcome* of each expected recording: there, with gaps, late, missing, or excused
   (:mod:`evidence.coverage.judging`).
3. *Excuses*: the codes under which somebody may answer why there is none, and who agrees
   (:mod:`evidence.coverage.excuses`).
4. *Numbers*: cameras count their files; what they counted and nobody handed in
   (:mod:`evidence.coverage.numbering`).
5. *Docking*: cameras that were issued and have not come back (:mod:`evidence.coverage.docking`).
6. *Rooms*: whether each room was recorded while somebody was in it
   (:mod:`evidence.coverage.rooms`), and the codes of outages (:mod:`evidence.coverage.outages`).
"""

from evidence.coverage.docking import Undocked, Wearing, undocked
from evidence.coverage.excuses import CODES
from evidence.coverage.expecting import Basis, Expected, Issued, Part, Rostered, expected
from evidence.coverage.judging import Judged, Outcome, Present, Terms, judge, worst
from evidence.coverage.numbering import NumberedFile, NumberGap, number_gaps
from evidence.coverage.outages import OUTAGE_CODES, Down
from evidence.coverage.rooms import (
    Outage,
    RoomGap,
    RoomRecording,
    RoomSpan,
    RoomTerms,
    SpanJudged,
    StayJudged,
    judge_span,
    judge_stay,
)

__all__ = [
    "CODES",
    "OUTAGE_CODES",
    "Basis",
    "Down",
    "Expected",
    "Issued",
    "Judged",
    "NumberGap",
    "NumberedFile",
    "Outage",
    "Outcome",
    "Part",
    "Present",
    "RoomGap",
    "RoomRecording",
    "RoomSpan",
    "RoomTerms",
    "Rostered",
    "SpanJudged",
    "StayJudged",
    "Terms",
    "Undocked",
    "Wearing",
    "expected",
    "judge",
    "judge_span",
    "judge_stay",
    "number_gaps",
    "undocked",
    "worst",
]
