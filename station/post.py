"""The post: the receipt of each docking, mailed to boxes that the agency does not run.

One rule: what is due follows from the journal, so nothing queues anywhere else.  A mail is noted
as sent only after a server took it; a kill in between sends it twice, under one Message-ID.

The station mails, not the archive: these receipts hold the archive to its word, and whoever is
held to it must not be the postman.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from evidence import durable
from evidence.clock import Clock, stamp, unstamp
from evidence.errors import EvidenceError, IntegrityError, MailNotSent, SetupError, TemporaryError
from station.aside import aside
from station.cosigning import Cosigning, archived_at
from station.desk import Desk
from station.docking_receipt import entries_of, receipt_text
from station.journal.journal import Journal
from station.journal.records import ClipRecord, MailedDocking
from station.letter import Attached, letters
from station.patience import Patience
from station.postage import Postage
from station.supervision import in_words, supervised

EVERY, LONGEST = 15.0, 300.0
"""Seconds between two rounds, and at most after rounds in which something failed."""
OLDEST = timedelta(days=90)
"""What has not come together so long after its card left is mailed no more."""
CALM = timedelta(minutes=1)
"""While a card stands, its receipt is mailed once nothing of it was archived for so long."""
_SINCE = "mail-since"
_log = logging.getLogger(__name__)


def begun_to_mail(folder: Path, clock: Clock) -> datetime:
    """When the station in *folder* was first told to mail: what left before then is not mailed."""
    file = folder / _SINCE
    if not file.exists():
        durable.create(file, f"{stamp(clock.now())}\n".encode())
    try:
        return unstamp(file.read_text("ascii").strip())
    except ValueError as error:
        raise SetupError(
            f"{file} holds no time: {error}",
            advice="Write into it since when dockings are to be mailed (2026-11-28T00:00:00.000Z).",
        ) from error


@dataclass(slots=True, kw_only=True)
class Post:
    """Mails until cancelled."""

    desk: Desk
    cosigning: Cosigning
    postage: Postage
    station: str
    folder: Path
    """The station's own."""
    clock: Clock
    _trouble: dict[str, str] = field(default_factory=dict)
    """Box, or docking, -> what kept mail from it in the last round."""
    _failing: dict[str, str] = field(default_factory=dict)
    """The same, in the round that goes on."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _done: set[str] = field(default_factory=set)
    """Dockings of which nothing will be due any more."""

    @property
    def problems(self) -> list[str]:
        """What keeps receipts from being mailed."""
        return list(dict.fromkeys(self._trouble.values()))

    async def run(self) -> None:
        """Mail what is due, again and again; more and more rarely while something fails."""
        patience = Patience(self.clock, EVERY, LONGEST)
        while True:
            try:
                await supervised(self.round(), self._broke)
            except TemporaryError as error:
                await self._broke(in_words(error))
            if not self._trouble:
                patience.reset()
            await patience.pause()

    async def round(self) -> None:
        """Mail what is due now; a box that fails is left alone till the next round."""
        async with self._turn:
            self._failing = {}
            begun = await asyncio.to_thread(begun_to_mail, self.folder, self.clock)
            since = max(begun, self.clock.now() - OLDEST)
            for stay in await self.desk.ask(partial(Journal.dockings_since, since=since)):
                if stay.docking not in self._done:
                    await self._supervise(stay)
            self._trouble = self._failing

    async def _broke(self, why: str) -> None:
        """A whole round came to nothing, such as on a full disk."""
        self._trouble = {"": f"receipts are not mailed: {why}"}

    async def _supervise(self, stay: MailedDocking) -> None:
        """Mail what is due of one docking; where something is wrong with it, others go on."""
        try:
            await self._see(stay)
        except IntegrityError as error:
            self._failing[stay.docking] = in_words(error)

    async def _see(self, stay: MailedDocking) -> None:
        """Mail what is due of one docking."""
        clips = await self.desk.ask(partial(Journal.archived_at, docking=stay.docking))
        entries = entries_of(clips or ())
        text = receipt_text(self.station, stay.docking, entries) if entries else None
        due = [box for box in self.postage.settings.to if stay.mailed.get(box) != text]
        if clips is None or (text is not None and due and not await self._is_ripe(clips)):
            return
        if text is not None and due:
            if stay.has_left or self._is_calm(clips):
                await self._mail(stay.docking, text, clips, due)
        elif stay.has_left:
            self._done.add(stay.docking)

    def _is_calm(self, clips: Sequence[ClipRecord]) -> bool:
        """Whether nothing was archived for a while: what is pushed comes one by one."""
        return max(map(archived_at, clips)) + CALM <= self.clock.now()

    async def _is_ripe(self, clips: Sequence[ClipRecord]) -> bool:
        """Whether enough witnesses have seen it all, or were waited for long enough."""
        since = await self.cosigning.pending(clips)
        return since is None or self.cosigning.is_long(since)

    async def _mail(
        self, docking: str, text: str, clips: Sequence[ClipRecord], due: Sequence[str]
    ) -> None:
        is_seen = await self.cosigning.pending(clips) is None if self.cosigning.is_wanted else None
        made = await asyncio.to_thread(partial(self._letters, text, clips, is_seen=is_seen))
        for box in due:
            if box in self._failing:
                continue
            try:
                for letter in made:
                    letter.replace_header("To", box)  # no box is told of the others
                    await aside(partial(self.postage.send, letter, box), "mail")
            except (MailNotSent, SetupError) as error:
                self._failed(box, error)
            else:
                await self.desk.ask(partial(Journal.mailed, docking=docking, box=box, receipt=text))

    def _letters(
        self, text: str, clips: Sequence[ClipRecord], *, is_seen: bool | None
    ) -> list[EmailMessage]:
        """The mails, made of what lies in our folder.  Blocks."""
        attached = [
            Attached(
                clip=clip.name,
                receipt=self.cosigning.receipts.read(clip.name),
                entry=clip.archived.entry_text.encode("utf-8"),
            )
            for clip in clips
            if clip.archived is not None
        ]
        sender, at = self.postage.settings.sender, self.clock.now()
        return letters(text, attached, sender=sender, at=at, is_seen=is_seen)

    def _failed(self, box: str, error: EvidenceError) -> None:
        self._failing[box] = f"receipts are not mailed: {in_words(error)}"
        _log.warning("%s", self._failing[box])
