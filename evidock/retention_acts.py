"""What people propose and agree to about shorter dates, at the command line of a running home.

One rule: whoever types signs in with a name and password of their own, as at the player, and has
the rights of that account; that the home is theirs gives nobody a second voice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast

import msgspec

from archive.catalogue import proposals
from archive.people import LockedOut, SignedIn
from archive.service import Archive
from evidence.digest import Sha256
from evidence.errors import Refused
from evidence.rights import Action, Denied, decide
from evidence.settings import ArchiveSettings
from evidence.wire import ProposalShown
from evidock import control

IMPACT = "retention-impact"
PROPOSE = "retention-propose"
APPROVE = "retention-approve"
WITHDRAW = "retention-withdraw"


def agreeing_operations(
    archive: Archive, chosen: ArchiveSettings
) -> Mapping[str, control.Operation]:
    """What a running home answers; proposals of any act may be approved and withdrawn here."""
    run = archive.books.catalogue.run
    restore = timedelta(days=chosen.restore_days)

    async def impact(request: Mapping[str, object]) -> control.Answer:
        proposal = request.get("proposal")
        found = await (
            archive.shortening.impact_now()
            if proposal is None
            else archive.shortening.impact_of(str(proposal))
        )
        told = cast("dict[str, object]", msgspec.to_builtins(found))
        return {**told, "sha256": Sha256.of(found.to_bytes()).hex}

    async def propose(request: Mapping[str, object]) -> control.Answer:
        async with signed_in(archive, request, Action.PROPOSE_SHORTENING) as person:
            told = str(request["impact"]), str(request["reason"])
            return _shown(await archive.shortening.propose(person, *told))

    async def approve(request: Mapping[str, object]) -> control.Answer:
        async with signed_in(archive, request, Action.APPROVE_PROPOSAL) as person:
            return _shown(await run(proposals.approve, person, str(request["proposal"]), restore))

    async def withdraw(request: Mapping[str, object]) -> control.Answer:
        async with signed_in(archive, request, Action.WITHDRAW_PROPOSAL) as person:
            told = str(request["proposal"]), str(request["reason"])
            return _shown(await run(proposals.withdraw, person, *told))

    return {IMPACT: impact, PROPOSE: propose, APPROVE: approve, WITHDRAW: withdraw}


@asynccontextmanager
async def signed_in(
    archive: Archive, request: Mapping[str, object], action: Action
) -> AsyncIterator[str]:
    """The id of the person who typed it, signed in for this act; Refused without the right."""
    people = archive.books.people
    told = await people.sign_in(str(request["name"]), str(request["password"]))
    if not isinstance(told, SignedIn):
        why = "too many tries under this name" if isinstance(told, LockedOut) else "wrong"
        raise Refused(f"name and password: {why}", advice="Nothing was done.")
    try:
        decision = decide(told.account.subject, action)
        if isinstance(decision, Denied):
            raise Refused(decision.reason, advice="Nothing was done.")
        yield told.account.id
    finally:
        await people.sign_out(told.token, told.account.id)


def _shown(made: ProposalShown) -> control.Answer:
    return cast("dict[str, object]", msgspec.to_builtins(made))
