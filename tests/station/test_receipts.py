from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.log.log import Log
from archive.log.store import TileStore
from evidence.custody import EntryKind, write_entry
from evidence.digests import Sm3, digests_of, sm3_maker
from evidence.errors import LogBroken
from evidence.note import FileSigner
from evidence.wire import Archived, VaultFacts
from station.receipts import Receipts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIGNER = FileSigner("log.example/a", Ed25519PrivateKey.generate())
BYTES = digests_of(b"footage", sm3_maker())
FACTS = VaultFacts(bucket="b", key="k", version_id="v", mode="COMPLIANCE", lock_until="x")


@dataclass(frozen=True, slots=True)
class Told:
    """What an archive answered, and the receipt it gave."""

    archived: Archived
    text: bytes


@pytest.fixture
def told(tmp_path: Path) -> Told:
    entries = [
        write_entry(EntryKind.ARCHIVED, at=NOW, by="archive", clip=clip, digests=BYTES.to_wire())
        for clip in ("c-1", "c-2")
    ]
    log = Log.open(TileStore(tmp_path / "log"), SIGNER)
    log.integrate([entry.raw for entry in entries])
    archived = Archived(
        clip="c-1",
        vault=FACTS,
        retain_until="x",
        retain_rule="default",
        entry=0,
        entry_text=entries[0].raw.decode(),
    )
    return Told(archived, log.receipt(0))


@pytest.fixture
def receipts(tmp_path: Path) -> Receipts:
    return Receipts(folder=tmp_path, log=SIGNER.key)


def test_a_receipt_is_kept_beside_the_entry_it_proves(receipts: Receipts, told: Told) -> None:
    receipts.keep(told.text, told.archived, BYTES)
    receipts.keep(told.text, told.archived, BYTES)

    assert receipts.file("c-1").read_bytes() == told.text
    entry = receipts.folder / "c-1.entry.json"
    assert entry.read_text() == told.archived.entry_text


def test_a_receipt_for_other_bytes_is_refused(receipts: Receipts, told: Told) -> None:
    with pytest.raises(LogBroken, match="is not about c-1"):
        receipts.keep(told.text, told.archived, digests_of(b"other"))

    assert not receipts.file("c-1").exists()


def test_a_receipt_of_a_log_that_was_not_pinned_is_refused(receipts: Receipts, told: Told) -> None:
    stranger = FileSigner("log.example/a", Ed25519PrivateKey.generate())

    with pytest.raises(LogBroken):
        replace(receipts, log=stranger.key).keep(told.text, told.archived, BYTES)


@pytest.mark.parametrize("change", [{"entry": 1}, {"entry_text": "{}"}, {"clip": "c-2"}])
def test_a_receipt_of_another_entry_is_refused(
    receipts: Receipts, told: Told, change: dict[str, object]
) -> None:
    archived = msgspec.structs.replace(told.archived, **change)

    with pytest.raises(LogBroken):
        receipts.keep(told.text, archived, BYTES)


def test_a_receipt_that_proves_more_takes_the_others_place(
    receipts: Receipts, told: Told, tmp_path: Path
) -> None:
    receipts.keep(told.text, told.archived, BYTES)
    log = Log.open(TileStore(tmp_path / "log"), SIGNER)
    log.integrate([b"another entry"])
    newer = log.receipt(0)
    receipts.renew(newer, told.archived, BYTES)
    assert receipts.read("c-1") == newer != told.text

    with pytest.raises(LogBroken):
        receipts.renew(log.receipt(1), told.archived, BYTES)
    assert receipts.read("c-1") == newer, "what is none does not take its place"


def test_a_receipt_for_the_same_sha256_and_another_sm3_is_not_kept(
    receipts: Receipts, told: Told
) -> None:
    receipts.keep(told.text, told.archived, replace(BYTES, sm3=None))

    with pytest.raises(LogBroken, match="is not about c-1"):
        receipts.keep(told.text, told.archived, replace(BYTES, sm3=Sm3(bytes(32))))
