"""The receipt of a docking: one line that an officer may photograph, and check for years.

One rule: it is made only when every clip of the docking is archived and each has its receipt in
our folder; it names the log's own entries, so it is worth exactly what they are worth.

``EVIDOCK:RECEIPT:1:<station>:<docking>:<clips>:<sha256>``, in capitals, which a QR code packs
best.  The SHA-256 is over the SHA-256 of each clip's entry in hex, sorted, each with a line feed:
``sha256sum *.entry.json | cut -c1-64 | sort | sha256sum`` (``docs/operator-station.md``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.errors import IntegrityError, SetupError
from evidence.vault.encryption import words_of
from station.cosigning import Cosigning
from station.desk import Desk
from station.enrol import pinned_log_key, stored_key
from station.journal.journal import FILE, Journal
from station.journal.records import ClipRecord
from station.receipts import Receipts

_TEXT = re.compile(
    r"EVIDOCK:RECEIPT:1:(?P<station>S-[0-9A-F]{32}):(?P<docking>D-[0-9A-F]{32})"
    r":(?P<clips>[1-9][0-9]{0,8}):(?P<digest>[0-9A-F]{64})"
)


def receipt_text(station: str, docking: str, entries: Sequence[bytes]) -> str:
    """The receipt of *docking* at *station*, of clips with these log *entries*."""
    digest = _digest(entries)
    return f"evidock:receipt:1:{station}:{docking}:{len(entries)}:{digest}".upper()


def entries_of(clips: Iterable[ClipRecord]) -> list[bytes] | None:
    """The log entry of each clip; None if one of them is not archived with a receipt yet."""
    found = []
    for clip in clips:
        if clip.archived is None or not clip.receipt:
            return None
        found.append(clip.archived.entry_text.encode("utf-8"))
    return found


@dataclass(slots=True, kw_only=True)
class DockingReceipt:
    """The receipt of one docking that is going on."""

    desk: Desk
    station: str
    cosigning: Cosigning
    text: str | None = None
    """None until all that was seen on the card is archived."""
    at_rest: tuple[str, str] = ("", "")
    """How its clips lie in the vault, in Chinese and English, as their entries tell."""
    is_stale: bool = field(default=True)
    """Something may have been seen on the card since it was made."""
    _clips: Sequence[ClipRecord] = ()
    _pending: datetime | None = None
    """Since when it waits for witnesses to see it."""

    async def look(self, docking: str) -> None:
        """Make it, if it can be made and is not made; see whether witnesses have seen it."""
        if self.is_stale:
            clips = await self.desk.ask(lambda journal: journal.archived_at(docking))
            entries = entries_of(clips or ())
            self.text = receipt_text(self.station, docking, entries) if entries else None
            self.at_rest = words_of(entries) if entries else ("", "")
            self._clips = clips or ()
            self.is_stale = self.text is None
        self._pending = None if self.is_stale else await self.cosigning.pending(self._clips)

    @property
    def is_unseen(self) -> bool:
        """Whether too few witnesses have seen it for too long."""
        return self.cosigning.is_long(self._pending)


async def check_receipt(desk: Desk, receipts: Receipts, station: str, text: str) -> list[str]:
    """What speaks against the receipt *text* at this *station*, in words; empty: it is genuine.

    SetupError if it is no receipt of a docking at all.
    """
    told = _read(text)
    clips = await desk.ask(lambda journal: journal.archived_at(told["docking"].lower()))
    return await asyncio.to_thread(_problems, told, clips, receipts, station)


def check_stored_receipt(folder: Path, receipts: Path, text: str, clock: Clock) -> list[str]:
    """As :func:`check_receipt`, by the journal in *folder* while no station runs there.  Blocks."""
    key = stored_key(folder)
    if key is None or not (folder / FILE).exists():
        raise SetupError(f"no station has worked in {folder} yet")
    told = _read(text)
    journal = Journal.open(folder / FILE, key, clock)
    try:
        clips = journal.archived_at(told["docking"].lower())
    finally:
        journal.close()
    kept = Receipts(folder=receipts, log=pinned_log_key(folder))
    return _problems(told, clips, kept, key.station)


def _read(text: str) -> re.Match[str]:
    """The parts of the receipt *text*; SetupError if it is none."""
    told = _TEXT.fullmatch(text.strip().upper())
    if told is None:
        raise SetupError(
            f"{text[:200]!r} is no receipt of a docking",
            advice="It begins with EVIDOCK:RECEIPT:1: and is one line, as the QR code gives it.",
        )
    return told


def _problems(
    told: re.Match[str], clips: Sequence[ClipRecord] | None, receipts: Receipts, station: str
) -> list[str]:
    """What speaks against the receipt *told*, if its docking had these *clips*."""
    if told["station"].lower() != station:
        return [f"it is from station {told['station'].lower()}; this one is {station}"]
    entries = entries_of(clips or ())
    if not clips or not entries:
        docking = told["docking"].lower()
        return [f"no docking {docking} whose clips are all archived is known here"]
    return [*_differences(told, entries), *_unproven(receipts, clips)]


def _differences(told: re.Match[str], entries: Sequence[bytes]) -> list[str]:
    if int(told["clips"]) != len(entries):
        now = f"{len(entries)} are archived of this docking"
        later = "files that came onto the card after it was shown are on a later receipt"
        return [f"it speaks of {told['clips']} clips, and {now}: {later}"]
    if told["digest"].lower() != _digest(entries):
        return ["the log's entries about these clips are not the ones it was made of"]
    return []


def _unproven(receipts: Receipts, clips: Iterable[ClipRecord]) -> list[str]:
    """What is wrong with the receipt of each of *clips* in our folder."""
    wrong = []
    for clip in clips:
        if clip.archived is None or clip.digests is None:
            continue
        try:
            receipts.check(receipts.read(clip.name), clip.archived, clip.digests)
        except IntegrityError as error:
            wrong.append(f"clip {clip.name}: {error}")
    return wrong


def _digest(entries: Iterable[bytes]) -> str:
    lines = sorted(f"{Sha256.of(entry).hex}\n" for entry in entries)
    return Sha256.of("".join(lines).encode("ascii")).hex
