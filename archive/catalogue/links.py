"""Which clips and which incidents belong together, by the rule in :mod:`evidence.linking`.

Each verb brings the stored links of the clips that may be concerned to what the rule says now.  It
runs in the transaction of whatever arrived or changed, so every order of arrival ends in the same
links and a second run adds nothing.  What people said of a link stays, whatever the rule says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.falling import let_fall_with_case
from archive.catalogue.linkable import (
    JOINED,
    clips,
    incident_span,
    known,
    of_camera,
    shifted,
    touched,
    worn_by,
)
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.clock import stamp, unstamp
from evidence.custody import EntryKind
from evidence.linking import (
    LONGEST_RECORDING,
    ClipSpan,
    IncidentSpan,
    Link,
    Standing,
    judged,
    written,
)

_AROUND = 2 * JOINED
"""What must be known around a clip to know which recording it is part of."""
_BY_RULE = frozenset({Standing.PROPOSED.value, Standing.AUTOMATIC.value})
_AT_ONCE = 200


def link_clip(tx: Transaction, clip: str, buffer: timedelta) -> None:
    """Link *clip*, of which something has just become known, and what is one recording with it."""
    row = tx.session.get_one(ClipRow, clip)
    if row.begins is None or row.camera_key is None:
        _settle(tx, [clip], [])
        return
    begin = unstamp(row.begins)
    first, last = shifted(begin, -JOINED - _AROUND), shifted(begin, 2 * _AROUND)
    around = of_camera(tx, row.camera_key, first, last)
    near = {each.clip for each in around if -JOINED <= each.begin - begin <= _AROUND}
    found = judged(around, known(tx, around, buffer), buffer)
    _settle(tx, sorted(near), [link for link in found if link.clip in near])


def link_incident(
    tx: Transaction, incident: str, buffer: timedelta, was: IncidentSpan | None = None
) -> None:
    """Link *incident*, which is new, has just changed, or was withdrawn.

    *was*: what was known of it before, where that has changed; see
    :func:`archive.catalogue.linkable.incident_span`.
    """
    now = incident_span(tx.session.get_one(IncidentRow, incident))
    spans = [each for each in (now, was) if each is not None]
    concerned = touched(tx, spans, LONGEST_RECORDING + buffer, JOINED + buffer)
    held = select(LinkRow.clip).where(LinkRow.incident == incident)
    concerned |= set(tx.session.scalars(held))
    _let_go_of_withdrawn(tx, incident)
    _relink(tx, concerned, buffer)


def link_assignment(
    tx: Transaction, camera: str, since: str, until: str | None, buffer: timedelta
) -> None:
    """Link the clips of *camera* (folded) from *since* to *until* (stamps; None: for ever).

    To be run for the span that an assignment has now, and for the one that it had.
    """
    first = shifted(unstamp(since), -JOINED)
    wanted = select(ClipRow.id).where(ClipRow.camera_key == camera, ClipRow.begins >= stamp(first))
    if until is not None:
        wanted = wanted.where(ClipRow.begins <= stamp(shifted(unstamp(until), JOINED)))
    _relink(tx, tx.session.scalars(wanted).all(), buffer)


def link_duty(tx: Transaction, officer: str, since: str, until: str, buffer: timedelta) -> None:
    """Link the clips of *officer* (folded), and of cameras issued to that officer, of that time.

    To be run for the span that a duty has now, and for the one that it had.
    """
    first, last = shifted(unstamp(since), -JOINED), shifted(unstamp(until), JOINED)
    _relink(tx, worn_by(tx, {officer}, first, last), buffer)


def _relink(tx: Transaction, concerned: Collection[str], buffer: timedelta) -> None:
    """Bring the links of the clips that are *concerned* to what the rule says now."""
    wanted = sorted(set(concerned))
    for at in range(0, len(wanted), _AT_ONCE):
        some = wanted[at : at + _AT_ONCE]
        found = [
            link
            for turn in _turns(clips(tx, ClipRow.id.in_(some)))
            for link in _of_turn(tx, turn, buffer)
        ]
        _settle(tx, some, found)


def _settle(tx: Transaction, some: Sequence[str], found: Iterable[Link]) -> None:
    """Make the links of these clips those that were *found*, with all that follows from it."""
    _agree(tx, some, found)
    let_fall_with_case(tx, some)


def _turns(spans: Iterable[ClipSpan]) -> Iterator[list[ClipSpan]]:
    """The same clips, camera by camera, those together that are near in time."""
    cameras: dict[str, list[ClipSpan]] = defaultdict(list)
    for each in sorted(spans, key=lambda each: (each.begin, each.clip)):
        cameras[each.camera].append(each)
    for of_one in cameras.values():
        turn: list[ClipSpan] = []
        for each in of_one:
            if turn and each.begin - turn[-1].begin > _AROUND:
                yield turn
                turn = []
            turn.append(each)
        yield turn


def _of_turn(tx: Transaction, turn: Sequence[ClipSpan], buffer: timedelta) -> list[Link]:
    """The rule's links of the clips of a *turn*, judged among all that lie around them."""
    first = shifted(turn[0].begin, -_AROUND)
    last = shifted(turn[-1].begin, _AROUND)
    around = of_camera(tx, turn[0].camera, first, last)
    ids = {each.clip for each in turn}
    return [link for link in judged(around, known(tx, around, buffer), buffer) if link.clip in ids]


