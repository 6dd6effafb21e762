"""All benchmarks, one after the other: ``make bench``.

Each runs in a process of its own.  Its report becomes a line of JSON at the end of
``results.jsonl`` and a chart beside it.  Options that are not named here go to every benchmark.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = ("ingest", "pull", "rendition", "serve", "custody")
RESULTS = "results.jsonl"
_ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """0 if all were measured, else the code of the first that was not; the others still run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=NAMES, help="this one (again: and that one)"
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("var/bench"),
        metavar="DIR",
        help="where results.jsonl and the charts go (default: var/bench)",
    )
    chosen, options = parser.parse_known_args()
    folder = chosen.results.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    codes = [_ran(name, folder, options) for name in chosen.only or NAMES]
    return next((code for code in codes if code), 0)


def _ran(name: str, folder: Path, options: Sequence[str]) -> int:
    """Run one benchmark; its exit code.  Only what was measured is written."""
    argv = [sys.executable, "-m", f"bench.{name}", "--json"]
    argv += ["--svg", str(folder / f"{name}.svg"), *options]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    ended = subprocess.run(argv, env=environment, stdout=subprocess.PIPE, check=False)
    if ended.returncode == 0:
        with (folder / RESULTS).open("ab") as lines:
            lines.write(ended.stdout)
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
