"""The verbs of the journal: each states one fact, with its entry, and is safe to repeat."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Self

from sqlalchemy import update

from evidence.clip import ClipClass, ClipState
from evidence.clock import Clock
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.digests import Digests
from evidence.erase_proof import EraseProof
from evidence.migration import Revisions, opened
from evidence.wire import Archived
from ingest.archive_client import StationKey
from ingest.pull import Pulled
from ingest.source import FileKey
from station.assignment import Assignment, How
from station.change import Change, Lack, Outcome
from station.choosing import Said
from station.continuity import CardState, Continuity, Departure
from station.heard import Heard, Refusal
from station.journal import (
    assigning,
    calls,
    cameras,
    changes,
    choosing,
    dockings,
    erasing,
    finding,
    mail,
    reading,
    tables,
)
from station.journal.committing import commitments
from station.journal.pages import Page, translated
from station.journal.questions import Questions
from station.journal.records import (
    ClipRecord,
    Docking,
    Finding,
    Kept,
    Openings,
    SameAs,
)

FILE = "journal.sqlite"
"""Its name in the station's folder."""

REVISIONS = Revisions(of="journal", package="station.journal.versions", tables=tables.metadata)


class Journal(Questions):
    """The journal of one station.  All verbs block; call them from one thread."""

    @classmethod
    def open(cls, file: Path, key: StationKey, clock: Clock) -> Self:
        """The journal in *file*, made if it is not there, with today's tables.

        IntegrityError if it is damaged, SetupError if a newer product made it.
        """
        with translated():
            return cls(opened(file, REVISIONS), key, clock)

    def close(self) -> None:
        self._engine.dispose()

    # --- cards

    def dock(self, folder: bytes, identity: str, heard: Heard | None = None) -> Docking:
        """The card *identity* stands in *folder*; the same docking as long as it stays.

        *heard*: what its camera told before it became a card; a docking keeps what it had first.
        """
        with self._page() as page:
            return dockings.docked(page, folder, identity, heard)

    def begun(self, docking: str, before: CardState, profile: str, camera: str | None) -> None:
        """The card of *docking* was listed: *before*, if it is the first time."""
        with self._page() as page:
            dockings.begun(page, docking, before, profile, camera)

    def undock(self, docking: str, last: Continuity) -> None:
        """The card was seen to be gone; *last* is what was known of it."""
        with self._page() as page:
            dockings.ended(page, docking, Departure.LEFT, last)

    def undock_all_but(self, folders: frozenset[bytes]) -> None:
        """Of all cards that stood here, only those in *folders* still do."""
        with self._page() as page:
            dockings.all_but_left(page, folders)

    def told(self, heard: Heard, port: str) -> None:
        """What a camera at *port* told before it became a card."""
        with self._page() as page:
            cameras.told(page, heard, port)

    def device_refused(self, device: Refusal) -> None:
        """A device was turned away by the gate."""
        with self._page() as page:
            cameras.refused(page, device)

    def log_key_followed(self, old: str, new: str) -> None:
        """From here on the log's key *new* is trusted, to which the one before, *old*, led."""
        with self._page() as page:
            old_key, new_key = (Sha256.of(key.encode()).hex for key in (old, new))
            page.write(EntryKind.LOG_PINNED, None, old_key=old_key, new_key=new_key)

    # --- what is written to cameras

    def change_begun(self, change: Change, heard: Heard, port: str) -> None:
        """*change* is about to be written: stated durably before its first byte is."""
        with self._page() as page:
            changes.begun(page, change, heard, port)

    def change_refused(self, change: Change, heard: Heard, port: str, lack: Lack) -> None:
        """Nothing of *change* was written, since a fact was missing."""
        with self._page() as page:
            changes.refused(page, change, heard, port, lack)

    def change_ended(self, change: str, outcome: Outcome) -> None:
        """What came of a change that was to begin."""
        with self._page() as page:
            changes.ended(page, change, outcome)

    # --- files

    def found(self, what: Finding) -> ClipRecord:
        """The clip of a file on a card: the known one, or a new one in state FOUND.

        A known one is on record as seen (``dock.seen``, once a docking), however far it came: what
        this card may forget later is what was seen on it.
        """
        with self._page() as page:
            clip = finding.known(page, what)
            if clip is None:
                clip = finding.add(page, what)
            elif finding.note_seen(page, what.docking, clip):
                page.write(EntryKind.DOCK_SEEN, clip, docking=what.docking, how="listing")
            finding.note_sighting(page, what, clip)
            return reading.clip(page.db, clip)

    def partial(self, clip: str, *, reason: str, problem: str, got: int) -> None:
        """The card left or failed: *got* bytes of the clip are kept."""
        with self._page() as page:
            held = reading.clip(page.db, clip)
            if held.state is not ClipState.FOUND:
                return
            if (held.partial, held.got) != (reason, got):
                page.write(EntryKind.CLIP_PARTIAL, clip, reason=reason, got=got, size=held.size)
            _set(page, clip, partial=reason, got=got, problem=problem)

    def pulled(self, clip: str, key: FileKey, copy: Pulled, clip_class: ClipClass) -> Kept | SameAs:
        """A whole copy of the file with this *key* lies in staging.

        Files with other keys that were taken for its continuation are nobody's again: whoever
        looks at one next finds a clip of its own.
        """
        with self._page() as page:
            held = reading.clip(page.db, clip)
            if held.state is not ClipState.FOUND:
                return Kept(clip=clip, alarm=held.alarm)
            finding.settle_key(page, clip, key)
            others = finding.namesakes(page, held)
            for other in others:
                if other.digests is not None and other.digests.agree(copy.digests):
                    finding.merge(page, clip, other.id)
                    return SameAs(clip=other.id)
            openings = reading.openings(page.db, clip)
            given = finding.given(openings)
            alarm = finding.alarm(held, others, None if given == copy.sha256.hex else given)
            _write_pulled(page, held, openings, copy, clip_class=clip_class, others=others)
            _set(page, clip, problem=copy.restarted, alarm=alarm)
            return Kept(clip=clip, alarm=alarm)

    def verified(self, clip: str) -> None:
        """The staged copy was read again from disk and is what was pulled."""
        with self._page() as page:
            held = reading.clip(page.db, clip)
            if held.state is ClipState.PULLED and held.digests is not None:
                number = page.write(
                    EntryKind.CLIP_VERIFIED, clip, ClipState.VERIFIED, **held.digests.to_wire()
                )
                _move(page, clip, ClipState.VERIFIED, number)

    # --- at the archive

    def archived(self, clip: str, facts: Archived) -> None:
        """The archive vouches for the clip."""
        with self._page() as page:
            if reading.clip(page.db, clip).state is not ClipState.VERIFIED:
                return
            number = page.write(
                EntryKind.CLIP_ARCHIVED,
                clip,
                ClipState.ARCHIVED,
                archive_clip=facts.clip,
                archive_entry=facts.entry,
                archive_entry_sha256=Sha256.of(facts.entry_text.encode()).hex,
            )
            _move(
                page,
                clip,
                ClipState.ARCHIVED,
                number,
                archived=reading.packed(facts),
                archive_id=facts.clip,
            )

    def receipt_stored(self, clip: str) -> None:
        """The receipt lies in the receipts folder."""
        self._note(clip, receipt=True)

    def rendition_decided(
        self, clip: str, kind: str, segments: int, problem: str | None = None
    ) -> None:
        """The archive holds the rendition, or knows that there is *kind* ``none``, and why."""
        values: dict[str, object] = {"rendition": kind, "segments": segments}
        if problem is not None:
            values["problem"] = problem
        self._note(clip, **values)

    def freed(self, clip: str) -> None:
        """Staging holds nothing of the clip any more."""
        self._note(clip, freed=True)

    def stop(self, clip: str, problem: str) -> None:
        """Something is wrong that no retry mends."""
        self._note(clip, problem=problem, stopped=True)

    def try_stopped_again(self) -> None:
        """A person started the station anew: what was stopped gets another chance."""
        with self._page() as page:
            held = tables.clip
            page.db.execute(update(held).where(held.c.stopped).values(stopped=False, problem=None))

    # --- erasing

    def owed(self, docking: str) -> frozenset[str]:
        """Clips whose files at this docking may be erased, once a proof is made for each."""
        with self._page() as page:
            return erasing.owed(page, docking)

    def released(self, clip: str, docking: str, proof: EraseProof) -> int:
        """The camera may forget the clip's file: stated durably before anything is erased.

        The number of the entry.
        """
        with self._page() as page:
            number = erasing.released(page, clip, docking, proof)
            _move(page, clip, ClipState.RELEASED, number)
            return number

    def erased(self, docking: str, path: bytes, *, synced: bool) -> None:
        """The file at *path* was erased, and its name is gone."""
        with self._page() as page:
            erasing.erased(page, docking, path, "erased" if synced else "unsynced")

    def found_gone(self, docking: str, here: Collection[bytes]) -> None:
        """Of what was let go at this docking, all but *here* is gone."""
        with self._page() as page:
            erasing.found_gone(page, docking, here)

    def erase_refused(self, clip: str, docking: str, fact: int | None, problem: str) -> None:
        """A fact was missing, or the card does not let files go: nothing was erased."""
        with self._page() as page:
            erasing.refused(page, clip, docking, fact, problem)

    def differs(self, clip: str, key: FileKey, found: Digests, docking: str) -> None:
        """The file that was taken for the clip holds other bytes."""
        with self._page() as page:
            erasing.differs(page, clip, key, found, docking)

    # --- who wears which camera

    def assign(self, camera: str, officer: str, how: How, by: str) -> Assignment:
        """*officer* wears *camera* from now on; what stood before has ended."""
        with self._page() as page:
            return assigning.assign(page, camera, officer, how, by)

    def unassign(self, camera: str, by: str) -> Assignment | None:
        """*by* says that nobody wears *camera* any more; what stood till now, if anything did."""
        with self._page() as page:
            return assigning.unassign(page, camera, by)

    def came_back(self, docking: str, camera: str) -> Assignment | None:
        """The card of *docking* is *camera*'s: under which assignment it was worn, if any."""
        with self._page() as page:
            return assigning.came_back(page, docking, camera)

    def give_badge(self, number: str, officer: str, by: str) -> None:
        """*by* says that badge *number* is *officer*'s from now on."""
        with self._page() as page:
            assigning.give_badge(page, number, officer, by)

    def take_badge(self, number: str, by: str) -> bool:
        """*by* says that badge *number* is nobody's any more; whether it was somebody's."""
        with self._page() as page:
            return assigning.take_badge(page, number, by)

    def choose(self, said: Said) -> None:
        """Somebody with that officer's badge *said* at the board what a clip belongs to."""
        with self._page() as page:
            choosing.choose(page, said)

    # --- receipts on their way

    def mailed(self, docking: str, box: str, receipt: str) -> None:
        """A mail server took the *receipt* of *docking* for *box*."""
        with self._page() as page:
            mail.sent(page, docking, box, receipt)

    # --- calls for a supervisor

    def call(self, place: str) -> Mapping[str, str]:
        """Somebody calls a supervisor to *place*; all calls that are open, as :mod:`.calls`."""
        with self._page() as page:
            calls.call(page, place)
            return calls.open_calls(page)

    def answer(self, place: str | None, by: str) -> list[str]:
        with self._page() as page:
            return calls.answer(page, place, by)

    def open_calls(self) -> Mapping[str, str]:
        with self._page() as page:
            return calls.open_calls(page)

    def _note(self, clip: str, **values: object) -> None:
        with self._page() as page:
            _set(page, clip, **values)


