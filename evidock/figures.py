"""Figures of a home, whether it runs or rests: as a table, for others, or held against its log.

Whoever may open the home may see all of its figures; people are asked who they are by the player.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

import msgspec

from archive.books import Books
from archive.catalogue import open_figures, statistics
from archive.catalogue.statistics import Asked, shown
from archive.rebuild.source import VaultSource
from archive.recount import Side, recounted
from archive.service import Archive
from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.settings import Settings
from evidence.statistics.periods import By, Span, day_at
from evidence.statistics.suppression import DEFAULT_K, Told
from evidence.vault import Vault
from evidence.wire import RateShown, StatisticsShown
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running
from evidock.vaults import open_vault

FIGURES, OPEN, CHECK = "statistics", "statistics-open", "statistics-check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked on the command line."""

    first: str | None = None
    last: str | None = None
    by: str = By.MONTH.value
    unit: str | None = None
    officer: str | None = None
    k: int | None = None
    """For others: the fewest officers and clips that may be told of."""

    def asked(self, settings: Settings) -> Asked:
        """The same for the catalogue; SetupError for days or ways that are none."""
        minutes = settings.archive.utc_offset_minutes
        today = day_at(SystemClock().now(), minutes)
        first = self.first or today.replace(day=1).isoformat()
        try:
            span = Span.told(first, self.last or today.isoformat(), minutes)
            return Asked(span=span, by=By(self.by), unit=self.unit, officer=self.officer)
        except ValueError as error:
            raise _not_understood(error) from error


def ask(home: Home, wanted: Wanted) -> StatisticsShown:
    """The figures."""
    return msgspec.convert(_ask(home, FIGURES, wanted), StatisticsShown)


def ask_open(home: Home, wanted: Wanted) -> Told:
    """Counts for others."""
    return msgspec.convert(_ask(home, OPEN, wanted), Told)


def ask_check(home: Home, wanted: Wanted) -> Mapping[str, object]:
    """The figures of the tables beside those that the log tells, as JSON."""
    found = ask_if_running(home, CHECK, **asdict(wanted))
    return asyncio.run(_checked_at_rest(home, wanted)) if found is None else found


def figures_operations(
    archive: Archive, vault: Vault, settings: Settings
) -> Mapping[str, control.Operation]:
    """What a running home answers."""

    async def figures(request: Mapping[str, object]) -> control.Answer:
        return await _figures(archive.books, _wanted(request).asked(settings))

    async def for_others(request: Mapping[str, object]) -> control.Answer:
        wanted = _wanted(request)
        return await _for_others(archive.books, wanted.asked(settings), wanted.k)

    async def check(request: Mapping[str, object]) -> control.Answer:
        span = _wanted(request).asked(settings).span
        return await _checked(archive.books, vault, settings, span)

    return {FIGURES: figures, OPEN: for_others, CHECK: check}


def _wanted(request: Mapping[str, object]) -> Wanted:
    return msgspec.convert(request, Wanted)


def _ask(home: Home, op: str, wanted: Wanted) -> Mapping[str, object]:
    found = ask_if_running(home, op, **asdict(wanted))
    return asyncio.run(_at_rest(home, op, wanted)) if found is None else found


async def _at_rest(home: Home, op: str, wanted: Wanted) -> Mapping[str, object]:
    settings = home.settings()
    asked = wanted.asked(settings)
    with home.locked():
        async with Archive.at_rest(settings, home.archive, SystemClock()) as books:
            if op == FIGURES:
                return await _figures(books, asked)
            return await _for_others(books, asked, wanted.k)


async def _checked_at_rest(home: Home, wanted: Wanted) -> Mapping[str, object]:
    settings, clock = home.settings(), SystemClock()
    span = wanted.asked(settings).span
    with home.locked():
        async with (
            open_vault(home, settings, clock, proven=False) as vault,
            Archive.at_rest(settings, home.archive, clock) as books,
        ):
            return await _checked(books, vault.vault, settings, span)


async def _figures(books: Books, asked: Asked) -> Mapping[str, object]:
    found = shown(await books.catalogue.ask(statistics.statistics, asked))
    return cast("Mapping[str, object]", msgspec.to_builtins(found))


async def _for_others(books: Books, asked: Asked, k: int | None) -> Mapping[str, object]:
    try:
        told = await books.catalogue.ask(open_figures.told, asked, k or DEFAULT_K)
    except ValueError as error:
        raise _not_understood(error) from error
    return {"rows": [[name, cells] for name, cells in told.rows], "total": told.total}


async def _checked(
    books: Books, vault: Vault, settings: Settings, span: Span
) -> Mapping[str, object]:
    agency = settings.agency.name
    found = await recounted(books, VaultSource(vault, agency), agency, span)
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "entries": found.entries,
        "log": _side(found.log),
        "tables": _side(found.tables),
        "differences": list(found.differences),
        "unopened": list(found.unopened),
        "undated": found.undated,
    }


def _side(side: Side) -> Mapping[str, object]:
    rates = {measure.value: RateShown.of(rate) for measure, rate in side.rates.items()}
    return {"clips": side.clips, "bytes": side.size, "rates": msgspec.to_builtins(rates)}


def _not_understood(error: ValueError) -> SetupError:
    return SetupError(
        str(error), advice="See evidock statistics --help; docs/statistics.md has the formulas."
    )
