"""How an archive's parts are put together.

One rule: nothing here opens anything or decides anything; it hands each piece what it works on.
"""

from __future__ import annotations

from datetime import timedelta

from archive.accountability.passing import Accounting
from archive.accountability.terms import CoverageTerms
from archive.api.desk import Desk
from archive.books import Books
from archive.catalogue.disposals import Rules
from archive.catalogue.moves import Which
from archive.derive.check import RenditionCheck
from archive.derive.hinting import QualityLook
from archive.derive.worker import Worker
from archive.derived import Renditions
from archive.disposal.noticing import Noticing
from archive.disposal.objects import Side
from archive.disposal.outside import OutsideClock
from archive.disposal.walking import Disposer
from archive.documents import Documents
from archive.dossiers import Dossiers
from archive.feeds.taking import Taking
from archive.feeds.works import Feeds
from archive.fitness import Fitness
from archive.intake import Intake, IntakeRules
from archive.leases import Renewer
from archive.log.key import statements
from archive.parts import ArchiveParts
from archive.release import Releases
from archive.retaining import Retaining
from archive.reviewing.chasing import Chasing
from archive.reviewing.terms import ReviewTerms
from archive.shortening import Shortening
from archive.timekeeping import ClockWatch
from archive.turns import Turns
from archive.upkeep import Upkeep
from evidence.disposal import DisposalTerms
from evidence.finding import FindingTerms
from evidence.law.rulebook import Rulebook
from evidence.vault.encryption import decided


def worker(parts: ArchiveParts, held: Books) -> Worker | None:
    """Who does the derived work here, if this process has the tools."""
    if parts.tools is None:
        return None
    check = RenditionCheck(
        catalogue=held.catalogue,
        vault=parts.vault,
        tools=parts.tools,
        folder=parts.scratch,
    )
    hinting = QualityLook(
        catalogue=held.catalogue,
        vault=parts.vault,
        tools=parts.tools,
        folder=parts.scratch,
    )
    return Worker(held.catalogue, parts.clock, [check, hinting])


def intake(parts: ArchiveParts, held: Books, rulebook: Rulebook, fitness: Fitness) -> Intake:
    """The way in, by the law in *rulebook*."""
    rules = IntakeRules(
        agency=parts.settings.agency.name,
        rulebook=rulebook,
        link_buffer=parts.link_buffer,
        single_put_max=parts.single_put_max,
        part_size=parts.part_size,
        encryption=decided(parts.settings.vault),
    )
    return Intake(held.catalogue, parts.vault, parts.clock, rules, fitness)


def renewer(parts: ArchiveParts, held: Books, watch: ClockWatch) -> Renewer:
    """Who keeps the locks ahead of their need."""
    return Renewer(
        catalogue=held.catalogue,
        vault=parts.vault,
        clock=parts.clock,
        watch=watch,
        agency=parts.settings.agency.name,
        length=timedelta(days=parts.settings.archive.lease_days),
    )


def retaining(parts: ArchiveParts, held: Books, rulebook: Rulebook, watch: ClockWatch) -> Retaining:
    """Who keeps the record in step with the law in *rulebook*."""
    return Retaining(
        catalogue=held.catalogue,
        vault=parts.vault,
        clock=parts.clock,
        watch=watch,
        agency=parts.settings.agency.name,
        rulebook=rulebook,
    )


def disposer(
    parts: ArchiveParts, held: Books, rulebook: Rulebook, watch: ClockWatch, turns: Turns
) -> Disposer:
    """Who destroys what two persons, the law and two clocks allow to go."""
    chosen, agency = parts.settings.archive, parts.settings.agency.name
    vaults = {Which.FIRST: parts.vault}
    if parts.second is not None:
        vaults[Which.SECOND] = parts.second.vault
    return Disposer(
        catalogue=held.catalogue,
        sides=[Side(which=which, vault=each, agency=agency) for which, each in vaults.items()],
        clock=parts.clock,
        watch=watch,
        outside=outside(held),
        rules=Rules(
            terms=DisposalTerms(
                notice=timedelta(days=chosen.notice_days),
                restore=timedelta(days=chosen.restore_days),
                per_mille=chosen.disposals_per_mille,
            ),
            book=rulebook,
        ),
        signed=held.signed,
        turns=turns,
    )


