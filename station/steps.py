"""The steps of a clip's journey that need no card: verify, send, receipt, derive, free.

One rule: each step first does its work and then tells the journal, so that a crash in between only
means that the work is done, or found done, once more.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from evidence.clip import ClipClass
from evidence.clock import Clock
from evidence.errors import TemporaryError
from evidence.names import last_part
from evidence.wire import ClipOffer, OpeningSent
from ingest.archive_client import ArchiveClient
from ingest.classify import HEAD, classify
from ingest.derive import Made, derive
from ingest.journey import Step
from ingest.pace import Pace
from ingest.rendition.tools import Tools
from ingest.staging import Staging
from ingest.upload import Upload
from ingest.verify import verify
from station.desk import Desk
from station.journal.records import ClipRecord, Openings
from station.outbox import Outbox
from station.patience import Patience
from station.receipts import Receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """All that the steps need."""

    desk: Desk
    staging: Staging
    scratch: Path
    receipts: Receipts
    archive: ArchiveClient
    outbox: Outbox
    tools: Tools
    clock: Clock
    pace: Pace
    """How fast bytes are sent, all together."""
    sending: asyncio.Semaphore
    """A turn for each clip whose bytes are sent at the same time."""

    async def run(self, step: Step, clip: str) -> None:
        """Run *step* for *clip*; TemporaryError to try again, IntegrityError for a person."""
        held = await self.desk.ask(lambda journal: journal.clip(clip))
        match step:
            case Step.PULL:
                raise ValueError(f"{clip} is pulled from its card, not from here")
            case Step.VERIFY:
                await self._verify(held)
            case Step.SEND:
                await self._send(held)
            case Step.RECEIPT:
                await self._receipt(held)
            case Step.DERIVE:
                await self._derive(held)
            case Step.FREE:
                await asyncio.to_thread(self.staging.free, clip)
                await self.desk.tell(lambda journal: journal.freed(clip))

    async def _verify(self, held: ClipRecord) -> None:
        if held.digests is None:
            raise ValueError(f"{held.id} has no digest yet")
        staged = self.staging.whole(held.id)
        await asyncio.to_thread(verify, staged, digests=held.digests, size=held.size)
        await self.desk.tell(lambda journal: journal.verified(held.id))

    async def _send(self, held: ClipRecord) -> None:
        number = await self.desk.ask(lambda journal: journal.last_number(held.id))
        openings = await self.desk.ask(lambda journal: journal.openings(held.id))
        await self.outbox.arrived(number)
        upload = Upload(
            archive=self.archive,
            staged=self.staging.whole(held.id),
            offer=_offer(held, openings),
            turn=self.sending,
            pace=self.pace,
        )
        facts = await upload.run()
        await self.desk.tell(lambda journal: journal.archived(held.id, facts))

    async def _receipt(self, held: ClipRecord) -> None:
        if held.archived is None or held.digests is None:
            raise ValueError(f"{held.id} is not archived yet")
        file = self.receipts.file(held.name)
        if file.exists():
            text = file.read_bytes()
        else:
            seen_by = "?witnesses=1" if self.receipts.witnesses else ""
            text = await self.archive.get_bytes(f"/v1/clips/{held.name}/receipt{seen_by}")
        await asyncio.to_thread(self.receipts.keep, text, held.archived, held.digests)
        await self.desk.tell(lambda journal: journal.receipt_stored(held.id))

    async def _derive(self, held: ClipRecord) -> None:
        staged = self.staging.whole(held.id)
        head = await asyncio.to_thread(_head, staged)
        kind = classify(head, last_part(held.path), held.size)
        made = await derive(staged, kind, self.scratch / held.id, tools=self.tools)
        shown = await self._hand_over(made, held.name)
        told = shown.offer
        problem = None if held.clip_class is ClipClass.SIDECAR else told.problem
        await self.desk.tell(
            lambda journal: journal.rendition_decided(held.id, told.kind, told.segments, problem)
        )
        await made.clear()

    async def _hand_over(self, made: Made, clip: str) -> Made:
        """Send what was made, as long as it takes: making it again would cost more than waiting."""
        patience = Patience(self.clock)
        while True:
            try:
                await made.send(self.archive, clip)
            except TemporaryError:
                await patience.pause()
            else:
                return made


def _offer(held: ClipRecord, openings: Openings) -> ClipOffer:
    if held.sha256 is None:
        raise ValueError(f"{held.id} has no digest yet")
    return ClipOffer(
        clip=held.id,
        camera=held.camera,
        path_hex=held.path.hex(),
        sha256=held.sha256.hex,
        sm3=None if held.sm3 is None else held.sm3.hex,
        size=held.size,
        clip_class=held.clip_class.value,
        profile=held.profile,
        openings={
            name: OpeningSent(salt=each.salt.hex(), value_hex=each.value.hex())
            for name, each in openings.items()
        },
        officer=held.officer,
        started=held.started,
        important=held.important,
        clock_offset_ms=held.clock_offset_ms,
        acquisition=held.acquisition.value,
    )


def _head(staged: Path) -> bytes:
    with staged.open("rb") as stream:
        return stream.read(HEAD)
