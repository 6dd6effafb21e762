"""Leaving: what becomes of a clip whose card is not at the dock any more.

One rule: what was copied so far is kept, and the journal says how much that is.
"""

from __future__ import annotations

from evidence.errors import CardGone
from station.journal.records import ClipRecord
from station.shop import Shop
from station.supervision import in_words


async def card_left(shop: Shop, held: ClipRecord) -> None:
    """The card of *held* is not here: if the clip still needs it, it is partial from now on."""
    if not held.standing_on_card or held.id in shop.in_work:
        return
    mark = shop.staging.mark(held.id)
    got = 0 if mark is None else mark.length
    problem = in_words(CardGone(f"the card left with {got:,} of {held.size:,} bytes copied"))
    await shop.desk.tell(
        lambda journal: journal.partial(held.id, reason="card-gone", problem=problem, got=got)
    )
