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


class ClassifiedShown(Message, frozen=True, kw_only=True):
    """Its answer."""

    clip: str
    categories: list[str]
    retain_until: str
    """9999-12-31: for ever."""
    retain_rule: str
