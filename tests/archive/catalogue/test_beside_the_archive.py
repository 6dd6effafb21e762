"""What others do to a catalogue in PostgreSQL: write beside the archive, restore a dump."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from archive.catalogue.database import prepared
from tests.conftest import Count
from tests.postgres import APP, Server

WRITERS, EACH = 4, 12
ADD = (
    "INSERT INTO entry (seq, kind, by, clip, state, raw) VALUES (%s, 'a', 'b', 'c', 'ARCHIVED', '')"
)


@pytest.fixture
def name(postgres: Server) -> Iterator[str]:
    with postgres.database() as made:
        yield made


def write(server: Server, name: str, isolation: psycopg.IsolationLevel) -> int:
    """Add entries as fast as others let us, every fifth in vain; how often others were faster."""
    added = beaten = 0
    with server.connect(name, APP) as session:
        session.isolation_level = isolation
        while added < EACH:
            try:
                with session.transaction(force_rollback=beaten % 5 == 4):
                    row = session.execute("SELECT coalesce(max(seq) + 1, 0) FROM entry").fetchone()
                    session.execute(ADD, row)
                added += beaten % 5 != 4
                beaten += beaten % 5 == 4
            except (psycopg.IntegrityError, psycopg.OperationalError):
                beaten += 1
    return beaten


def test_writers_side_by_side_leave_no_gap(postgres: Server, name: str, count: Count) -> None:
    levels = [*psycopg.IsolationLevel][1:] * 2
    with ThreadPoolExecutor(WRITERS) as threads:
        work = [threads.submit(write, postgres, name, level) for level in levels[:WRITERS]]
        beaten = sum(one.result() for one in work)

    with postgres.connect(name, APP) as session:
        rows = session.execute("SELECT seq FROM entry ORDER BY seq").fetchall()
    assert [row[0] for row in rows] == list(range(WRITERS * EACH))
    count(f"{WRITERS} writers, {len(rows)} entries, {beaten} collisions, 0 gaps")


def test_a_restored_dump_has_its_guards_and_rights(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    with postgres.connect(name, APP) as session:
        session.execute(ADD, (0,))
    dump = tmp_path / "dump"
    by = ("--host", str(postgres.folder / "sockets"), "--username", "postgres")
    dumped = (postgres.programs / "pg_dump", *by, "--format=custom", "--file", dump, name)
    subprocess.run(dumped, check=True)

    with postgres.database(tables=False) as restored:
        into = (postgres.programs / "pg_restore", *by, "--exit-on-error", "--dbname", restored)
        subprocess.run((*into, dump), check=True)

        prepared(postgres.url(restored, APP)).dispose()
        with postgres.connect(restored, APP) as session:
            assert session.execute("SELECT count(*) FROM entry").fetchone() == (1,)
