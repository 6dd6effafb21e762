"""Fills a catalogue on PostgreSQL with what a large agency has after years: synthetic rows, fast.

Rows are as the archive would have written them, as far as work lists and courses read them: clips,
incidents, links, cases, placings, and three entries a clip and one an incident.  There are no
renditions, duties or people, and entries are in no log.  Constraints and indexes are made anew once
all rows are there, from the database's own words; foreign keys are left off.

What is so for every size: two dispatches an event; an incident for each 8.3 clips; 7 of 10 clips
linked; of the older half of incidents one in 31 without any link, of the newer half none; one event
in ten in a case by dispatch and another one by the feed of cases; a fifth of those cases with an
event that nobody dispatched; one case of 10,000 clips that a person placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

BIG = "CASE-BIG"
_BIG_CLIPS = 10_000
_TABLES = ("entry", "clip", "incident", "link", "police_case", "case_incident", "case_clip")

_HELP = """
CREATE FUNCTION pg_temp.moment(seconds bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT to_char(timestamp '2024-11-23' + seconds * interval '1 second',
    'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
CREATE FUNCTION pg_temp.entry_of(t text, subject text, kind text) RETURNS bytea IMMUTABLE
  LANGUAGE sql AS $$ SELECT convert_to('{"at":"' || t || '","by":"archive","clip":"' || subject
    || '","kind":"' || kind || '","sha256":"' || md5(subject) || md5(kind) || '","until":"' || t
    || '"}', 'UTF8') $$
"""
_CLIPS = """
INSERT INTO clip (id, state, by_entry, archived_entry, camera, camera_key, path_hex, name, sha256,
  size, clip_class, profile, station, officer, officer_key, started, begins, important, acquisition,
  received, bucket, key, version_id, lock_mode, lock_until, retain_until, retain_rule, categories,
  manifest_sha256)
SELECT 'c-' || md5(n::text), 'RELEASED', 3 * n + 1, 3 * n + 1, 'BWC-' || n %% 24000,
  'bwc-' || n %% 24000, encode(('DCIM/100/' || n || '.MP4')::bytea, 'hex'), n || '.MP4',
  md5('a' || n) || md5('b' || n), 120000000, 'video', 'generic-dcim', 's-1', (n %% 24000)::text,
  (n %% 24000)::text, t, t, false, 'docked', t, 'originals', 'lab/' || md5('a' || n), md5('v' || n),
  'COMPLIANCE', t, t, 'cn-2016:rest', CASE WHEN n %% 10 < 9 THEN 'patrol' END,
  md5('a' || n) || md5('m' || n)
FROM (SELECT n, pg_temp.moment(6 * n) AS t
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n) AS told
"""
_INCIDENTS = """
INSERT INTO incident (id, by_entry, number, officer, officer_key, nth, dispatched, cleared,
  call_type, case_id, unit, salt)
SELECT 'i-' || md5(n::text), 3 * %(clips)s + 1 + n, 'E-' || lpad((n / 2)::text, 8, '0'),
  (n %% 24000)::text, (n %% 24000)::text, 1, t, t, 'Theft',
  CASE WHEN n / 2 %% 10 = 0 THEN 'CASE-A' || lpad((n / 60)::text, 7, '0') END,
  'U-' || n %% 200, ''
FROM (SELECT n, pg_temp.moment(50 * n) AS t
  FROM generate_series(0::bigint, %(incidents)s - 1) AS n) AS told
"""
_LINKS = """
INSERT INTO link (clip, incident, reason, seconds_outside, standing, points, by_entry)
SELECT 'c-' || md5(n::text), 'i-' || md5(i::text), 'officer+window', 0, 'automatic', 80, 3 * n + 2
FROM (SELECT n, n * %(incidents)s / %(clips)s AS i
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n WHERE n %% 10 < 7) AS told
WHERE i >= %(incidents)s / 2 OR i %% 31 > 0
"""
_CASES = """
INSERT INTO police_case (id, by_entry, number, title, incidents, salt)
SELECT 'q-' || md5(n::text), 3 * %(clips)s + 1, 'CASE-B' || lpad(n::text, 7, '0'), 'A theft', '', ''
FROM generate_series(0, %(events)s / 10 - 1) AS n
"""
_NAMED = """
INSERT INTO case_incident (case_id, number, by_entry)
SELECT 'CASE-B' || lpad(n::text, 7, '0'),
  CASE WHEN n %% 5 = 0 THEN 'X-' ELSE 'E-' END || lpad((n * 10 + 1)::text, 8, '0'),
  3 * %(clips)s + 1
FROM generate_series(0, %(events)s / 10 - 1) AS n
"""
_PLACED = """
INSERT INTO case_clip (id, clip, case_id, case_salt, by_entry, placer, reason, reason_salt)
SELECT 'l-' || md5(n::text), 'c-' || md5(((n * 7919) %% %(clips)s)::text), %(case)s, '',
  3 * ((n * 7919) %% %(clips)s) + 3, 'u-1', 'seen on it', ''
FROM generate_series(1, least(%(many)s, %(clips)s)) AS n
"""
_CLIP_ENTRIES = """
INSERT INTO entry (seq, kind, by, clip, state, raw)
SELECT 3 * n + k, kind, 'archive', clip, NULL, pg_temp.entry_of(t, clip, kind)
FROM (SELECT n, k, 'c-' || md5(n::text) AS clip,
  (ARRAY['archive.verified', 'link', 'retain'])[k] AS kind,
  pg_temp.moment(6 * n) AS t
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n, generate_series(1, 3) AS k
) AS told
"""
_INCIDENT_ENTRIES = """
INSERT INTO entry (seq, kind, by, clip, state, raw)
SELECT 3 * %(clips)s + 1 + n, kind, 'archive', NULL, NULL, pg_temp.entry_of(t, clip, kind)
FROM (SELECT n, 'incident.import' AS kind, 'i-' || md5(n::text) AS clip,
  pg_temp.moment(50 * n) AS t
  FROM generate_series(0::bigint, %(incidents)s - 1) AS n) AS told
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    clips: int

    @property
    def incidents(self) -> int:
        return self.clips * 12 // 100

    @property
    def events(self) -> int:
        return self.incidents // 2

    def event(self, n: int) -> str:
        """The number of event *n*."""
        return f"E-{n:08}"

    def case(self, n: int) -> str:
        """The number of a case that two events of dispatch name, or one of the feed of cases."""
        return f"CASE-A{n % (self.incidents // 60):07}" if n % 2 else f"CASE-B{n // 10:07}"


def fill(session: psycopg.Connection, size: Size) -> None:
    """Make all rows; the tables must be empty but for one entry."""
    told = {"clips": size.clips, "incidents": size.incidents, "events": size.events}
    session.execute("SET session_replication_role = replica")
    session.execute("SET maintenance_work_mem = '1GB'")
    session.execute(_HELP)
    laid_aside = [each for table in _TABLES for each in _laid_aside(session, table)]
    for table in _TABLES:
        session.execute(
            sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table))
        )
    for many in (_CLIPS, _LINKS, _CLIP_ENTRIES):
        for first in range(0, size.clips, 500_000):
            last = min(first + 500_000, size.clips) - 1
            session.execute(many, told | {"first": first, "last": last})
    for some in (_INCIDENTS, _INCIDENT_ENTRIES, _CASES, _NAMED):
        session.execute(some, told)
    session.execute(_PLACED, told | {"case": BIG, "many": _BIG_CLIPS})
    for each in laid_aside:
        session.execute(each)
    _switched(session, "ENABLE")
    session.execute("VACUUM ANALYZE")


def _switched(session: psycopg.Connection, how: str) -> None:
    """The guards of the tables, which let nobody write rows like these."""
    for table in _TABLES:
        told = sql.SQL("ALTER TABLE {} {} TRIGGER USER")
        session.execute(told.format(sql.Identifier(table), sql.SQL(how)))


def _laid_aside(session: psycopg.Connection, table: str) -> Sequence[sql.Composed | sql.SQL]:
    """Drop constraints and indexes of *table*; how to make them again, but foreign keys."""
    again: list[sql.Composed | sql.SQL] = []
    constraints = session.execute(
        "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f') ORDER BY contype",
        [table],
    ).fetchall()
    for name, kind, told in constraints:
        place = {"table": sql.Identifier(table), "name": sql.Identifier(name)}
        session.execute(
            sql.SQL("ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE").format(**place)
        )
        if kind != "f":
            made = "ALTER TABLE {table} ADD CONSTRAINT {name} " + told
            again.append(sql.SQL(made).format(**place))
    indexes = session.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table]
    ).fetchall()
    for name, told in indexes:
        session.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        again.append(sql.SQL(told))
    return again
