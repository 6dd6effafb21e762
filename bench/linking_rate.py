"""How fast clips are linked as they come, in a large catalogue on PostgreSQL.

    python -m bench.linking_rate --json

A catalogue of a million clips and 125,000 incidents of 3,000 officers, one of whom has 10,000 more.
New clips come in, each in a transaction of its own: kept with its entry, and linked.  The peer
keeps them alike and then does as the product did before: it reads every incident of the officer,
and joins by window.  Half of the clips are of the officer with the 10,000.  Both as the archive
does it: one connection, one transaction after the other, synced.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
from rich.console import Console
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from archive.catalogue import links
from archive.catalogue.catalogue import Transaction
from archive.catalogue.database import prepared
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from bench.machine import machine
from evidence.clock import SetClock, SystemClock, stamp, unstamp
from evidence.custody import EntryKind
from tests.archive.house import START, Footage
from tests.archive.ledger import BUFFER, enrol, keep
from tests.postgres import Server

OFFICERS = 3000
_BUSY = "o-0"
_DATABASE = "city"
PEER = "every incident of the officer, officer + window join"

_CLIPS = """
INSERT INTO clip (id, state, by_entry, archived_entry, camera, camera_key, path_hex, name, sha256,
  size, clip_class, profile, station, officer, officer_key, started, begins, important, acquisition,
  received, bucket, key, version_id, lock_mode, lock_until, retain_until, retain_rule,
  manifest_sha256)
SELECT 'f-' || n, 'ARCHIVED', 0, 0, 'cam-' || n %% %(officers)s, 'cam-' || n %% %(officers)s,
  n::text, '', md5(n::text), 1, 'video', 'p', 's-1', 'o-' || n %% %(officers)s,
  'o-' || n %% %(officers)s, t, t, false, 'docked', t, 'b', 'k', 'v', 'COMPLIANCE', t, t, 'r', ''
FROM (SELECT n, to_char(timestamp '2026-11-23 07:30' - (n / %(officers)s) * interval '15 minutes',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS t FROM generate_series(1, %(many)s) AS n) AS told
"""
_INCIDENTS = """
INSERT INTO incident (id, by_entry, number, officer, officer_key, nth, dispatched, cleared, salt)
SELECT %(prefix)s || n, 0, %(prefix)s || n, o, o, 1, to_char(t, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  to_char(t + interval '30 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ''
FROM (SELECT n, 'o-' || n %% %(officers)s AS o,
  timestamp '2026-11-23 07:45' - (n / %(officers)s) * interval '2 hours' AS t
  FROM generate_series(1, %(many)s) AS n) AS told
"""


def main() -> int:
    """0; the report as JSON on stdout."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.linking_rate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON, last line")
    parser.add_argument("--clips", type=int, default=1_000_000, help="that are there already")
    parser.add_argument("--new", type=int, default=400, help="that each contestant takes in")
    chosen = parser.parse_args()
    console = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="linking-rate-", dir=_parent()) as folder:
        Path(folder).chmod(0o755)
        server = Server.made(Path(folder))
        server.start()
        try:
            told = _measured(server, chosen.clips, chosen.new)
        finally:
            server.stop()
    console.print(told)
    if chosen.json:
        print(json.dumps(told | {"machine": machine(Path())}), flush=True)
    return 0


def _parent() -> Path:
    parent = Path("var/bench")
    parent.mkdir(parents=True, exist_ok=True)
    return parent.absolute()


def _measured(server: Server, clips: int, new: int) -> dict[str, object]:
    server.prepare()
    server.empty(_DATABASE)
    engine = prepared(server.url(_DATABASE))
    try:
        with Session(engine) as session, session.begin():
            enrol(Transaction(session, SetClock(START)))
        with server.connect(_DATABASE) as owner:
            _fill(owner, clips)
        peer, _ = _timed(engine, "p", new, _joined)
        ours, cpu = _timed(engine, "c", new, lambda tx, clip: links.link_clip(tx, clip, BUFFER))
        with Session(engine) as session:
            linked = len(session.scalars(select(LinkRow.clip)).all())
    finally:
        engine.dispose()
    return {
        "bench": "linking_rate",
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "peer_name": PEER,
        "ratio": round(ours / peer, 3),
        "unit": "s",
        "clips_there": clips,
        "clips_taken_in": new,
        "clips_a_second": round(new / ours, 1),
        "cpu_milliseconds_a_clip": round(1000 * cpu / new, 1),
        "linked": linked,
        "at": stamp(SystemClock().now()),
    }


def _fill(session: psycopg.Connection, clips: int) -> None:
    """Rows as they would be, without their entries: nobody asks for those here."""
    session.execute("SET session_replication_role = replica")
    session.execute("ALTER TABLE clip DISABLE TRIGGER USER")
    session.execute(_CLIPS, {"officers": OFFICERS, "many": clips})
    for prefix, officers, many in (("E-", OFFICERS, clips // 8), ("B-", 1, 10_000)):
        told = {"prefix": prefix, "officers": officers, "many": many}
        session.execute(_INCIDENTS, told)
    session.execute("ALTER TABLE clip ENABLE TRIGGER USER")
    session.execute("ANALYZE")


def _timed(
    engine: Engine, prefix: str, new: int, link: Callable[[Transaction, str], None]
) -> tuple[float, float]:
    """Seconds in which so many *new* clips were kept, and linked; CPU seconds of this process."""
    started, used = time.perf_counter(), time.process_time()
    for number in range(new):
        officer = _BUSY if number % 2 else f"o-{1 + number % (OFFICERS - 1)}"
        name = f"{prefix}-{number}"
        begin = START + timedelta(minutes=number % 30)
        made = replace(
            Footage(data=name.encode(), clip=name),
            path=name.encode(),
            camera=f"cam-{officer[2:]}",
            officer=officer,
            started=stamp(begin),
        )
        with Session(engine) as session, session.begin():
            tx = Transaction(session, SetClock(START))
            keep(tx, made)
            link(tx, name)
    return time.perf_counter() - started, time.process_time() - used


def _joined(tx: Transaction, clip: str) -> None:
    """What was done before: every incident of the officer is read and held against the start."""
    row = tx.session.get_one(ClipRow, clip)
    begin = unstamp(str(row.begins))
    wanted = select(IncidentRow).where(IncidentRow.officer_key == row.officer_key)
    for each in tx.session.scalars(wanted.order_by(IncidentRow.id)).all():
        if unstamp(each.dispatched) - BUFFER <= begin <= unstamp(each.cleared) + BUFFER:
            entry = tx.record(EntryKind.LINKED, "archive", clip=clip, incident=each.id)
            tx.session.add(_row(clip, each.id, entry))
    tx.session.flush()


def _row(clip: str, incident: str, entry: int) -> LinkRow:
    return LinkRow(
        clip=clip, incident=incident, reason="officer+window", seconds_outside=0, by_entry=entry
    )


if __name__ == "__main__":
    sys.exit(main())
