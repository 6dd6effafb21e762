"""Packages as their recipient reads them: with nothing of the archive but the policy's key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.export.order import Exported, Order
from evidence.note import Checkpoint, VerifierKey, open_checkpoint
from evidence.package import CHECKPOINT, STATEMENT, Selection, Statement, entry_path, proof_path
from evidence.receipt import verify_receipt
from tests.archive.house import Footage, Open, Station

REASON = "handed to the court of the third district"


def order(out: Path, kind: str = "all", **more: Any) -> Order:
    """An order of a selection of *kind*."""
    selected = {name: more.pop(name) for name in ("clips", "subject", "day") if name in more}
    selection = Selection(kind=kind, **selected)  # type: ignore[arg-type]
    return Order(selection=selection, reason=REASON, out=out, **more)


async def export(door: Open, out: Path, kind: str = "all", **more: Any) -> Exported:
    """Make a package."""
    return await door.archive.export(order(out, kind, **more), lambda *_told: None)


async def archived(station: Station, footage: Footage) -> str:
    """The clip of *footage*, found, pulled and archived."""
    await station.pull(footage)
    return (await station.archive(footage)).clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package folder."""

    folder: Path

    @property
    def files(self) -> set[str]:
        return {
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def data(self, path: str) -> bytes:
        return (self.folder / "data" / path).read_bytes()

    @property
    def statement(self) -> Statement:
        return Statement.from_bytes(self.data(STATEMENT))

    def wrong_digests(self) -> list[str]:
        """Files that are not what the lists say; files that no list names."""
        listed: dict[str, str] = {}
        for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
            for line in (self.folder / name).read_text("utf-8").splitlines():
                digest, _, path = line.partition("  ")
                listed[path] = digest
        found = {
            path: hashlib.sha256((self.folder / path).read_bytes()).hexdigest()
            for path in self.files - {"tagmanifest-sha256.txt"}
        }
        return sorted(path for path in found.keys() | listed if found.get(path) != listed.get(path))

    def checkpoint(self, key: str) -> Checkpoint:
        return open_checkpoint(self.data(CHECKPOINT), [VerifierKey.parse(key)])

    def prove(self, index: int, key: str) -> dict[str, Any]:
        """The fields of an entry, once it is proven to be in the log."""
        raw = self.data(entry_path(index))
        proven = verify_receipt(self.data(proof_path(index)), raw, [VerifierKey.parse(key)])
        assert (proven.index, proven.checkpoint) == (index, self.checkpoint(key))
        fields: dict[str, Any] = json.loads(raw)
        return fields

    @property
    def indexes(self) -> list[int]:
        """Of the entries it holds."""
        return sorted(int(path.stem) for path in (self.folder / "data/entries").glob("*.json"))
