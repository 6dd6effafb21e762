"""Typed settings of feeds: what other systems tell the archive, and how (docs/feeds.md).

They are the list ``[[feeds]]`` of :mod:`evidence.settings`, which reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from evidence.errors import SetupError


class FeedKind(StrEnum):
    """What a feed tells."""

    INCIDENTS = "incidents"
    CASES = "cases"
    DUTIES = "duties"
    ASSIGNMENTS = "assignments"
    STAYS = "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """One feed."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,30}\Z")]
    """What it is called in problems and commands: up to 31 of a-z, 0-9 and hyphen."""
    kind: FeedKind
    """``incidents``, ``cases``, ``duties``, ``assignments`` or ``stays``."""
    how: Literal["folder", "pull", "push"]
    """``folder``: files that are watched; ``pull``: a URL that is asked; ``push``: by API key."""
    path: str = ""
    """``folder``: file, or folder of ``.csv`` and ``.xlsx`` files."""
    url: str = ""
    """``pull``: what is asked: ``https``, or on this machine."""
    token_file: str = ""
    """``pull``: file with the bearer token it wants; readable by its owner only.  Empty: none."""
    ca_file: str = ""
    """``pull``: certificate authority (PEM) of that address, if it is not a public one."""
    every_seconds: Annotated[float, Meta(ge=1, le=86_400)] = 60.0
    """``pull``: seconds between two times that it is asked."""
    patience_seconds: Annotated[float, Meta(gt=0, le=120)] = 20.0
    """``pull``: how long it may take to answer."""
    mapping: str = ""
    """TOML file: which column is which field, and how times are written.  Empty: our own names."""
    time_zone: str = ""
    """Of times that name none, such as ``Asia/Shanghai``; empty: such a time is a problem."""


def checked(feeds: tuple[FeedSettings, ...]) -> tuple[FeedSettings, ...]:
    """*feeds*, if they can be told apart and say where they come from; else SetupError."""
    seen: set[str] = set()
    for feed in feeds:
        if feed.name in seen:
            raise SetupError(f"[[feeds]] names {feed.name!r} twice")
        seen.add(feed.name)
        wanted = {"folder": ("path", feed.path), "pull": ("url", feed.url)}.get(feed.how)
        if wanted is not None and not wanted[1]:
            raise SetupError(
                f"[[feeds]] {feed.name}: how = {feed.how!r} needs {wanted[0]!r}",
                advice=f"Say {wanted[0]} = ... in that table of the settings.",
            )
    return feeds
