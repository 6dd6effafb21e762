"""``evidock``: one command, one verb a module in :mod:`evidock.commands`.

Data goes to stdout, talk to stderr.  Exit codes are those of :mod:`evidence.errors` (listed in
``docs/exit-codes.md``) and the ones a command documents for itself.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from evidence.errors import EvidenceError
from evidock.commands import (
    anchor,
    axis,
    backup,
    cases,
    clips,
    coverage,
    database,
    demo,
    disposal,
    doctor,
    export,
    feeds,
    fixity,
    fleet,
    fsck,
    importing,
    keys,
    person,
    profiles,
    rebuild,
    receipt,
    restore,
    retention,
    review,
    simulate,
    station,
    statistics,
    up,
    vault,
    verify,
    witness,
    witnesses,
)

_INTERRUPTED = 130
_READER_LEFT = 141
"""What a shell reports of a command that a signal ended (128 + SIGINT, 128 + SIGPIPE)."""

_COMMANDS = (
    demo,
    up,
    importing,
    simulate,
    clips,
    cases,
    station,
    fleet,
    feeds,
    profiles,
    person,
    vault,
    axis,
    database,
    fsck,
    fixity,
    rebuild,
    anchor,
    backup,
    restore,
    retention,
    coverage,
    review,
    disposal,
    statistics,
    keys,
    export,
    receipt,
    verify,
    doctor,
    witness,
    witnesses,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; its exit code."""
    parser = argparse.ArgumentParser(
        prog="evidock",
        description="Takes footage from docked body-worn cameras and keeps it as evidence.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_to(commands)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
    except EvidenceError as error:
        print(f"evidock: {error}\n  {error.advice}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough (as with `| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_LEFT
    return code


if __name__ == "__main__":
    sys.exit(main())
