"""Where law packs are found: those shipped, by their name, and an agency's own, by their file."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from evidence.errors import SetupError
from evidence.law.pack import LawPack
from evidence.law.rulebook import Rulebook
from evidence.settings import ArchiveSettings

_ENDING = ".toml"


def shipped() -> list[str]:
    """The names of the packs that come with the product, sorted.  Blocks."""
    names = (each.name for each in files("law_packs").iterdir())
    return sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING))


def pack(told: str) -> LawPack:
    """The pack that *told* names, or the file of one.  Blocks.

    SetupError if there is none, or it is no good.
    """
    if told in shipped():
        return LawPack.parse(files("law_packs").joinpath(told + _ENDING).read_bytes(), told)
    if not told.endswith(_ENDING):
        raise SetupError(
            f"there is no law pack {told!r}",
            advice=f"Name one of {', '.join(shipped())}, or a file that ends in {_ENDING}.",
        )
    try:
        return LawPack.parse(Path(told).read_bytes(), told)
    except OSError as error:
        raise SetupError(f"the law pack {told} cannot be read: {error.strerror}") from error


def rulebook(chosen: ArchiveSettings) -> Rulebook:
    """The rulebook of an archive with these settings.  Blocks.

    SetupError if a pack is no good, or two have the same name.
    """
    law = pack(chosen.law_pack)
    rule_sets = tuple(map(pack, chosen.rule_sets))
    names = [each.name for each in (law, *rule_sets)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise SetupError(
            f"two packs are called {', '.join(sorted(twice))}",
            advice="Give each rule set a name of its own: entries name rules by it.",
        )
    return Rulebook(
        law=law,
        rule_sets=rule_sets,
        utc_offset=timedelta(minutes=chosen.utc_offset_minutes),
        at_least=timedelta(days=chosen.floor_days),
    )
