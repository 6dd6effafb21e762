"""Which recording a sidecar accompanies: its track (``.gps``, ``.nmea``), its log, its thumbnail.

One rule: names decide, by the grammar of the card's profile, and only where they leave no doubt.
It is a claim like all that names tell; the sidecar is kept as a clip of its own, whatever it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence

from evidence.names import last_part
from ingest.source import Listed, Sort
from station.claims import CardReader

_Mark = Callable[[Listed], Hashable | None]


def accompanied(reader: CardReader, listing: Sequence[Listed]) -> Mapping[bytes, bytes]:
    """Path of a companion -> path of the one recording of *listing* that it accompanies.

    That is the recording of its own folder with the same name but for the ending; else the one of
    its folder, and else of the card, whose name tells the same camera, wearer and start: so a mark
    of importance (``_IMP``), or a folder for tracks, parts no two.
    """
    files = [listed for listed in listing if listed.sort is Sort.FILE]
    companions = [listed for listed in files if reader.is_companion(listed)]
    recordings = [listed for listed in files if not reader.is_companion(listed)]
    found: dict[bytes, bytes] = {}
    for mark in (_stem, _told_here(reader), _told(reader)):
        by_mark = defaultdict[Hashable, list[bytes]](list)
        for each in recordings:
            by_mark[mark(each)].append(each.path)
        for each in companions:
            same = by_mark.get(mark(each), []) if mark(each) is not None else []
            if each.path not in found and len(same) == 1:
                found[each.path] = same[0]
    return found


def _stem(listed: Listed) -> Hashable:
    stem = last_part(listed.path).rpartition(b".")[0].lower()
    return (_folder(listed), stem) if stem else None


def _told(reader: CardReader) -> _Mark:
    def mark(listed: Listed) -> Hashable | None:
        claims = reader.claims(listed)
        if claims.started is None:  # then a name tells no recording from another
            return None
        return claims.camera, claims.officer, claims.started

    return mark


def _told_here(reader: CardReader) -> _Mark:
    told = _told(reader)

    def mark(listed: Listed) -> Hashable | None:
        return None if told(listed) is None else (_folder(listed), told(listed))

    return mark


def _folder(listed: Listed) -> bytes:
    return listed.path.rpartition(b"/")[0]
