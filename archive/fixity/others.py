"""Step 5: the rows that hang on no clip, held against their entries and what these commit to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.catalogue import sayings, stored, tellings
from archive.catalogue.sayings import SAYINGS, Saying
from archive.catalogue.stored import Row
from archive.catalogue.tellings import TELLINGS, Telling
from archive.fixity import Component, Finding, Step
from archive.fixity.arrivals import ALL_ACTS
from archive.fixity.entries import Numbered
from archive.fixity.laid_out import laid_out
from archive.fixity.record import Record, subject_of
from archive.fixity.rows import NO_ENTRY, compared, wrong
from evidence.commitment import Opening
from evidence.custody import Entry, EntryKind, station_act_message
from evidence.names import folded

_FOLDED = {
    "person": {"name_key": "name"},
    **{table: telling.folds for table, telling in tellings.BY_TABLE.items()},
}
"""Table -> the columns that are another one folded, and that one."""


@dataclass(slots=True, kw_only=True)
class Others:
    """Learns from every entry, then looks at the rows."""

    findings: list[Finding] = field(default_factory=list)
    journals: dict[str, int] = field(default_factory=dict)
    """Station -> the last number of its journal."""
    rows: dict[str, dict[str, Row]] = field(
        default_factory=lambda: {
            name: {} for name in ("station", "person", *tellings.BY_TABLE, *sayings.TABLES)
        }
    )
    openings: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Person, saying, what a feed told, or log index of a view -> what its newest entries say."""

    async def hear(self, record: Record, page: Sequence[Numbered]) -> None:
        """Learn from the entries of one *page*, and see the journal rows of its acts."""
        acts: dict[int, Row] = {}
        for seq, raw in page:
            entry = Entry(raw)
            if entry.kind is EntryKind.STATION_ACT:
                acts[seq] = self._act(seq, entry.fields)
            else:
                self._learn(seq, entry)
        if not acts:
            return
        held, unreadable = await record.rows("journal", "entry", list(acts))
        self.findings += unreadable
        silent = {finding.subject for finding in unreadable}
        there = {int(str(row["entry"])): row for row in held}
        for seq, wanted in acts.items():
            if f"entry {seq}" not in silent:
                name = subject_of("journal", wanted)
                self.findings += compared("journal", name, wanted, there.get(seq))

    async def conclude(self, record: Record) -> None:
        """See the rows themselves, now that all entries were heard."""
        for station, row in self.rows["station"].items():
            through = self.journals.get(station, 0)
            self.rows["station"][station] = {**row, "journal_through": through}
        for table, wanted in self.rows.items():
            held, silent = await self._held(record, table, "id", list(wanted))
            for name in sorted(wanted.keys() | held.keys()):
                if name not in silent:
                    self.findings += compared(table, name, wanted.get(name), held.get(name))
            for name in wanted.keys() & held.keys():
                self.findings += self._opened(table, name, held[name])
        self.findings += await laid_out(record)
        reasons, _silent = await self._held(record, "view_reason", "entry", [])
        for name, row in reasons.items():
            self.findings += self._opened("view_reason", name, row)
        acts = sum(self.journals.values())
        rows = await record.catalogue.run(stored.count, "journal")
        if rows > acts:
            self.findings.append(wrong("journal", ALL_ACTS, f"{rows} rows stand for {acts} acts"))

    async def _held(
        self, record: Record, table: str, column: str, wanted: Sequence[object]
    ) -> tuple[dict[str, Row], set[str]]:
        """The rows of *table* by name, and the names of those that cannot be read."""
        keys, lost = await record.keys(table, column, wanted)
        rows, unreadable = await record.rows(table, column, keys)
        self.findings += [*lost, *unreadable]
        silent = {finding.subject.split(" ")[-1] for finding in unreadable}
        return {subject_of(table, row): row for row in rows}, silent

    def _learn(self, seq: int, entry: Entry) -> None:
        fields = entry.fields
        if entry.kind is EntryKind.STATION_ENROLLED:
            station = str(fields["by"])
            self.rows["station"][station] = {
                "id": station,
                "public_key": fields["public_key"],
                "by_entry": seq,
            }
            self.journals.setdefault(station, 0)
        elif entry.kind is EntryKind.PERSON_CREATED:
            person = str(fields["person"])
            self.rows["person"][person] = {"id": person, "role": fields["role"], "by_entry": seq}
            self._commits(person, fields)
        elif entry.kind in TELLINGS:
            self._told(seq, fields, TELLINGS[entry.kind])
        elif entry.kind is EntryKind.VIEWED:
            self._commits(str(seq), fields)
        elif entry.kind in SAYINGS:
            self._said(seq, entry, SAYINGS[entry.kind])
        if entry.kind is EntryKind.DISPOSED:
            for table in sayings.WITH_CLIP:
                self.rows[table] = {
                    name: row
                    for name, row in self.rows[table].items()
                    if row.get("clip") != entry.clip
                }

    def _told(self, seq: int, fields: Mapping[str, object], kind: Telling) -> None:
        """What was withdrawn stays what it was, with the entry that says so."""
        name, rows = str(fields[kind.names]), self.rows[kind.table]
        if fields.get("withdrawn"):
            rows[name] = {**rows.get(name, {"id": name}), "withdrawn_entry": seq}
            return
        rows[name] = {"id": name, "by_entry": seq, "withdrawn_entry": None}
        self._commits(name, fields)

    def _said(self, seq: int, entry: Entry, kind: Saying) -> None:
        """What begins and what ends make one row, and are committed to in turn."""
        name = str(entry.fields[kind.table])
        new: dict[str, object] = {"id": name}
        new |= dict.fromkeys(sayings.plain_of(kind.table))
        if entry.clip is not None:
            new["clip"] = entry.clip
        row = self.rows[kind.table].get(name, new) if kind.ends else new
        self.rows[kind.table][name] = {**row, **kind.columns(seq, entry)}
        before = self.openings.get(name, {}) if kind.ends else {}
        self._commits(name, entry.fields)
        self.openings[name] = {**before, **self.openings.get(name, {})}

    def _commits(self, subject: str, fields: Mapping[str, object]) -> None:
        committed = fields.get("commitments")
        if isinstance(committed, dict):
            self.openings[subject] = committed

    def _act(self, seq: int, fields: Mapping[str, object]) -> Row:
        """What the journal's row of an act must be; the act is gapless and signed, or found."""
        station, number = str(fields["by"]), int(str(fields["n"]))
        subject = f"entry {seq}"
        if number != self.journals.get(station, 0) + 1:
            self._object(subject, f"act {number} of {station} does not follow the one before")
        self.journals[station] = number
        key = str(self.rows["station"].get(station, {}).get("public_key", ""))
        message = station_act_message(station, number, str(fields["act"]).encode("utf-8"))
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            public.verify(bytes.fromhex(str(fields["signature"])), message)
        except (InvalidSignature, ValueError):
            self._object(subject, f"act {number} is not signed by {station}")
        return {"station": station, "number": number, "entry": seq}

    def _object(self, subject: str, problem: str) -> None:
        finding = Finding(
            step=Step.ROWS, component=Component.STATION_ACT, subject=subject, problem=problem
        )
        self.findings.append(finding)

    def _opened(self, table: str, subject: str, row: Row) -> list[Finding]:
        """What a row holds in the clear must open what its entry commits to."""
        committed = self.openings.get(subject)
        if committed is None:
            missing = table == "view_reason"
            return [wrong(table, subject, NO_ENTRY)] if missing else []
        held = _values(table, row)
        false = [name for name in committed if _commitment(held.get(name)) != committed[name]]
        more = [name for name in held if name not in committed]
        names = ", ".join([*false, *more])
        problem = f"{names}: does not open what its entry commits to"
        return [wrong(table, subject, problem)] if names else _folded(table, subject, row)


