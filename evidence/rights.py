"""Who may do what: one pure function that every route of every service asks.

Deny by default.  An administrator runs the system and has no right to watch footage.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the agency."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    LEGAL = "legal"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Action(StrEnum):
    """What can be asked for."""

    LIST_CLIPS = "clips.list"
    SEE_CLIP = "clip.see"
    """Metadata and custody entries, no footage."""
    WATCH_CLIP = "clip.watch"
    CLASSIFY_CLIP = "clip.classify"
    """Say what a clip is, from which follows how long it is kept."""
    CONFIRM_LINK = "link.confirm"
    """Say that a clip belongs to an incident."""
    REJECT_LINK = "link.reject"
    """Say that it does not: that may be what keeps the clip in a case, now or later."""
    MARK_CLIP = "clip.mark"
    """Say what a clip shows, and take back what one said."""
    WITHDRAW_MARKER = "marker.withdraw"
    """Take back what others said."""
    HOLD_CLIP = "clip.hold"
    """Have a clip kept whatever the date."""
    LIFT_HOLD = "hold.lift"
    """End that."""
    READ_HOLDS = "holds.read"
    """Learn by whose authority and why a clip is held."""
    CLOSE_CASE = "case.close"
    """Say that a case is closed, or open again."""
    LIST_CASES = "cases.list"
    """Cases, their course, and the work lists; no footage and no document."""
    PLACE_CLIP = "case.clip"
    """Say that a clip is in a case, or take it out again."""
    ADD_DOCUMENT = "document.add"
    READ_DOCUMENT = "document.read"
    MAKE_DOSSIER = "dossier.make"
    PROPOSE_DISPOSAL = "disposal.propose"
    """Want a clip destroyed whose time is over."""
    ORDER_DESTRUCTION = "destruction.order"
    """Want one destroyed early, since a court ordered it."""
    PROPOSE_SHORTENING = "shortening.propose"
    """Want footage kept for less than was promised."""
    APPROVE_PROPOSAL = "proposal.approve"
    """Agree to what another person proposed."""
    WITHDRAW_PROPOSAL = "proposal.withdraw"
    """Have it not take effect."""
    SEE_DISPOSALS = "disposals.see"
    """What is due, proposed, approved and done."""
    COMMIT_DRAW = "draw.commit"
    """Have clips and checkers drawn, or abandon that."""
    SEED_DRAW = "draw.seed"
    """Enter the value that the seed of a draw had, as one of two persons."""
    SEE_REVIEWS = "reviews.see"
    """What was drawn, and what came of it."""
    FILL_SHEET = "sheet.fill"
    """Be drawn as a checker, and say what one found."""
    SEE_FINDINGS = "findings.see"
    OPEN_FINDING = "finding.open"
    """Have somebody answer something."""
    ANSWER_FINDING = "finding.answer"
    """Answer what is one's own to answer."""
    CLOSE_FINDING = "finding.close"
    """Say that what another one answered is settled, or is not."""
    SEE_COVERAGE = "coverage.see"
    """Which incidents have their footage, and what lacks."""
    ASK_EXCUSE = "excuse.ask"
    """Answer why there is no recording."""
    APPROVE_EXCUSE = "excuse.approve"
    """Agree to what another person answered."""
    END_EXCUSE = "excuse.end"
    """Turn it down, or take it back."""
    SAY_OUTAGE = "outage.say"
    """Say that recorders were down, and why."""
    AGREE_OUTAGE = "outage.agree"
    """Agree to what another person said of that."""
    END_OUTAGE = "outage.end"
    """Turn it down, or take it back."""
    LIST_INCIDENTS = "incidents.list"
    SEE_FEEDS = "feeds.see"
    """What feeds told that could not be used, and which numbers they left out."""
    READ_LOG = "log.read"
    SEE_FLEET = "fleet.see"
    """How stations and cameras are; no clip."""
    SEE_STATISTICS = "statistics.see"
    """Figures of clips and incidents, and the lists behind them; no footage."""
    MANAGE_PEOPLE = "people.manage"
    ENROL_STATION = "station.enrol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who asks."""

    id: str
    role: Role
    officer: str | None = None
    """The officer number, for people who wear a camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """What is asked about; only what rights depend on."""

    officer: str | None = None
    """The officer a clip belongs to; None for things that belong to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The answer is yes."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The answer is no."""

    reason: str


Decision = Allowed | Denied

