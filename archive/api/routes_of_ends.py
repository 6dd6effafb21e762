"""The routes by which footage comes to its end: what is kept for less, and what is destroyed.

One rule: none that destroys is about more than one clip.
"""

from __future__ import annotations

from archive.api import disposal, shortening
from archive.api.route import Route, Who
from evidence import wire
from evidence.rights import Action

ROUTES_OF_ENDS = (
    Route(
        method="GET",
        path="/v1/disposal/queue",
        handler=disposal.queue,
        who=Who.PERSON,
        gives=wire.QueuePage,
        action=Action.SEE_DISPOSALS,
        query=("of", "after", "limit"),
    ),
    Route(
        method="GET",
        path="/v1/proposals",
        handler=disposal.proposals_made,
        who=Who.PERSON,
        gives=wire.ProposalPage,
        action=Action.SEE_DISPOSALS,
        query=("of", "clip", "after", "limit"),
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/disposal",
        handler=disposal.propose,
        who=Who.PERSON,
        takes=wire.DisposalWanted,
        gives=wire.ProposalShown,
        action=Action.PROPOSE_DISPOSAL,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/proposals/{proposal}/approve",
        handler=disposal.approve,
        who=Who.PERSON,
        gives=wire.ProposalShown,
        action=Action.APPROVE_PROPOSAL,
    ),
    Route(
        method="POST",
        path="/v1/proposals/{proposal}/withdraw",
        handler=disposal.withdraw,
        who=Who.PERSON,
        takes=wire.ProposalWithdrawn,
        gives=wire.ProposalShown,
        action=Action.WITHDRAW_PROPOSAL,
    ),
    Route(
        method="GET",
        path="/v1/retention/impact",
        handler=shortening.impact_now,
        who=Who.PERSON,
        gives=wire.ImpactPage,
        action=Action.SEE_DISPOSALS,
        query=("after",),
    ),
    Route(
        method="POST",
        path="/v1/retention/shortening",
        handler=shortening.shorten_list,
        who=Who.PERSON,
        takes=wire.ShorteningWanted,
        gives=wire.ProposalShown,
        action=Action.PROPOSE_SHORTENING,
        status=201,
    ),
    Route(
        method="POST",
        path="/v1/clips/{clip}/shortening",
        handler=shortening.shorten_clip,
        who=Who.PERSON,
        takes=wire.ClipShorteningWanted,
        gives=wire.ProposalShown,
        action=Action.PROPOSE_SHORTENING,
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/proposals/{proposal}/impact",
        handler=shortening.impact_of,
        who=Who.PERSON,
        gives=wire.ImpactPage,
        action=Action.SEE_DISPOSALS,
        query=("after",),
    ),
)
