"""What entries commit to, and what opens that: the words themselves never stand in an entry.

One rule: an entry holds commitments alone; the openings stay in the journal's own tables.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from evidence.commitment import Opening
from station.journal.records import Openings


def opened(words: Mapping[str, str | None]) -> Openings:
    """Fresh openings of *words*, by name; nothing for those that are None."""
    return {name: Opening.fresh(word) for name, word in words.items() if word is not None}


def commitments(openings: Openings) -> Mapping[str, str]:
    """What an entry may hold of the values in *openings*."""
    return {name: held.commitment.hex for name, held in openings.items()}


def sealed(openings: Openings) -> bytes:
    """*openings* as a column holds them: JSON."""
    return msgspec.json.encode({name: each.to_wire() for name, each in openings.items()})


def unsealed(column: bytes | None) -> Openings:
    """The openings that :func:`sealed` put into *column*; none where there are none."""
    held = msgspec.json.decode(column or b"{}", type=dict[str, dict[str, str]])
    return {name: Opening.from_wire(each) for name, each in held.items()}
