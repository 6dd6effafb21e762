"""Draws, sheets and findings at the command line of a running home.

One rule: whoever acts signs in; what only shows is the owner's to see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

import msgspec

from archive.catalogue import draws, found, reviewed, reviews
from archive.reviewing.committing import commit, confirmed
from archive.reviewing.file import file_of
from archive.service import Archive
from evidence.rights import Action
from evidence.sheet import Answered
from evidence.spoken import spoken
from evidence.wire import DrawCommitted, Message, SeedConfirmed
from evidock import control
from evidock.signing_in import signed_in

DRAW, SEED, CONFIRM, ABANDON = "review-draw", "review-seed", "review-confirm", "review-abandon"
STATUS, SHEET, FILE, FINDINGS = "review-status", "review-sheet", "review-file", "findings"
VOID = "review-void"
_MOST = 200
_NUMBER = re.compile(r"[0-9]{1,16}")


def review_operations(archive: Archive) -> Mapping[str, control.Operation]:
    """What a running home answers."""
    run, desk = archive.books.catalogue.run, archive.desk

    async def draw(request: Mapping[str, object]) -> control.Answer:
        wanted = msgspec.convert(request["wanted"], DrawCommitted)
        async with signed_in(archive, request, Action.COMMIT_DRAW) as person:
            return _shown(await commit(desk.catalogue, desk.reviews, person, wanted))

    async def seed(request: Mapping[str, object]) -> control.Answer:
        async with signed_in(archive, request, Action.SEED_DRAW) as person:
            which = str(request["draw"])
            await run(draws.seed, person, which, str(request["value"]))
            return _shown(await run(found.draw, which))

    async def confirm(request: Mapping[str, object]) -> control.Answer:
        told = msgspec.convert(
            {name: request.get(name) for name in ("value", "drawn_at")}, SeedConfirmed
        )
        async with signed_in(archive, request, Action.SEED_DRAW) as person:
            which = str(request["draw"])
            await run(draws.confirm, person, which, confirmed(told), desk.reviews.within)
            return _shown(await run(found.draw, which))

    async def abandon(request: Mapping[str, object]) -> control.Answer:
        async with signed_in(archive, request, Action.COMMIT_DRAW) as person:
            which = str(request["draw"])
            await run(draws.abandon, person, which, spoken("reason", str(request["reason"])))
            return _shown(await run(found.draw, which))

    acts = {DRAW: draw, SEED: seed, CONFIRM: confirm, ABANDON: abandon}
    return {**acts, **_of_reviews(archive), **_looks(archive)}


def _of_reviews(archive: Archive) -> Mapping[str, control.Operation]:
    """What becomes of one clip that was drawn."""
    run = archive.books.catalogue.run

    async def sheet(request: Mapping[str, object]) -> control.Answer:
        answers = [
            msgspec.structs.replace(each, note=each.note.strip())
            for each in msgspec.convert(request["answers"], list[Answered])
        ]
        async with signed_in(archive, request, Action.FILL_SHEET) as person:
            review = str(request["review"])
            await run(reviews.fill, person, review, answers)
            return _shown(await run(reviewed.shown, review, person))

    async def void(request: Mapping[str, object]) -> control.Answer:
        reason = spoken("reason", str(request["reason"]))
        async with signed_in(archive, request, Action.COMMIT_DRAW) as person:
            review = str(request["review"])
            await run(reviews.void, person, review, str(request["code"]), reason)
            return _shown(await run(reviewed.shown, review, person))

    return {SHEET: sheet, VOID: void}


def _looks(archive: Archive) -> Mapping[str, control.Operation]:
    """What only shows."""
    run, desk = archive.books.catalogue.run, archive.desk

    async def status(request: Mapping[str, object]) -> control.Answer:
        return _shown(await run(found.draws_made, _after(request), _MOST))

    async def file(request: Mapping[str, object]) -> control.Answer:
        made = await file_of(
            str(request["draw"]), desk.catalogue, desk.log, desk.sequencer, desk.witnesses
        )
        return {"file": made.to_bytes().decode("utf-8")}

    async def findings(request: Mapping[str, object]) -> control.Answer:
        closed = None if request.get("all") else False
        made = await run(found.findings_made, _after(request), _MOST, closed=closed)
        return _shown(made)

    return {STATUS: status, FILE: file, FINDINGS: findings}


def _after(request: Mapping[str, object]) -> str:
    """Where the page before ended: a number, or nothing."""
    after = str(request.get("after") or "")
    if after and not _NUMBER.fullmatch(after):
        raise ValueError(f"after: {after[:40]!r} is nothing that a page said")
    return after


def _shown(made: Message) -> control.Answer:
    return cast("dict[str, object]", msgspec.to_builtins(made))