def noticing(parts: ArchiveParts, held: Books, watch: ClockWatch) -> Noticing:
    """Who tells people whose time ends: before it does, so that it may go when it has."""
    return Noticing(
        catalogue=held.catalogue,
        clock=parts.clock,
        watch=watch,
        ahead=timedelta(days=parts.settings.archive.notice_days),
        teller=parts.teller,
    )


def chasing(parts: ArchiveParts, held: Books, watch: ClockWatch) -> Chasing:
    """Who tells people of findings that are late."""
    chosen = parts.settings.findings
    return Chasing(
        catalogue=held.catalogue,
        clock=parts.clock,
        watch=watch,
        terms=FindingTerms.of(chosen.remind_days, chosen.escalate_days, chosen.escalate_to),
        teller=parts.finding_teller,
    )


def accounting(parts: ArchiveParts, held: Books, watch: ClockWatch) -> Accounting:
    """Who has people asked about footage that lacks."""
    return Accounting(
        catalogue=held.catalogue,
        clock=parts.clock,
        watch=watch,
        terms=CoverageTerms.of(parts.settings.coverage),
    )


def shortening(
    parts: ArchiveParts, held: Books, rulebook: Rulebook, watch: ClockWatch
) -> Shortening:
    """Who keeps footage for less, once two persons agreed and have waited."""
    return Shortening(
        catalogue=held.catalogue,
        vault=parts.vault,
        clock=parts.clock,
        watch=watch,
        agency=parts.settings.agency.name,
        rulebook=rulebook,
        outside=outside(held).time,
    )


def outside(held: Books) -> OutsideClock:
    """The clock that others show."""
    return OutsideClock(
        cosigned=held.witnesses.cosigned,
        policy=held.witnesses.policy,
        timestamps=held.timestamps,
    )


def feeds(parts: ArchiveParts, held: Books) -> Feeds:
    """Who hears what other systems tell; SetupError if the settings say it wrongly."""
    taking = Taking(catalogue=held.catalogue, buffer=parts.link_buffer)
    return Feeds(parts.settings, taking, parts.clock)


def documents(parts: ArchiveParts, held: Books, rulebook: Rulebook) -> Documents:
    """Takes documents of cases in, and gives them out."""
    return Documents(
        catalogue=held.catalogue,
        vault=parts.vault,
        clock=parts.clock,
        agency=parts.settings.agency.name,
        rulebook=rulebook,
        folder=parts.scratch,
    )


def dossiers(parts: ArchiveParts, held: Books, rulebook: Rulebook) -> Dossiers:
    """Makes versions of dossiers."""
    return Dossiers(
        catalogue=held.catalogue,
        vault=parts.vault,
        clock=parts.clock,
        agency=parts.settings.agency.name,
        rulebook=rulebook,
    )


def desk(
    parts: ArchiveParts,
    held: Books,
    taken: Intake,
    upkeep: Upkeep,
    *,
    going: Disposer,
    shorter: Shortening,
    told: Feeds,
) -> Desk:
    """What the API answers from."""
    agency, vault, buffer = parts.settings.agency.name, parts.vault, parts.link_buffer
    return Desk(
        agency=agency,
        clock=parts.clock,
        vault=vault,
        catalogue=held.catalogue,
        log=held.log,
        sequencer=held.sequencer,
        witnesses=held.witnesses,
        stations=held.stations,
        people=held.people,
        intake=taken,
        renditions=Renditions(held.catalogue, vault, agency, buffer),
        releases=Releases(held.catalogue, vault, parts.clock, taken),
        upkeep=upkeep,
        rulebook=going.rules.book,
        disposer=going,
        documents=documents(parts, held, going.rules.book),
        dossiers=dossiers(parts, held, going.rules.book),
        shortening=shorter,
        feeds=told,
        reviews=ReviewTerms.of(parts.settings.review),
        coverage=CoverageTerms.of(parts.settings.coverage),
        successions=tuple(each.decode() for each in statements(parts.folder)),
        public_log=parts.settings.archive.public_log,
    )