def _set(page: Page, clip: str, **values: object) -> None:
    page.db.execute(update(tables.clip).where(tables.clip.c.id == clip).values(**values))


def _move(page: Page, clip: str, state: ClipState, by_entry: int, **values: object) -> None:
    _set(page, clip, state=state.value, by_entry=by_entry, **values)


def _write_pulled(
    page: Page,
    held: ClipRecord,
    openings: Openings,
    copy: Pulled,
    *,
    clip_class: ClipClass,
    others: list[ClipRecord],
) -> None:
    number = page.write(
        EntryKind.CLIP_PULLED,
        held.id,
        ClipState.PULLED,
        **copy.digests.to_wire(),
        size=copy.size,
        commitments=commitments(openings),
        acquisition=held.acquisition.value,
        given=_agreed(finding.given(openings), copy),
        resumed_at=copy.resumed_at or None,
        restarted=bool(copy.restarted) or None,
        other_bytes_of=[other.id for other in others] or None,
        **{"class": clip_class.value},
    )
    _move(
        page,
        held.id,
        ClipState.PULLED,
        number,
        **copy.digests.to_wire(),
        size=copy.size,
        clip_class=clip_class.value,
        partial=None,
        got=copy.size,
    )


def _agreed(given: str | None, copy: Pulled) -> str | None:
    """Whether the digest that its giver named is the true one; None if none was named."""
    return None if given is None else ("same" if given == copy.sha256.hex else "differs")
