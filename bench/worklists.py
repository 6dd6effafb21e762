"""How long work lists and the pages of cases and events take, in a large catalogue on PostgreSQL.

    python -m bench.worklists --clips 10000000 --json

A catalogue of ten million clips, 1.2 million incidents, seven million links and 31 million entries
(:mod:`bench.filling` says what they are like) is read by the archive's own code, one question after
the other, each in a transaction of its own, as the catalogue does it.  After a warm-up each
question is asked for other cases, events and cursors every time.  The peer counts the three lists
whole.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from archive.catalogue import cases, closings, replays, worklists
from archive.catalogue.catalogue import Transaction
from archive.catalogue.database import prepared
from archive.catalogue.linked import counts
from archive.catalogue.replays import Part
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from bench.filling import BIG, Size, fill
from bench.machine import machine
from evidence.clock import SetClock, SystemClock, stamp
from tests.archive.house import START
from tests.archive.ledger import enrol
from tests.postgres import Server

SETTINGS = {
    "shared_buffers": "2GB",
    "autovacuum": "off",
}
"""Of the server, as on a small machine; nothing changes while it is asked."""
_HASTY = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
"""While it is filled, where nothing could be lost."""
_LEAST = 1000
PEER = "counting the three lists whole"
_DATABASE = "agency"
_PAGE = 50
Question = Callable[[Transaction, random.Random], object]


def questions(size: Size) -> Mapping[str, Question]:
    """What is asked, by name; whatever is chosen by chance is there."""
    last = 3 * size.clips + size.incidents

    def event(tx: Transaction, chance: random.Random) -> object:
        return replays.of_event(tx, size.event(chance.randrange(size.events)), Part(), 480)

    def case(tx: Transaction, chance: random.Random) -> object:
        return replays.of_case(tx, size.case(chance.randrange(size.events)), Part(), 480)

    def big(tx: Transaction, chance: random.Random) -> object:
        acts, recordings = chance.randrange(3 * size.clips), chance.randrange(3 * size.clips)
        return replays.of_case(tx, BIG, Part(acts=acts, recordings=recordings), 480)

    def listed(name: str, cursor: Callable[[random.Random], str]) -> Question:
        return lambda tx, chance: worklists.page(tx, name, cursor(chance), _PAGE)

    return {
        "incidents without clips, first page": listed("incidents", lambda _: ""),
        "incidents without clips, anywhere": listed(
            "incidents", lambda chance: str(chance.randrange(3 * size.clips + 1, last))
        ),
        "cases without clips, first page": listed("cases", lambda _: ""),
        "cases without clips, anywhere": listed(
            "cases", lambda chance: size.case(chance.randrange(size.events))
        ),
        "clips nobody classified, first page": listed("clips", lambda _: ""),
        "clips nobody classified, anywhere": listed(
            "clips", lambda chance: str(chance.randrange(3 * size.clips))
        ),
        "counts of all lists": lambda tx, _: worklists.counted(tx),
        "list of cases, anywhere": lambda tx, chance: closings.page(
            tx, size.case(chance.randrange(size.events)), 200
        ),
        "page of an event": event,
        "page of a case": case,
        "page of a case of 10,000 clips, any part": big,
    }


def whole(tx: Transaction) -> None:
    """The peer: every list is walked to its end."""
    unlinked = ~select(LinkRow.clip).where(LinkRow.incident == IncidentRow.id, counts()).exists()
    tx.session.scalar(select(func.count()).select_from(IncidentRow).where(unlinked))
    untagged = ClipRow.categories.is_(None), ClipRow.state != "DISPOSED"
    tx.session.scalar(select(func.count()).select_from(ClipRow).where(*untagged))
    after = ""
    while some := cases.known(tx, after, 500):
        cases.without_clips(tx, some)
        after = some[-1]


def main() -> int:
    """0; the report as a table on stderr, and as JSON on stdout."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.worklists",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON, last line")
    parser.add_argument("--clips", type=int, default=1_000_000, help="that there are")
    parser.add_argument("--times", type=int, default=200, help="that each question is asked")
    parser.add_argument("--parent", type=Path, default=Path("var/bench"), metavar="DIR")
    chosen = parser.parse_args()
    if chosen.clips < _LEAST:
        parser.error("--clips: 1,000 at least")
    console, size = Console(stderr=True, highlight=False), Size(chosen.clips)
    with _filled(chosen.parent, size, console) as (engine, filled):
        told = filled | _report(engine, size, chosen.times, console)
    if chosen.json:
        print(json.dumps(told | {"machine": machine(chosen.parent)}), flush=True)
    return 0


