"""Messages between station, archive and player: the archive's HTTP API, as types.

JSON on the wire; unknown fields are refused, so a spelling mistake is an error and not a silence.
Times are RFC 3339 UTC text, digests 64 hexadecimal digits, sizes bytes.  Each message names its
route; the archive's ``/v1/openapi.json`` is generated from these types.
"""

from __future__ import annotations

from evidence.wire.clips import (
    ClipDetail,
    ClipPage,
    ClipReceipt,
    ClipSummary,
    EntryShown,
    HintShown,
    ImportShown,
    IncidentPage,
    IncidentRef,
    IncidentShown,
    QualityShown,
)
from evidence.wire.disposal import (
    DisposalWanted,
    ProposalPage,
    ProposalShown,
    ProposalWithdrawn,
    QueuedClip,
    QueuePage,
)
from evidence.wire.fleet import (
    CameraShown,
    CameraState,
    FleetPage,
    StateHeard,
    StationShown,
    StationState,
)
from evidence.wire.intake import (
    Archived,
    ClipOffer,
    IntakeAnswer,
    OpeningSent,
    PartSent,
    PartsGrant,
    PartWanted,
    UploadDone,
    VaultFacts,
)
from evidence.wire.law import (
    CaseClosed,
    CaseOfClip,
    CasePage,
    CaseShown,
    CategoryShown,
    ClassifiedShown,
    Classify,
    ClosingShown,
    HoldLifted,
    HoldShown,
    HoldWanted,
    LawShown,
    PackShown,
)
from evidence.wire.links import EventGroups, GroupedClip, LinkPart, LinkShown
from evidence.wire.message import Message, Problem, WireRequest
from evidence.wire.people import PersonShown, Session, SignIn
from evidence.wire.playback import PlaybackRefusal, PlaybackRefused, Provenance, ProvenEntry
from evidence.wire.release import ReleaseGranted, ReleaseWanted
from evidence.wire.renditions import (
    DerivedObject,
    RenditionAnswer,
    RenditionCheck,
    RenditionOffer,
    RenditionShown,
)
from evidence.wire.service import Health
from evidence.wire.shortening import (
    ClipShorteningWanted,
    ImpactPage,
    ShorteningWanted,
    ShorterShown,
)
from evidence.wire.stations import (
    EnrolStation,
    JournalAccepted,
    JournalPush,
    StationAct,
    StationEnrolled,
    Successions,
)
from evidence.wire.views import ThumbnailGrant, ThumbnailsWanted, WatchGrant, WatchRequest

__all__ = [
    "Archived",
    "CameraShown",
    "CameraState",
    "CaseClosed",
    "CaseOfClip",
    "CasePage",
    "CaseShown",
    "CategoryShown",
    "ClassifiedShown",
    "Classify",
    "ClipDetail",
    "ClipOffer",
    "ClipPage",
    "ClipReceipt",
    "ClipShorteningWanted",
    "ClipSummary",
    "ClosingShown",
    "DerivedObject",
    "DisposalWanted",
    "EnrolStation",
    "EntryShown",
    "EventGroups",
    "FleetPage",
    "GroupedClip",
    "Health",
    "HintShown",
    "HoldLifted",
    "HoldShown",
    "HoldWanted",
    "ImpactPage",
    "ImportShown",
    "IncidentPage",
    "IncidentRef",
    "IncidentShown",
    "IntakeAnswer",
    "JournalAccepted",
    "JournalPush",
    "LawShown",
    "LinkPart",
    "LinkShown",
    "Message",
    "OpeningSent",
    "PackShown",
    "PartSent",
    "PartWanted",
    "PartsGrant",
    "PersonShown",
    "PlaybackRefusal",
    "PlaybackRefused",
    "Problem",
    "ProposalPage",
    "ProposalShown",
    "ProposalWithdrawn",
    "ProvenEntry",
    "Provenance",
    "QualityShown",
    "QueuePage",
    "QueuedClip",
    "ReleaseGranted",
    "ReleaseWanted",
    "RenditionAnswer",
    "RenditionCheck",
    "RenditionOffer",
    "RenditionShown",
    "Session",
    "ShorteningWanted",
    "ShorterShown",
    "SignIn",
    "StateHeard",
    "StationAct",
    "StationEnrolled",
    "StationShown",
    "StationState",
    "Successions",
    "ThumbnailGrant",
    "ThumbnailsWanted",
    "UploadDone",
    "VaultFacts",
    "WatchGrant",
    "WatchRequest",
    "WireRequest",
]
