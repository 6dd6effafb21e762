"""What is drawn at random, the sheets of who looks at it, and findings."""

from __future__ import annotations

from typing import Literal

from evidence.drawing import Rules
from evidence.sheet import Answered
from evidence.wire.message import Message


class DrawCommitted(Message, frozen=True, kw_only=True):
    """POST /v1/draws: what a person wants drawn; answered by :class:`DrawShown`."""

    purpose: str
    since: str
    """Clips received from here on (RFC 3339)."""
    until: str
    """And before this, which must be over."""
    size: int
    """How many clips, of each."""
    per: Literal["all", "station"] = "all"
    station: str | None = None
    category: str | None = None
    recheck: int = 0
    """How many in a hundred a second person looks at, too."""
    sheet: str
    """Id of one of the sheets in the settings."""
    owner: str | None = None
    """Name of the account that must see to what is wrong; None: whoever commits."""
    seed: Literal["drand-quicknet", "public", "dice"]
    which: str
    """The round; what is drawn and its issue; or how many rolls."""
    due: str | None = None
    """When the numbers will be drawn; only for ``public``."""
    redoes: str | None = None
    redo_reason: str | None = None


class SeedValue(Message, frozen=True, kw_only=True):
    """POST /v1/draws/{draw}/seed, by one person."""

    value: str


class SeedConfirmed(Message, frozen=True, kw_only=True):
    """POST /v1/draws/{draw}/confirm, by another."""

    value: str
    drawn_at: str | None = None
    """When the numbers of a ``public`` seed were drawn (RFC 3339); None for others."""


class DrawAbandoned(Message, frozen=True, kw_only=True):
    """POST /v1/draws/{draw}/abandon."""

    reason: str


class DrawCount(Message, frozen=True, kw_only=True):
    """What came of a draw so far."""

    clips: int
    """That were drawn."""
    filled: int
    """Sheets of the first look; the next one, too."""
    passed: int
    empty: int
    """Of those that are filled in: nothing counted, so they neither passed nor failed."""
    void: int
    """Reviews, of either look, that nobody can do."""
    rechecks: int
    """Clips that a second person looks at."""
    pairs: int
    """Those of them where both sheets are filled in, and something counted on each."""
    disagree: int
    """Pairs of which one passed and one did not."""
    points: int
    """Points that both answered."""
    points_differ: int
    overdue: int
    """Sheets that are late, of either look."""


class DrawShown(Message, frozen=True, kw_only=True):
    """A draw, as all its routes answer."""

    id: str
    number: int
    entry: int
    """Log index of its ``draw.commit`` entry."""
    at: str
    by: str
    by_name: str
    purpose: str
    rules: Rules
    owner_name: str
    sheet_title: str
    sheet_title_zh: str
    objects: int
    objects_root: str
    checkers: int
    checkers_root: str
    deadline: str
    is_late: bool
    redoes: str | None
    redo_reason: str | None
    value: str | None
    """What the seed was, as the first person entered it; None: nobody did."""
    seeded_by: str | None
    seeded_name: str | None
    ended: Literal["done", "abandoned"] | None
    ended_at: str | None
    ended_name: str | None
    drawn_at: str | None
    """When the numbers of a ``public`` seed were drawn, as whoever ended it says."""
    end_reason: str | None
    count: DrawCount


class DrawPage(Message, frozen=True, kw_only=True):
    """GET /v1/draws?after=&limit=: the newest first."""

    draws: list[DrawShown]
    next: str | None = None


class SheetOffered(Message, frozen=True, kw_only=True):
    """A sheet that a draw may be made with."""

    id: str
    title: str
    title_zh: str


class SheetsOffered(Message, frozen=True, kw_only=True):
    """GET /v1/sheets."""

    sheets: list[SheetOffered]


class SheetPoint(Message, frozen=True, kw_only=True):
    """One question of a sheet."""

    id: str
    title: str
    title_zh: str
    score: int
    """0: it must be right."""
    days: int | None


class SheetShown(Message, frozen=True, kw_only=True):
    """A sheet that was filled in."""

    id: str
    entry: int
    at: str
    passed: bool | None
    """None: nothing counted."""
    score: int
    answers: list[Answered]
    findings: list[str]
    """Those that it opened."""


class VoidShown(Message, frozen=True, kw_only=True):
    """Why nobody can do a review."""

    entry: int
    at: str
    by_name: str
    code: str
    reason: str


class ReviewShown(Message, frozen=True, kw_only=True):
    """GET /v1/reviews/{review}: a clip that was drawn, and who looks at it."""

    id: str
    draw: str
    number: int
    """Of the draw."""
    clip: str
    name: str
    """The clip's name on its camera, escaped for showing."""
    checker: str
    checker_name: str
    place: int
    recheck: bool
    due: str
    void: VoidShown | None
    """None: it is to be done, or was."""
    sheet: SheetShown | None
    """None: not filled in, or not for you to see yet."""
    points: list[SheetPoint]
    """The questions, where one review was asked for."""


class ReviewPage(Message, frozen=True, kw_only=True):
    """GET /v1/reviews?draw=&after=&limit=: of a draw, or else one's own, what is to do first."""

    reviews: list[ReviewShown]
    next: str | None = None


class ReviewVoided(Message, frozen=True, kw_only=True):
    """POST /v1/reviews/{review}/void: nobody can do it."""

    code: Literal["clip", "checker", "other"]
    reason: str


class SheetFilled(Message, frozen=True, kw_only=True):
    """POST /v1/reviews/{review}/sheet."""

    answers: list[Answered]


class FindingWanted(Message, frozen=True, kw_only=True):
    """POST /v1/findings."""

    code: str
    about: Literal["clip", "incident", "case", "camera", "officer", "sheet"]
    subject: str
    owner: str
    """Name of the account that must answer."""
    due: str
    """RFC 3339."""
    what: str


class FindingSaid(Message, frozen=True, kw_only=True):
    """POST /v1/findings/{finding}/answer, and /close."""

    text: str


class FindingReopened(Message, frozen=True, kw_only=True):
    """POST /v1/findings/{finding}/reopen."""

    text: str
    due: str


class FindingActShown(Message, frozen=True, kw_only=True):
    """One thing that was done about a finding."""

    entry: int
    at: str
    act: str
    """``answer``, ``remind``, ``escalate``, ``close`` or ``reopen``."""
    by: str
    by_name: str
    text: str | None
    level: int | None
    role: str | None
    due: str | None


class FindingShown(Message, frozen=True, kw_only=True):
    """GET /v1/findings/{finding}: what somebody must answer, and its course."""

    id: str
    entry: int
    at: str
    by: str
    by_name: str
    code: str
    about: str
    subject: str
    clip: str | None
    owner: str
    owner_name: str
    due: str
    """The deadline that holds now."""
    what: str
    source: str | None
    closed: bool
    answered: bool
    overdue: bool
    level: int
    """How high it was escalated; 0: not."""
    acts: list[FindingActShown]


class FindingPage(Message, frozen=True, kw_only=True):
    """GET /v1/findings?of=&clip=&after=&limit=: the newest first.

    *of*: ``open``, ``closed`` or ``mine`` (open ones).
    """

    findings: list[FindingShown]
    next: str | None = None