@contextmanager
def _filled(
    parent: Path, size: Size, console: Console
) -> Iterator[tuple[Engine, dict[str, object]]]:
    """A catalogue of that *size* on a server of its own, and how long it took."""
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="worklists-", dir=parent.absolute()) as folder:
        Path(folder).chmod(0o755)
        server, started = Server.made(Path(folder)), time.perf_counter()
        with _running(server, SETTINGS):
            server.prepare()
            server.empty(_DATABASE)
            engine = prepared(server.url(_DATABASE))
            with Session(engine) as session, session.begin():
                enrol(Transaction(session, SetClock(START)))
            engine.dispose()
        with _running(server, SETTINGS | _HASTY), server.connect(_DATABASE) as owner:
            fill(owner, size)
            held = owner.execute("SELECT pg_database_size(current_database())").fetchone()
        took, many = round(time.perf_counter() - started), 0 if held is None else held[0]
        console.print(f"filled in {took} s: {many / 1e9:.1f} GB")
        with _running(server, SETTINGS):
            engine = prepared(server.url(_DATABASE))
            yield engine, {"filled_in_s": took, "bytes": many}
            engine.dispose()


@contextmanager
def _running(server: Server, settings: dict[str, str]) -> Iterator[None]:
    server.settings = settings
    server.start()
    try:
        yield
    finally:
        server.stop()


def _report(engine: Engine, size: Size, times: int, console: Console) -> dict[str, object]:
    found: dict[str, dict[str, float]] = {}
    for name, ask in questions(size).items():
        chance, warming = random.Random(name), times // 10
        spent = [_timed(engine, ask, chance) for _ in range(warming + times)]
        found[name] = _told(spent[warming:])
        console.print(f"{name}: {found[name]}")
    peer = _timed(engine, lambda tx, _: whole(tx), random.Random())
    console.print(_table(found, size))
    ours = found["counts of all lists"]["p50"] / 1000
    return {
        "bench": "worklists",
        "ours": ours,
        "peer": round(peer, 4),
        "peer_name": PEER,
        "ratio": round(ours / peer, 5),
        "unit": "s",
        "clips": size.clips,
        "incidents": size.incidents,
        "milliseconds": found,
        "settings": SETTINGS,
        "at": stamp(SystemClock().now()),
    }


def _timed(engine: Engine, ask: Question, chance: random.Random) -> float:
    """Seconds that one question took, as the catalogue asks it."""
    started = time.perf_counter()
    with Session(engine) as session, session.begin():
        ask(Transaction(session, SetClock(START)), chance)
    return time.perf_counter() - started


def _told(spent: list[float]) -> dict[str, float]:
    """The percentiles, in milliseconds."""
    ordered = sorted(spent)
    return {
        f"p{p}": round(1000 * ordered[min(len(ordered) - 1, len(ordered) * p // 100)], 1)
        for p in (50, 95, 99)
    }


def _table(found: Mapping[str, Mapping[str, float]], size: Size) -> Table:
    title = f"{size.clips:,} clips, {size.incidents:,} incidents; milliseconds"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("question", "p50", "p95", "p99"):
        table.add_column(name, justify="left" if name == "question" else "right")
    for name, each in found.items():
        table.add_row(name, *(f"{value:.1f}" for value in each.values()))
    return table


if __name__ == "__main__":
    sys.exit(main())