def _agree(tx: Transaction, some: Sequence[str], wanted: Iterable[Link]) -> None:
    """Make the stored links of these clips the *wanted* ones, with an entry for each change."""
    rows = tx.session.scalars(select(LinkRow).where(LinkRow.clip.in_(some))).all()
    stored = {(row.clip, row.incident): row for row in rows}
    links = {(new.clip, new.incident): new for new in wanted}
    for pair, row in sorted(stored.items()):
        if pair not in links and row.standing in _BY_RULE:
            _withdraw(tx, row)
    for pair, new in sorted(links.items()):
        held = stored.get(pair)
        if held is None or held.standing in _BY_RULE:
            _hold(tx, new, held)


def _hold(tx: Transaction, new: Link, row: LinkRow | None) -> None:
    parts = [part.to_wire() for part in new.parts]
    facts = {
        "reason": new.reason.value,
        "seconds_outside": new.seconds_outside,
        "standing": new.standing.value,
        "points": new.points,
    }
    columns = {**facts, "parts": written(parts)}
    if row is not None and all(getattr(row, name) == value for name, value in columns.items()):
        return
    entry = tx.record(
        EntryKind.LINKED, ARCHIVE, clip=new.clip, incident=new.incident, parts=parts, **facts
    )
    if row is None:
        row = LinkRow(clip=new.clip, incident=new.incident)
        tx.session.add(row)
    for name, value in columns.items():
        setattr(row, name, value)
    row.by_entry = entry
    tx.session.flush()


def _let_go_of_withdrawn(tx: Transaction, incident: str) -> None:
    """An incident that was withdrawn has no links by the rule.

    What people said of it stays, and counts again should the feed tell of it again.
    """
    if tx.session.get_one(IncidentRow, incident).withdrawn_entry is None:
        return
    rows = select(LinkRow).where(LinkRow.incident == incident, LinkRow.standing.in_(_BY_RULE))
    for row in tx.session.scalars(rows.order_by(LinkRow.clip)).all():
        _withdraw(tx, row, why="incident.withdrawn")
    tx.session.flush()


def _withdraw(tx: Transaction, row: LinkRow, why: str | None = None) -> None:
    """Put on record that the link in *row* is none any more; its row goes."""
    tx.record(
        EntryKind.LINKED,
        ARCHIVE,
        clip=row.clip,
        incident=row.incident,
        reason=row.reason,
        seconds_outside=row.seconds_outside,
        withdrawn=True,
        why=why,
    )
    tx.session.delete(row)