_SEE = frozenset({Action.LIST_CLIPS, Action.SEE_CLIP, Action.LIST_INCIDENTS})
_SAY = frozenset({Action.WATCH_CLIP, Action.CLASSIFY_CLIP, Action.MARK_CLIP})
_WATCH = _SEE | _SAY | {Action.READ_LOG, Action.LIST_CASES}
_JUDGE = frozenset({Action.CONFIRM_LINK, Action.REJECT_LINK, Action.WITHDRAW_MARKER})
_FILE = frozenset(
    {Action.PLACE_CLIP, Action.ADD_DOCUMENT, Action.READ_DOCUMENT, Action.MAKE_DOSSIER}
)
_DISPOSE = frozenset(
    {
        Action.SEE_DISPOSALS,
        Action.PROPOSE_DISPOSAL,
        Action.PROPOSE_SHORTENING,
        Action.APPROVE_PROPOSAL,
        Action.WITHDRAW_PROPOSAL,
    }
)
_ANSWER = frozenset({Action.SEE_FINDINGS, Action.ANSWER_FINDING})
_OVERSEE = _ANSWER | {
    Action.COMMIT_DRAW,
    Action.SEED_DRAW,
    Action.SEE_REVIEWS,
    Action.OPEN_FINDING,
    Action.CLOSE_FINDING,
}
_ACCOUNT = frozenset(
    {
        *(Action.SEE_COVERAGE, Action.ASK_EXCUSE, Action.APPROVE_EXCUSE, Action.END_EXCUSE),
        *(Action.SAY_OUTAGE, Action.AGREE_OUTAGE, Action.END_OUTAGE),
    }
)
_CHECK = frozenset({Action.SEE_REVIEWS, Action.FILL_SHEET, Action.OPEN_FINDING})
_RIGHTS: dict[Role, frozenset[Action]] = {
    Role.OFFICER: _ANSWER
    | _SAY
    | {
        Action.ASK_EXCUSE,
        Action.LIST_CLIPS,
        Action.SEE_CLIP,
        Action.CONFIRM_LINK,
        Action.SEE_STATISTICS,
    },
    Role.REVIEWER: _WATCH
    | _FILE
    | _JUDGE
    | _ANSWER
    | _CHECK
    | {Action.READ_HOLDS, Action.SEE_DISPOSALS},
    Role.SUPERVISOR: _WATCH
    | _FILE
    | _JUDGE
    | _DISPOSE
    | _OVERSEE
    | _CHECK
    | _ACCOUNT
    | {Action.SEE_FLEET, Action.HOLD_CLIP, Action.READ_HOLDS, Action.SEE_STATISTICS}
    | {Action.SEE_FEEDS},
    Role.LEGAL: _WATCH
    | _FILE
    | _DISPOSE
    | _OVERSEE
    | {Action.ORDER_DESTRUCTION, Action.SEE_STATISTICS}
    | _ACCOUNT
    | {Action.HOLD_CLIP, Action.LIFT_HOLD, Action.READ_HOLDS, Action.CLOSE_CASE},
    Role.AUDITOR: _SEE
    | _ANSWER
    | {Action.SEE_COVERAGE}
    | {Action.SEE_REVIEWS, Action.SEED_DRAW, Action.OPEN_FINDING, Action.CLOSE_FINDING}
    | {Action.READ_LOG, Action.READ_HOLDS, Action.LIST_CASES, Action.SEE_DISPOSALS}
    | {Action.SEE_STATISTICS, Action.SEE_FEEDS},
    Role.ADMIN: frozenset(
        {
            Action.MANAGE_PEOPLE,
            Action.ENROL_STATION,
            Action.READ_LOG,
            Action.SEE_FLEET,
            Action.SEE_FEEDS,
        }
    ),
}
_OWN_ONLY = _SAY | {Action.SEE_CLIP, Action.CONFIRM_LINK}


def decide(subject: Subject, action: Action, thing: Object | None = None) -> Decision:
    """Whether *subject* may do *action* to *thing*, and why."""
    if action not in _RIGHTS[subject.role]:
        return Denied(reason=f"role {subject.role.value} has no right {action.value}")
    if subject.role is Role.OFFICER and action in _OWN_ONLY:
        owner = thing.officer if thing else None
        if owner is None or owner != subject.officer:
            return Denied(reason="officers see their own clips only")
    return Allowed(reason=f"role {subject.role.value} has right {action.value}")


def sees_own_figures_only(subject: Subject) -> bool:
    """Whether, of what SEE_STATISTICS shows, *subject* may see only what is their own."""
    return subject.role is Role.OFFICER
