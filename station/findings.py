"""Finding: what stands on a card, whose it is, and what the journal knows it as.

One rule: everything with a name is listed; what cannot be read or must not be opened, with its
reason.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from evidence.clip import ClipClass, ClipState
from evidence.errors import CardGone, CardReadFailed, FileRefused
from evidence.names import last_part
from evidence.settings import StationSettings
from ingest.classify import HEAD, classify
from ingest.source import ClipSource, Listed, Sort, key_of
from station.assignment import Assignment
from station.claims import CardReader, Speaking, read_card
from station.continuity import CardState, Continuity
from station.desk import Desk
from station.heard import Heard
from station.joining import lacking
from station.journal.journal import Journal
from station.journal.records import ClipRecord, Finding
from station.numbering import missing
from station.profile import Profile, best, fallback
from station.profile.segments import Segments

UNREADABLE = "unreadable"
LEFT_OUT = "out-of-scope"


@dataclass(slots=True, kw_only=True)
class Finder:
    """Turns the listing of one card into findings."""

    desk: Desk
    settings: StationSettings
    profiles: Sequence[Profile]
    heard: Heard | None = None
    """What the camera of this card said itself."""
    assigned: Assignment | None = None
    """Under which assignment its camera was worn."""
    _listing: Sequence[Listed] = ()
    """What it is known by: the newest that was not empty."""
    _last: Sequence[Listed] = ()
    _reader: CardReader | None = None
    _wearer: tuple[str, str | None] = ("", None)
    _camera: str | None = None
    _begun: str | None = None
    """The docking whose beginning is on record."""

    @property
    def wearer(self) -> tuple[str, str | None]:
        """Camera and officer of the card as a whole; empty before the first look."""
        return self._wearer

    @property
    def camera(self) -> str | None:
        """Its camera, if anything but the card's place names it."""
        return self._camera

    @property
    def listing(self) -> Sequence[Listed]:
        """What stood on the card when it was last studied."""
        return self._listing

    @property
    def read_by(self) -> tuple[str, str]:
        """Id of the card's profile, and how far that was proven; empty before the first look."""
        if self._reader is None:
            return "", ""
        profile = self._reader.profile
        return profile.id, profile.verified

    @property
    def segments(self) -> Segments | None:
        """How the camera of this card cuts recordings; None if it does not, or nobody knows."""
        return None if self._reader is None else self._reader.profile.segments

    def study(self, source: ClipSource, listing: Sequence[Listed], folder: bytes) -> None:
        """Choose the profile for this *listing*, and read its sidecar.  Blocks.

        A card that has forgotten everything is still the card it was.
        """
        self._last = listing
        if self._reader is not None and (listing == self._listing or not listing):
            return
        generic = fallback(self.profiles)
        if isinstance(source, Speaking):
            self._reader = source.reader(listing, folder, generic)
        else:
            self._reader = read_card(
                source,
                listing,
                folder,
                profile=best(self.profiles, listing),
                fallback=generic,
                offset=timedelta(minutes=self.settings.camera_utc_offset_minutes),
                heard=self.heard,
            )
        self._listing = listing
        self.worn(self.assigned)

    def worn(self, assigned: Assignment | None) -> None:
        """Its camera was worn under *assigned*: what stands on it is claimed so."""
        self.assigned = assigned
        if self._reader is None:
            raise ValueError("a card is studied before it is known who wore its camera")
        self._reader = replace(self._reader, assigned=assigned)
        files = self._reader.of_files(self._listing)
        self._wearer, self._camera = self._reader.wearer(files), self._reader.camera(files)

    @property
    def sidecars(self) -> Collection[bytes] | None:
        """The files that name camera or wearer; None if there should be one and is none."""
        return () if self._reader is None else self._reader.sidecars(self._listing)

    def is_companion(self, listed: Listed) -> bool:
        """Whether *listed* only accompanies recordings."""
        return self._reader is not None and self._reader.is_companion(listed)

    def examine(self, source: ClipSource, listed: Listed) -> Finding | None:
        """What *listed* is by its first bytes; None if it has just left or changed.  Blocks."""
        if listed.sort is not Sort.FILE and listed.problem is None:
            return self._refused(listed)
        if not self._is_in_scope(listed):
            return self._left_out(listed)
        if listed.problem is not None:
            return self._unreadable(listed, listed.problem)
        try:
            with source.open(listed) as original:
                head = original.read_at(0, HEAD)
        except CardReadFailed as error:
            return self._unreadable(listed, str(error))
        except (CardGone, FileRefused):
            return None
        kind = classify(head, last_part(listed.path), listed.size)
        return self._finding(source.serial, listed, head, kind.clip_class)

    async def see_begun(self, docking: str) -> None:
        """Put on record, once, what stood on the card when it was listed first."""
        if self._begun == docking or self._reader is None:
            return
        before, profile, camera = CardState.of(self._last), self._reader.profile.id, self._camera
        await self.desk.tell(lambda journal: journal.begun(docking, before, profile, camera))
        self._begun = docking

    async def gaps(self) -> list[str]:
        """Names, or spans of them, that lack on the card and were never seen from its camera."""
        paths = [listed.path for listed in self._listing]
        camera, _ = self._wearer
        known = await self.desk.ask(partial(Journal.paths_of, camera=camera)) if paths else []
        return [*missing(paths, known), *lacking(paths, known, self.segments)]

    async def continuity(self) -> Continuity:
        """What is known of the card when it leaves."""
        if self._reader is None:
            return Continuity(heard=self.heard)
        return Continuity(
            profile=self._reader.profile.id,
            camera=self._camera,
            heard=self.heard,
            after=CardState.of(self._last),
            gaps=await self.gaps(),
        )

    async def record(self, what: Finding, docking: str) -> ClipRecord:
        """What the journal knows *what* as, from now on at the latest."""
        found = replace(what, docking=docking)
        held = await self.desk.tell(lambda journal: journal.found(found))
        if what.reason == UNREADABLE and held.state is ClipState.FOUND:
            problem = what.problem or ""
            await self.desk.tell(
                lambda journal: journal.partial(
                    held.id, reason=UNREADABLE, problem=problem, got=held.got
                )
            )
            return await self.desk.ask(lambda journal: journal.clip(held.id))
        return held

    def _refused(self, listed: Listed) -> Finding:
        timeless = replace(listed, mtime_ns=0)
        return replace(
            self._finding("", timeless, b"", ClipClass.REFUSED),
            reason=listed.sort.value,
            problem=f"a {listed.sort.value}: there is no original behind this name",
        )

    def _is_in_scope(self, listed: Listed) -> bool:
        scope = None if self._reader is None else self._reader.profile.scope
        return scope is None or listed.sort is not Sort.FILE or scope.holds(listed.path)

    def _left_out(self, listed: Listed) -> Finding:
        return replace(
            self._finding("", listed, b"", ClipClass.REFUSED),
            reason=LEFT_OUT,
            problem="outside the scope of its profile: it was not read",
        )

    def _unreadable(self, listed: Listed, problem: str) -> Finding:
        return replace(
            self._finding("", listed, b"", ClipClass.PARTIAL), reason=UNREADABLE, problem=problem
        )

    def _finding(self, serial: str, listed: Listed, head: bytes, clip_class: ClipClass) -> Finding:
        if self._reader is None:
            raise ValueError("a card is studied before its files are examined")
        claims = self._reader.claims(listed)
        return Finding(
            docking="",
            folder=self._reader.folder,
            key=key_of(listed, head, camera=claims.camera, serial=serial),
            claims=claims,
            clip_class=clip_class,
            profile=self._reader.profile.id,
            acquisition=self._reader.acquisition,
            handed_in=self._reader.said_of(listed),
        )
