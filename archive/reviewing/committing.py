"""A draw as somebody wants it, put on record; at the archive's door and at a terminal alike.

One rule: nothing here knows who carries the answer, so what is refused is refused in words.
"""

from __future__ import annotations

from datetime import datetime

from archive.catalogue import draws, found
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.draws import Confirmed, DrawWanted
from archive.catalogue.people import account
from archive.reviewing.terms import ReviewTerms
from evidence.clock import stamp, unstamp
from evidence.draw_seed import SeedKind, SeedRule
from evidence.drawing import Rules
from evidence.errors import NotKnown
from evidence.rights import Action, Allowed, decide
from evidence.spoken import spoken
from evidence.wire import DrawCommitted, DrawShown, SeedConfirmed

_NO_TIME = "1970-01-01T00:00:00.000Z"


async def commit(
    catalogue: Catalogue, terms: ReviewTerms, person: str, asked: DrawCommitted
) -> DrawShown:
    """As *person* wants it; ValueError for what cannot be drawn, and errors as ``draws.commit``."""
    return await catalogue.run(_committed, terms, person, asked)


def confirmed(told: SeedConfirmed) -> Confirmed:
    """What a second person enters; ValueError for a time that is none."""
    when = None if told.drawn_at is None else stamp(unstamp(told.drawn_at))
    return Confirmed(value=told.value, drawn_at=when)


def _committed(tx: Transaction, terms: ReviewTerms, person: str, asked: DrawCommitted) -> DrawShown:
    template = terms.sheet(asked.sheet)
    wanted = DrawWanted(
        purpose=spoken("purpose", asked.purpose),
        rules=Rules(
            since=stamp(unstamp(asked.since)),
            until=stamp(unstamp(asked.until)),
            station=asked.station,
            category=asked.category,
            per=asked.per,
            size=asked.size,
            recheck=asked.recheck,
            sheet=template.sha256,
            owner=_owner(tx, asked.owner, person),
            seed=SeedRule.of(asked.seed, asked.which, _due(asked)),
        ),
        sheet=template,
        patience=terms.patience,
        redoes=asked.redoes,
        redo_reason=None if asked.redo_reason is None else spoken("reason", asked.redo_reason),
    )
    return found.draw(tx, draws.commit(tx, person, wanted))


def _due(asked: DrawCommitted) -> datetime:
    """When the numbers will be drawn; the other kinds have a time of their own."""
    if (asked.due is not None) != (asked.seed == SeedKind.PUBLIC.value):
        raise ValueError("due: say when the numbers will be drawn, of a public seed and no other")
    return unstamp(asked.due or _NO_TIME)


def _owner(tx: Transaction, name: str | None, person: str) -> str:
    """Id of who answers for what is found; NotKnown for somebody who cannot answer."""
    if name is None:
        return person
    known = account(tx, name)
    if known is None or not isinstance(decide(known.subject, Action.ANSWER_FINDING), Allowed):
        raise NotKnown(f"nobody called {name[:80]!r} can answer a finding")
    return known.id
