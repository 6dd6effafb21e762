"""The law that footage is kept by, and what people say that a clip is."""

from __future__ import annotations

from evidence.wire.message import Message


class PackShown(Message, frozen=True, kw_only=True):
    """A law pack or rule set."""

    pack: str
    """``name/version``."""
    title: str
    title_zh: str
    citation: str


class CategoryShown(Message, frozen=True, kw_only=True):
    """What a clip can be classified as."""

    id: str
    title: str
    title_zh: str
    pack: str
    """The first pack that has it."""


class LawShown(Message, frozen=True, kw_only=True):
    """GET /v1/law."""

    packs: list[PackShown]
    """The law, then the agency's rule sets."""
    categories: list[CategoryShown]


class Classify(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/classification."""

    categories: list[str]


class HoldWanted(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/holds."""

    authority: str
    """Who wants it kept: a court and its order, an office, a request."""
    reason: str


class HoldLifted(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/holds/{hold}/lift."""

    reason: str


class HoldShown(Message, frozen=True, kw_only=True):
    """A hold, as both answer."""

    id: str
    entry: int
    since: str
    authority: str | None
    """None: not for who asks."""
    reason: str | None
    lifted: str | None = None
    """When it ended; None: it holds."""
    lift_reason: str | None = None


class ClassifiedShown(Message, frozen=True, kw_only=True):
    """Its answer."""

    clip: str
    categories: list[str]
    retain_until: str
    """9999-12-31: for ever."""
    retain_rule: str


class CaseClosed(Message, frozen=True, kw_only=True):
    """POST /v1/cases/close, and with why it is open again POST /v1/cases/reopen."""

    number: str
    """As the incidents tell it."""
    reason: str


class CaseOfClip(Message, frozen=True, kw_only=True):
    """A case that a clip is in."""

    number: str
    closed: str | None
    """When it was closed; None: it is open, and the clip is kept whatever the date."""


class ClosingShown(Message, frozen=True, kw_only=True):
    """That a case was closed, and why."""

    id: str
    entry: int
    at: str
    reason: str
    reopened: str | None = None
    """When it was opened again; None: it is closed."""
    reopen_reason: str | None = None


class CaseShown(Message, frozen=True, kw_only=True):
    """A case, as both answer."""

    number: str
    incidents: int
    clips: int
    is_open: bool
    closings: list[ClosingShown]
    title: str | None = None
    """As the feed of cases told it, as the next four; None: it told nothing."""
    kind: str | None = None
    stage: str | None = None
    unit: str | None = None
    opened: str | None = None


class CasePage(Message, frozen=True, kw_only=True):
    """GET /v1/cases."""

    cases: list[CaseShown]
    next: str | None = None
    """What to ask for as ``after`` for more; None: that is all."""
