"""Receipts: proof that the archive's entry about a clip is in the log, checked before it is kept.

One rule: nothing is kept that does not verify with the log key this station pinned when it
enrolled, or that proves an entry about another clip or other bytes.  Beside each receipt lies the
entry it proves, byte for byte, so that whoever takes both away needs neither station nor archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence import durable
from evidence.cosignature import WitnessKey
from evidence.custody import Entry
from evidence.digests import Digests
from evidence.errors import LogBroken
from evidence.note import VerifierKey
from evidence.receipt import ENTRY_SUFFIX, SUFFIX, verify_receipt
from evidence.wire import Archived


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """The folder receipts are kept in, and the key they must verify with."""

    folder: Path
    log: VerifierKey
    witnesses: tuple[WitnessKey, ...] = ()
    """Whose cosignatures count; a receipt is kept with as many as it came with, and with none."""

    def file(self, clip: str) -> Path:
        """Where the receipt of *clip* lies."""
        return self.folder / f"{clip}{SUFFIX}"

    def read(self, clip: str) -> bytes:
        """The receipt of *clip* as it was kept; LogBroken if it cannot be read any more."""
        try:
            return self.file(clip).read_bytes()
        except OSError as error:
            raise LogBroken(f"the receipt {self.file(clip)} cannot be read: {error}") from error

    def keep(self, text: bytes, archived: Archived, wanted: Digests) -> None:
        """Keep the receipt *text* of what the archive told; safe to repeat.

        LogBroken if it does not prove that the bytes *wanted* are archived as that clip.
        """
        self.check(text, archived, wanted)
        entry = archived.entry_text.encode("utf-8")
        durable.create_same(self.folder / f"{archived.clip}{ENTRY_SUFFIX}", entry)
        durable.create_same(self.file(archived.clip), text)

    def renew(self, text: bytes, archived: Archived, wanted: Digests) -> None:
        """Keep *text* in place of the receipt that is kept; the caller knows that it proves more.

        LogBroken as in :meth:`keep`, and then the one before stays.
        """
        self.check(text, archived, wanted)
        durable.replace(self.file(archived.clip), text)

    def check(self, text: bytes, archived: Archived, wanted: Digests) -> None:
        """Return if *text* proves that the bytes *wanted* are archived as told; else LogBroken."""
        entry = Entry(archived.entry_text.encode("utf-8"))
        proven = verify_receipt(text, entry.raw, [self.log])
        if proven.index != archived.entry:
            raise LogBroken(
                f"the receipt of {archived.clip} proves entry {proven.index},"
                f" not its own, which is {archived.entry}"
            )
        if entry.clip != archived.clip or not wanted.are(entry.fields.get("digests")):
            raise LogBroken(f"entry {archived.entry} is not about {archived.clip} and {wanted}")
