"""Prints the pages of ``docs/`` that can be read off the code: ``python -m evidock.docs``.

The code is the source, the page a copy: a printed page is never edited, and a test fails when one
is stale.  ``--check`` writes nothing and exits 1 when a page differs.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

from evidence import errors
from evidence.clip import MOVES, ClipClass, ClipState
from evidence.errors import EvidenceError
from evidence.feed_settings import FeedSettings
from evidence.settings import ENV_PREFIX, FEEDS, Settings

#: What a command's exit code means when no error of ours ended it.
COMMAND_CODES: Mapping[int, str] = {
    0: "Done. For `demo`: every original is archived. For `verify`: genuine and complete.",
    1: "`fsck`, `station receipt`, `simulate`, `verify`: something is false, missing or differs;"
    " `vault accept`: still wrong; `profiles check`, `profiles simulate`: a profile is.",
    2: "The command line was not understood.",
    3: "`verify`: consistent, but the reader did not bring what some step needs (a policy).",
    4: "`demo`: some clips are partial or refused; all are listed. `profiles simulate`: some steps"
    " were not simulated. `export`: the package is made, and some original is not in it.",
    5: "`demo`: some original is not archived yet; run it again and it goes on. `simulate`: it was"
    " stopped before that.",
    130: "Interrupted (Ctrl-C).",
    141: "Whoever read the output left, as with `| head`.",
}

NOTICE = "<!-- Printed by `make docs` from {source}. Do not edit: change the code. -->\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One printed page."""

    name: str
    """File name under ``docs/``."""
    text: str


def pages() -> tuple[Page, ...]:
    """Every printed page, as it should be now."""
    return (
        Page(name="clip-states.md", text=_clip_states()),
        Page(name="exit-codes.md", text=_exit_codes()),
        Page(name="settings.md", text=_settings()),
    )


def stale(docs: Path) -> list[str]:
    """Names of the pages under *docs* that are missing or differ from the code."""
    return [page.name for page in pages() if _held(docs / page.name) != page.text]


def all_errors() -> list[type[EvidenceError]]:
    """Every error class of the product, by exit code."""
    classes = (owner for _, owner in inspect.getmembers(errors, inspect.isclass))
    ours = (owner for owner in classes if issubclass(owner, EvidenceError))
    return sorted(ours, key=lambda error: error.exit_code)


def attribute_docs(owner: type) -> dict[str, str]:
    """The docstring under each attribute of *owner*, each on one line; none, no entry."""
    body = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{owner!r} is not a class")
    found: dict[str, str] = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        match before, after:
            case (
                ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = _line(text)
            case _:
                pass
    return found


def _clip_states() -> str:
    meanings = attribute_docs(ClipState)
    classes = attribute_docs(ClipClass)
    arrows = [f"    {old} --> {new}" for old, news in MOVES.items() for new in sorted(news)]
    return "\n".join(
        [
            "# States and classes of a clip",
            "",
            NOTICE.format(source="`evidence/clip.py`"),
            "A state is a fact that survives a power cut, never an activity.",
            "These are all the moves there are; each is one transaction with its custody entry.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {ClipState.FOUND}",
            *arrows,
            "```",
            "",
            "| state | what is known | may become |",
            "|---|---|---|",
            *(
                _row(state, meanings[state.name], ", ".join(sorted(MOVES[state])) or "-")
                for state in ClipState
            ),
            "",
            "Beside its state a clip has a class: what kind of thing the camera held.",
            "",
            "| class | meaning |",
            "|---|---|",
            *(_row(kind, classes.get(kind.name, "")) for kind in ClipClass),
            "",
        ]
    )


def _exit_codes() -> str:
    return "\n".join(
        [
            "# Exit codes",
            "",
            NOTICE.format(source="`evidence/errors.py` and `evidock/docs.py`"),
            "A code never changes its meaning.",
            "Errors come in families by who must act: 10 the officer, 20 the machine (it tries",
            "again by itself), 30 a person in charge, 40 whoever installed or configured it.",
            "",
            "| code | meaning |",
            "|---|---|",
            *(_row(str(code), meaning) for code, meaning in COMMAND_CODES.items()),
            "",
            "| code | error | what happened | what to do |",
            "|---|---|---|---|",
            *(
                _row(str(error.exit_code), error.__name__, _summary(error), error.default_advice)
                for error in all_errors()
            ),
            "",
        ]
    )


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        NOTICE.format(source="`evidence/settings.py`"),
        f"One TOML file; variable `{ENV_PREFIX}<SECTION>_<KEY>` overrides `key` in `[section]`.",
        "An unknown section or key, or a value of the wrong type, refuses to start and is named.",
    ]
    for part in fields(Settings):
        if part.name == FEEDS:
            continue
        section = type(getattr(Settings(), part.name))
        about = _summary(section).partition(": ")[2]
        lines += ["", f"## [{part.name}]", "", about[:1].upper() + about[1:], ""]
        lines += ["| key | default | meaning |", "|---|---|---|"]
        meanings = attribute_docs(section)
        lines += [
            _row(f"`{key.name}`", f"`{_toml(key.default)}`", meanings[key.name])
            for key in fields(section)
        ]
    meanings = attribute_docs(FeedSettings)
    lines += ["", f"## [[{FEEDS}]]", "", _summary(FeedSettings) + " A table for each.", ""]
    lines += ["| key | default | meaning |", "|---|---|---|"]
    lines += [
        _row(
            f"`{key.name}`",
            "must be said" if key.default is MISSING else f"`{_toml(key.default)}`",
            meanings[key.name],
        )
        for key in fields(FeedSettings)
    ]
    return "\n".join([*lines, ""])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case ():
            return "[]"
        case _:
            return str(value)


def _summary(owner: type) -> str:
    return _line((inspect.getdoc(owner) or "").partition("\n\n")[0])


def _line(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _held(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main() -> None:
    """Write the stale pages, or with ``--check`` only name them."""
    parser = argparse.ArgumentParser(prog="python -m evidock.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="the folder of the pages")
    options = parser.parse_args()
    old = stale(options.docs)
    for page in pages():
        if page.name in old and not options.check:
            (options.docs / page.name).write_text(page.text, encoding="utf-8")
    for name in old:
        sys.stderr.write(f"{options.docs / name}: {'stale' if options.check else 'written'}\n")
    sys.exit(1 if options.check and old else 0)


if __name__ == "__main__":
    main()
