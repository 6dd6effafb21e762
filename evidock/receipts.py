"""The receipt of a clip out of a home, running or at rest, proven before anything is written.

One rule: nothing leaves here that a stranger with the home's public policy would not believe to be
in the log; whether the witnesses have seen it is said beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from archive.books import Books
from archive.service import Archive
from evidence import durable
from evidence.clock import SystemClock
from evidence.custody import Entry
from evidence.policy import Policy
from evidence.receipt import ENTRY_SUFFIX, SUFFIX, Proven, Receipt, verify_receipt
from evidence.receipt_code import codes
from evidence.typesetting import lacking_font
from evidence.wire import ClipReceipt
from evidock import carried, control
from evidock.home import Home
from evidock.receipt_page import page
from evidock.resting import ask_if_running

RECEIPT, PAGE_SUFFIX = "receipt", ".receipt.pdf"


def receipt_operations(archive: Archive | Books) -> Mapping[str, control.Operation]:
    """What may be asked about receipts of a running home."""

    async def receipt(request: Mapping[str, object]) -> control.Answer:
        made: control.Answer = msgspec.to_builtins(await archive.receipt(str(request["clip"])))
        return made

    return {RECEIPT: receipt}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReceiptProven:
    """A receipt that holds."""

    told: ClipReceipt
    proven: Proven
    policy: Policy

    @property
    def is_quorum(self) -> bool:
        """Whether as many witnesses have seen it as the policy wants, if it wants any."""
        return self.policy.is_met(self.proven.cosignatures)

    @property
    def encryption(self) -> str | None:
        """How the clip lies in the vault at rest, as its entry tells; None: it tells nothing."""
        told = Entry(self.told.entry.encode("utf-8")).fields.get("encryption")
        return None if told is None else str(told)

    def write(self, folder: Path, *, is_page_wanted: bool) -> list[Path]:
        """Receipt, entry and, if wanted, the page, as files in *folder*; their paths.

        What lies there of that name is replaced.  SetupError if a page cannot be set here.
        """
        clip = self.told.clip.summary.id
        made = {
            SUFFIX: self.told.proof.encode("utf-8"),
            ENTRY_SUFFIX: self.told.entry.encode("utf-8"),
        }
        if is_page_wanted:
            made[PAGE_SUFFIX] = page(self.told, self.proven, self.policy)
        durable.make_folder(folder)
        for suffix, data in made.items():
            durable.replace(folder / f"{clip}{suffix}", data)
        return [folder / f"{clip}{suffix}" for suffix in made]

    def draw(self, picture: Path) -> list[Path]:
        """The QR codes as pictures; *picture* names them, with their number if there are more."""
        texts = codes(self.told.proof.encode("utf-8"), self.told.entry.encode("utf-8"))
        paths = [picture]
        if len(texts) > 1:
            name = f"{picture.stem}-{{}}-of-{len(texts)}{picture.suffix}"
            paths = [picture.with_name(name.format(at)) for at in range(1, len(texts) + 1)]
        for path, text in zip(paths, texts, strict=True):
            carried.write(text.encode("ascii"), path)
        return paths


def receipt_of(home: Home, clip: str) -> ClipReceiptProven:
    """The receipt of *clip*, whether *home* runs or rests.

    NotKnown without such an archived clip; LogBroken if what the archive tells does not hold.
    """
    answer = ask_if_running(home, RECEIPT, clip=clip)
    if answer is None:
        told = asyncio.run(_at_rest(home, clip))
    else:
        told = msgspec.convert(answer, ClipReceipt)
    policy = Policy.parse(told.policy.encode("utf-8"))
    proof, entry = told.proof.encode("utf-8"), told.entry.encode("utf-8")
    proven = verify_receipt(proof, entry, policy.logs)
    said = policy.said(Receipt.parse(proof).note)
    return ClipReceiptProven(told=told, proven=replace(proven, cosignatures=said), policy=policy)


def why_no_page() -> str | None:
    """Why no page can be set on this machine; None if it can."""
    return lacking_font()


async def _at_rest(home: Home, clip: str) -> ClipReceipt:
    with home.locked():
        opened = Archive.at_rest(home.settings(), home.archive, SystemClock())
        async with opened as books:
            return await books.receipt(clip)
