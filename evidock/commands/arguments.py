"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Protocol

from evidence.errors import SetupError


class Commands(Protocol):
    """Where a command declares itself (argparse has no public name for this)."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002  argparse's word
        """A parser for the arguments of the command *name*."""
        ...


DEFAULT_DEMO_HOME = Path("var/demo")


def folder(text: str) -> Path:
    """The folder that an argument names; an empty text is no name, though Path takes it for "."."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name names no folder")
    return Path(text)


def add_home(parser: argparse.ArgumentParser, default: Path | None = None) -> None:
    """``--home DIR``."""
    parser.add_argument(
        "--home",
        type=folder,
        default=default,
        required=default is None,
        metavar="DIR",
        help="folder that holds everything of this installation"
        + (f" (default: {default})" if default else ""),
    )


def add_cards(parser: argparse.ArgumentParser) -> None:
    """``--cards DIR``."""
    parser.add_argument(
        "--cards",
        type=folder,
        metavar="DIR",
        help="dock root: each sub-folder is a docked card; only read, unless --erase is given",
    )
    parser.add_argument(
        "--erase",
        action="store_true",
        help="erase each file from its card once it is proven to be archived (docs/release.md)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON on stdout")


def dock_root(cards: Path, home: Path, said: str = "--cards") -> Path:
    """*cards* as an absolute folder; SetupError if it is none, or overlaps the home.

    *said* is how it was named on the command line.
    """
    try:
        root, inside = cards.resolve(), home.resolve()
    except RuntimeError as error:
        raise SetupError(f"{said} {cards}, --home {home}: {error}") from error
    if not root.is_dir():
        raise SetupError(f"{said} {cards} is not a folder")
    if root == inside or inside in root.parents or root in inside.parents:
        raise SetupError(
            f"{said} {cards} and --home {home} lie within one another",
            advice="Keep the home outside the dock root: nothing is ever written to cards.",
        )
    return root
