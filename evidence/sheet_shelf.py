"""Where score sheets are found: those shipped, by name, and an agency's own, by their file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from evidence.errors import SetupError
from evidence.sheet import Template

_ENDING = ".toml"


def shipped() -> list[str]:
    """The names of the sheets that come with the product.  Blocks."""
    names = (each.name for each in files("review_sheets").iterdir())
    return sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING))


def template(told: str) -> Template:
    """The template that *told* names, or the file of one; SetupError if there is none.  Blocks."""
    if told in shipped():
        data = files("review_sheets").joinpath(told + _ENDING).read_bytes()
        return Template.parse(data, told)
    if not told.endswith(_ENDING):
        raise SetupError(
            f"there is no sheet {told!r}",
            advice=f"Name one of {', '.join(shipped())}, or a file that ends in {_ENDING}.",
        )
    try:
        return Template.parse(Path(told).read_bytes(), told)
    except OSError as error:
        raise SetupError(f"the sheet {told} cannot be read: {error.strerror}") from error


def templates(told: Sequence[str]) -> Mapping[str, Template]:
    """Id -> template, of all that *told* names; SetupError if two have the same.  Blocks."""
    made = [template(each) for each in told]
    found = {each.id: each for each in made}
    if len(found) != len(made):
        raise SetupError("[review] sheets: two of them have the same id")
    return found
