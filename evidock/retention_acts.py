"""What people propose and agree to about shorter dates, at the command line of a running home.

One rule: whoever types signs in with a name and password of their own, as at the player, and has
the rights of that account; that the home is theirs gives nobody a second voice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import msgspec

from archive.catalogue import proposals
from archive.service import Archive
from evidence.digest import Sha256
from evidence.rights import Action
from evidence.settings import ArchiveSettings
from evidence.wire import ProposalShown
from evidock import control
from evidock.signing_in import signed_in

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


def _shown(made: ProposalShown) -> control.Answer:
    return cast("dict[str, object]", msgspec.to_builtins(made))
