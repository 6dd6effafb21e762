"""What the owner of a home may ask and tell about the witnesses of its log, running or at rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict

from archive.books import Books
from archive.resuming import resume_at_rest
from archive.service import Archive
from evidence.clock import SystemClock
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running

STATUS, REQUEST, ANSWER, RESUME = (
    "witnesses",
    "witnesses-request",
    "witnesses-answer",
    "witnesses-resume",
)


def witness_operations(archive: Archive | Books) -> Mapping[str, control.Operation]:
    """The operations on the log of *archive*."""
    witnesses = archive.witnesses

    async def status(_request: Mapping[str, object]) -> control.Answer:
        return {
            "witnesses": [asdict(state) for state in witnesses.states()],
            "stopped": witnesses.halt.why,
            "problems": witnesses.problems(),
        }

    async def request(asked: Mapping[str, object]) -> control.Answer:
        since = asked.get("since")
        number = None if since is None else int(str(since))
        made = await asyncio.to_thread(witnesses.request, str(asked["witness"]), number)
        return {"request": made.body.decode()}

    async def answer(asked: Mapping[str, object]) -> control.Answer:
        said = await asyncio.to_thread(witnesses.answered, str(asked["note"]).encode())
        names = {each.key: each.name for each in witnesses.policy.witnesses.values()}
        return {
            "size": said.checkpoint.size,
            "cosigned_by": [names[each.witness] for each in said.cosignatures],
            "quorum": said.is_quorum,
        }

    async def resume(_request: Mapping[str, object]) -> control.Answer:
        return {
            "stopped": await archive.resume_log(),
            "by_hand": witnesses.by_hand,
            "problems": witnesses.problems(),
        }

    return {STATUS: status, REQUEST: request, ANSWER: answer, RESUME: resume}


def ask_home(home: Home, op: str, **arguments: object) -> Mapping[str, object]:
    """What *home* answers to *op*, whether it runs or rests."""
    told = ask_if_running(home, op, **arguments)
    return asyncio.run(_at_rest(home, op, arguments)) if told is None else told


async def _at_rest(home: Home, op: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
    settings, clock = home.settings(), SystemClock()
    with home.locked():
        resumed = None
        if op == RESUME:  # books of a stopped log that has something to sign for do not open
            resumed = await resume_at_rest(settings, home.archive, clock)
        async with Archive.at_rest(settings, home.archive, clock) as books:
            told = await witness_operations(books)[op](arguments)
            return told if resumed is None else {**told, "stopped": resumed.why}
