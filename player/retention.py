"""How long a clip is kept, and what people say that it is: the card on its page."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.clock import unstamp
from evidence.retention import FOR_EVER
from evidence.rights import Action
from evidence.wire import ClipDetail, LawShown
from player.languages import Language
from player.places import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A category as a reader chooses it."""

    id: str
    title: str
    is_said: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the page shows of a clip's retention."""

    until: str | None
    """None: for ever."""
    rule: str
    law: str
    """The title of the law pack that counts here."""
    is_classified: bool
    choices: tuple[Choice, ...]
    may_say: bool
    may_hold: bool
    may_lift: bool
    may_close: bool
    problem: str | None
    """Why what was just said was not taken: ``shorter`` or ``unknown``."""


def card(
    clip: ClipDetail, law: LawShown, who: Reader, words: Language, problem: str | None
) -> Card:
    """The card of *clip* for this reader."""
    chinese = words.code == "zh"
    said = set(clip.categories or ())
    choices = [
        Choice(id=each.id, title=each.title_zh if chinese else each.title, is_said=each.id in said)
        for each in law.categories
    ]
    unknown = sorted(said - {each.id for each in law.categories})
    choices += [Choice(id=name, title=name, is_said=True) for name in unknown]
    until = clip.retain_until
    for_ever = until is None or unstamp(until) >= FOR_EVER
    return Card(
        until=None if for_ever else until,
        rule=clip.retain_rule or "",
        law=law.packs[0].title_zh if chinese else law.packs[0].title,
        is_classified=clip.categories is not None,
        choices=tuple(choices),
        may_say=who.may(Action.CLASSIFY_CLIP, clip.summary.officer),
        may_hold=who.may(Action.HOLD_CLIP),
        may_lift=who.may(Action.LIFT_HOLD),
        may_close=who.may(Action.CLOSE_CASE),
        problem=problem,
    )
