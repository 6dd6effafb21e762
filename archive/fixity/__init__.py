"""Fixity: whether catalogue, vault and log still say the same, found out anew.

Everything is derived again from the one thing that is signed, the log's checkpoint, in steps.  They
have the numbers of ``docs/fixity.md``:

1. *checkpoint*: the log's head is signed by the log's key;
2. *log*: entry bundles, tiles and entry rows are three copies of the same leaves; the one that
   gives the signed root is true, and wherever another differs, that other one is wrong;
3. *entries*: the columns of an entry row say what its own bytes say;
4. *clips*: a clip's row says what its entries and its manifest say, and none is there without;
5. *rows*: so do the rows of renditions, links, journals, stations, people, reasons, holds, closed
    cases, what people put into cases, what feeds told (incidents, cases, duties, assignments,
    stays) and the keys of feeds;
6. *manifests*: the sidecar has the digest that ``archive.verified`` names, and its lock;
7. *originals*: read whole by version id, they have the digest, and the lock, that it names; what
    carries a legal hold by ``hold.locked`` does so;
8. *derived*: so have the objects of renditions, by the ``derive`` entry; they carry no lock;
9. *copy*: the vault's copy of the log holds the same files;
10. *strays*: nothing lies among originals that no record knows;
11. *census*: the censuses leave no gap, and count each clip once, under whom its manifest names;
12. *witnessed*: what witnesses and time-stamping authorities said verifies, and is of this log;
13. *exports*: what opens an ``export`` entry has the digest that the entry names;
14. *openings*: the vault's openings of what feeds told, views, holds, closed cases, people, keys of
    feeds, stations and of renditions that there are none of open what their entries commit to, say
    what the rows say, and are there.
15. *anchors*: the roots in ``log.anchor`` entries are over the entries as they are;
16. *lawful*: what was kept for less, and what was destroyed, was so by the law and by two persons;
17. *draws*: what was drawn is what the seed draws, no seed is older than its draw, numbers have no
    gap, no draw was taken again without a reason, and none was left behind.
18. *dossiers*: documents and versions of dossiers are there, locked, with the digests that entries
    name, and no others; the versions of a case are one line, each leaves out nothing that does not
    say by which entry it went, and those entries can be what it says.

Nothing is changed, mended or removed here.  ``examine`` takes all steps at once; ``rounds`` takes 6
and 7 day by day, a share of the clips at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Step(IntEnum):
    """The steps, numbered as above."""

    CHECKPOINT = 1
    LOG = 2
    ENTRIES = 3
    CLIPS = 4
    ROWS = 5
    MANIFESTS = 6
    ORIGINALS = 7
    DERIVED = 8
    COPY = 9
    STRAYS = 10
    CENSUS = 11
    WITNESSED = 12
    EXPORTS = 13
    OPENINGS = 14
    ANCHORS = 15
    LAWFUL = 16
    DRAWS = 17
    DOSSIERS = 18


class Component(StrEnum):
    """What is wrong, when something is."""

    CHECKPOINT = "checkpoint"
    BUNDLE = "bundle"
    TILE = "tile"
    LOG = "log"
    """Of bundles, tiles and rows nothing gives the signed root: which is wrong cannot be told."""
    ENTRY_ROW = "entry row"
    CLIP_ROW = "clip row"
    RENDITION_ROW = "rendition row"
    DERIVED_ROW = "derived row"
    LOOK_ROW = "look row"
    LINK_ROW = "link row"
    COPY_ROW = "copy row"
    LEGAL_HOLD_ROW = "legal hold row"
    JOURNAL_ROW = "journal row"
    STATION_ROW = "station row"
    PERSON_ROW = "person row"
    INCIDENT_ROW = "incident row"
    REASON_ROW = "reason row"
    HOLD_ROW = "hold row"
    CLOSING_ROW = "closing row"
    PROPOSAL_ROW = "proposal row"
    CASE_ROW = "case row"
    CASE_INCIDENT_ROW = "case incident row"
    DUTY_ROW = "duty row"
    ASSIGNMENT_ROW = "assignment row"
    STAY_ROW = "stay row"
    FEED_KEY_ROW = "feed key row"
    DRAW_ROW = "draw row"
    REVIEW_ROW = "review row"
    SHEET_ROW = "sheet row"
    FINDING_ROW = "finding row"
    FINDING_ACT_ROW = "finding act row"
    CASE_CLIP_ROW = "case clip row"
    DOCUMENT_ROW = "document row"
    DOCUMENT_VIEW_ROW = "document view row"
    DOSSIER_ROW = "dossier row"
    CASE_EXPORT_ROW = "case export row"
    EXCUSE_ROW = "excuse row"
    MARKER_ROW = "marker row"
    CHOICE_ROW = "choice row"
    OUTAGE_ROW = "outage row"
    STATION_ACT = "station act"
    MANIFEST = "manifest"
    ORIGINAL = "original"
    LOCK = "lock"
    LEGAL_HOLD = "legal hold"
    DERIVED_OBJECT = "derived object"
    LOG_COPY = "log copy"
    STRAY = "stray object"
    CENSUS = "census"
    WITNESSED = "witnessed head"
    TIMESTAMP = "time stamp"
    EXPORT = "export record"
    OPENINGS = "openings"
    ANCHOR = "anchor"
    LAW_PACK = "law pack"
    DISPOSAL = "disposal"
    DRAW = "draw"
    DOCUMENT = "document"
    DOSSIER = "dossier"


ROWS = {
    "entry": Component.ENTRY_ROW,
    "clip": Component.CLIP_ROW,
    "rendition": Component.RENDITION_ROW,
    "derived": Component.DERIVED_ROW,
    "look": Component.LOOK_ROW,
    "link": Component.LINK_ROW,
    "copy": Component.COPY_ROW,
    "legal_hold": Component.LEGAL_HOLD_ROW,
    "journal": Component.JOURNAL_ROW,
    "station": Component.STATION_ROW,
    "person": Component.PERSON_ROW,
    "incident": Component.INCIDENT_ROW,
    "view_reason": Component.REASON_ROW,
    "hold": Component.HOLD_ROW,
    "closing": Component.CLOSING_ROW,
    "proposal": Component.PROPOSAL_ROW,
    "police_case": Component.CASE_ROW,
    "case_incident": Component.CASE_INCIDENT_ROW,
    "duty": Component.DUTY_ROW,
    "assignment": Component.ASSIGNMENT_ROW,
    "stay": Component.STAY_ROW,
    "feed_key": Component.FEED_KEY_ROW,
    "draw": Component.DRAW_ROW,
    "review": Component.REVIEW_ROW,
    "sheet": Component.SHEET_ROW,
    "finding": Component.FINDING_ROW,
    "finding_act": Component.FINDING_ACT_ROW,
    "case_clip": Component.CASE_CLIP_ROW,
    "document": Component.DOCUMENT_ROW,
    "document_view": Component.DOCUMENT_VIEW_ROW,
    "dossier": Component.DOSSIER_ROW,
    "case_export": Component.CASE_EXPORT_ROW,
    "excuse": Component.EXCUSE_ROW,
    "marker": Component.MARKER_ROW,
    "choice": Component.CHOICE_ROW,
    "outage": Component.OUTAGE_ROW,
}
"""Table -> what a wrong row of it is called."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One difference: at which step, what is wrong, where, and how."""

    step: Step
    component: Component
    subject: str
    """The file, row, clip or object, so that one finds it."""
    problem: str

    def to_wire(self) -> dict[str, object]:
        """The finding as JSON."""
        return {
            "step": int(self.step),
            "component": self.component.value,
            "subject": self.subject,
            "problem": self.problem,
        }

    def __str__(self) -> str:
        return f"{self.component.value} {self.subject}: {self.problem} (step {int(self.step)})"


Progress = Callable[[Step, int, int], None]
"""Hears at which step the work is, and how much of how many is done."""


def nobody(_step: Step, _done: int, _of: int) -> None:
    """Nobody wants to hear how far it is."""