def _folded(table: str, subject: str, row: Row) -> list[Finding]:
    """What is wrong with columns that are made of others."""
    return [
        wrong(table, subject, f"{column}: is not {of} folded")
        for column, of in _FOLDED.get(table, {}).items()
        if row[column] != folded(str(row[of]))
    ]


def _values(table: str, row: Row) -> dict[str, tuple[object, object]]:
    """Name of a commitment -> value and salt that should open it."""
    if (told := tellings.BY_TABLE.get(table)) is not None:
        return {tellings.COMMITMENT: (told.committed(row), row["salt"])}
    if table == "view_reason":
        return {"reason": (str(row["reason"]).encode("utf-8", "surrogatepass"), row["salt"])}
    if table in sayings.TABLES:
        return _of_saying(table, row)
    values = {"name": (str(row["name"]).encode("utf-8", "surrogatepass"), row["name_salt"])}
    if row["officer"] is not None or row["officer_salt"] is not None:
        officer = str(row["officer"]).encode("utf-8", "surrogatepass")
        values["officer"] = (officer, row["officer_salt"])
    return dict(values)


def _of_saying(table: str, row: Row) -> dict[str, tuple[object, object]]:
    return {
        name: (str(row[column]).encode("utf-8", "surrogatepass"), row[salt])
        for name, (column, salt) in sayings.texts_of(table).items()
        if row[column] is not None or row[salt] is not None
    }


def _commitment(held: tuple[object, object] | None) -> str | None:
    if held is None or not all(isinstance(part, bytes) for part in held):
        return None
    value, salt = held
    try:
        return Opening(value=bytes(value), salt=bytes(salt)).commitment.hex  # type: ignore[call-overload]
    except ValueError:
        return None
