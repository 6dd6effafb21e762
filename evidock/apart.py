"""Keeping simulated footage and evidence apart.

One rule: a home keeps the one or the other, from its first moment to its last.  A home of simulated
cameras says so in the origin of its log, and so in every checkpoint and receipt; in the keys of its
objects; and in its station's name, which stands on the board and beside every clip.
"""

from __future__ import annotations

from evidence import durable
from evidence.errors import SetupError
from evidence.settings import Settings
from evidock.cards import Cards
from evidock.home import Home

AGENCY, ORIGIN, STATION = "simulation", "evidock.invalid/simulation", "SIMULATION 模拟"
_SETTINGS = f"""\
# A home of simulated cameras.  What it keeps is evidence of nothing, and its log says so.
[agency]
name = "{AGENCY}"
origin = "{ORIGIN}"

[station]
name = "{STATION}"
"""
_MARK = (
    "Footage in this home comes from simulated cameras (`evidock simulate`). It is no evidence.\n"
)
_NEW_ONE = "Give a new folder with --home."


def prepare(home: Home) -> None:
    """Make *home* one of simulated cameras, if it is new.  The caller holds its lock.

    SetupError if it is a home already and not one of those, or its settings hide what it is.
    """
    if not home.is_simulated:
        if not home.is_new:
            raise SetupError(
                f"{home.folder} is no home of simulated cameras: their footage is never mixed"
                " with what may be evidence",
                advice=_NEW_ONE,
            )
        if home.settings_file.exists():
            raise SetupError(
                f"{home.settings_file} was written for another home",
                advice=f"{_NEW_ONE} A home of simulated cameras gets settings of its own.",
            )
        durable.create(home.simulation, _MARK.encode("utf-8"))
    if not home.settings_file.exists():
        durable.create(home.settings_file, _SETTINGS.encode("utf-8"))
    home.prepare()
    _see_named(home.settings())


def keep_apart(home: Home, cards: Cards, settings: Settings) -> None:
    """SetupError if what would be docked does not belong into *home*."""
    if cards.simulated is not None and not home.is_simulated:
        raise SetupError(f"{home.folder} is no home of simulated cameras", advice=_NEW_ONE)
    if not home.is_simulated:
        _see_unmarked(home, settings)
        return
    _see_named(settings)
    is_real = cards.simulated is None and settings.station.usb
    if is_real or settings.axis.enabled or cards.root.resolve() != home.docks.resolve():
        raise SetupError(
            f"{home.folder} is a home of simulated cameras: real cards are never docked there",
            advice="Dock them in a home of their own, with another --home.",
        )


def see_takes_imports(home: Home) -> None:
    """SetupError if *home* is one of simulated cameras: what people hand in is real."""
    if home.is_simulated:
        raise SetupError(
            f"{home.folder} is a home of simulated cameras: nothing is ever imported there",
            advice="Import into a home of its own, with another --home.",
        )


def _see_unmarked(home: Home, settings: Settings) -> None:
    """SetupError if *home* lost the mark of a simulation, and its log is one's."""
    if settings.agency.origin == ORIGIN:
        raise SetupError(
            f"{home.folder} has no {home.simulation.name} any more, and its log is of simulated"
            " cameras",
            advice=f"Put {home.simulation.name} back; a home of real footage has another origin.",
        )


def _see_named(settings: Settings) -> None:
    """SetupError if the names that tell a simulation were changed, or its store is a shared one."""
    named = (settings.agency.name, settings.agency.origin, settings.station.name)
    if named != (AGENCY, ORIGIN, STATION):
        raise SetupError(
            f"a home of simulated cameras has the agency {AGENCY!r}, the origin {ORIGIN!r} and the"
            f" station {STATION!r}, and its settings say {named}",
            advice="Leave these three as they were, in evidock.toml and in the environment.",
        )
    if settings.vault.kind != "embedded":
        raise SetupError(
            "a home of simulated cameras has a store of its own",
            advice='Leave [vault] kind = "embedded".',
        )
