"""Acts of who holds the log's key, too: another history is written, and signed with that key."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.log.witnesses import problems_in
from evidence.clock import SystemClock
from evidence.cosignature import cosign
from evidence.custody import EntryKind
from evidence.merkle import consistency_proof, leaf_hash, root_of
from evidence.note import Checkpoint, sign_checkpoint
from evidence.witnessing import AddCheckpoint
from tests.court import witness
from tests.evidence.trees import MemoryTree
from tests.insider.acts import act
from tests.insider.home import Home, verify

REWRITTEN = {"received": "2020-01-01T00:00:00.000Z"}


def retold(home: Home, kind: EntryKind, **fields: object) -> tuple[int, list[bytes]]:
    """An entry of *kind* that tells something else, and all entries with it."""
    index, entries = home.find(kind), home.entries()
    changed = json.loads(entries[index]) | fields
    entries[index] = json.dumps(changed, separators=(",", ":"), sort_keys=True).encode()
    return index, entries


def asked(home: Home, entries: list[bytes], old: int) -> AddCheckpoint:
    """What a log of these *entries* asks the court's witness, signed with the real key."""
    hashes = [leaf_hash(raw) for raw in entries]
    head = Checkpoint(origin=home.signer.key.name, size=len(hashes), root=root_of(hashes))
    proof = consistency_proof(MemoryTree(hashes), old, head.size) if old <= head.size else ()
    return AddCheckpoint(old=old, proof=proof, note=sign_checkpoint(head, home.signer))


@act("I-10")
@pytest.mark.parametrize(("more", "status"), [(0, 409), (1, 422)])
def test_a_rewritten_log_is_refused_by_the_witness(home: Home, more: int, status: int) -> None:
    """At the same size, and grown since; what is refused is kept, signed by the log itself."""
    _, entries = retold(home, EntryKind.ARCHIVED, **REWRITTEN)
    entries = entries[: home.seen] + [b"one more"] * more
    forged = asked(home, entries, home.seen)

    with witness(home.court) as court:
        assert court.answer(forged.body).status == status

    kept = [path.read_bytes() for path in (home.court / "kept").iterdir()]
    assert any(forged.note in held for held in kept)


@act("I-11")
async def test_a_rewritten_log_is_found_by_fsck(home: Home) -> None:
    """Rows, tiles and checkpoint agree; the word of the court and the vault's copy do not."""
    home.rewrite(retold(home, EntryKind.ARCHIVED, **REWRITTEN)[1])

    named = await home.named()

    assert {(9, "log copy"), (12, "witnessed head"), (12, "log copy")} <= named
    assert {step for step, _ in named}.isdisjoint({1, 2, 3})


@act("I-12")
def test_a_rewritten_entry_is_found_by_the_receipt_for_it(home: Home) -> None:
    receipt = home.receipts[0]
    entry = receipt.with_suffix(".entry.json")
    assert verify(receipt, home.log_key, "--entry", str(entry)) == (0, set())
    shown = entry.with_name("as-the-archive-tells-it-now.json")
    shown.write_bytes(entry.read_bytes().replace(b'"received":"2026', b'"received":"2020'))

    assert verify(receipt, home.log_key, "--entry", str(shown)) == (1, {4})


@act("I-13")
def test_an_ingest_is_suppressed_after_its_receipt(home: Home, tmp_path: Path) -> None:
    """The officer holds what the log signed; the log that is shown now has no such entry."""
    receipt = home.receipts[0]
    entry = receipt.with_suffix(".entry.json")
    clip = json.loads(entry.read_bytes())["clip"].encode()
    home.rewrite([raw for raw in home.entries() if clip not in raw])
    note = (home.archive / "log" / "checkpoint").read_bytes()

    assert verify(receipt, home.log_key, "--entry", str(entry)) == (0, set())
    assert entry.read_bytes() not in home.entries()
    assert verify(home.shown(tmp_path / "log", note), home.log_key)[1] == {6}
    assert verify(home.shown(tmp_path / "same", note), home.policy)[1] >= {3}


@act("I-14")
async def test_an_act_of_a_station_is_left_out_and_the_rest_renumbered(home: Home) -> None:
    entries, left_out = home.entries(), home.find(EntryKind.STATION_ACT, 3)
    for index in range(left_out + 1, len(entries)):
        told = json.loads(entries[index])
        if told["kind"] == EntryKind.STATION_ACT.value:
            told["n"] -= 1
            entries[index] = json.dumps(told, separators=(",", ":"), sort_keys=True).encode()
    home.rewrite([*entries[:left_out], *entries[left_out + 1 :]])

    assert (5, "station act") in await home.named()


@act("I-15")
async def test_acts_of_a_station_are_put_in_another_order(home: Home, tmp_path: Path) -> None:
    entries = home.entries()
    one, two = (home.find(EntryKind.STATION_ACT, at) for at in (2, 3))
    entries[one], entries[two] = entries[two], entries[one]
    home.rewrite(entries)
    note = (home.archive / "log" / "checkpoint").read_bytes()

    assert (5, "station act") in await home.named()
    assert verify(home.shown(tmp_path / "log", note), home.log_key) == (1, {6})


@act("I-16")
def test_the_auditor_is_shown_another_log_than_the_court(home: Home, tmp_path: Path) -> None:
    """Both are signed by the log; only one carries the word of the court's witness."""
    court = home.shown(tmp_path / "court")
    home.rewrite(retold(home, EntryKind.CREDENTIALS_READ, at="2020-01-01T00:00:00.000Z")[1])
    note = (home.archive / "log" / "checkpoint").read_bytes()
    auditor = home.shown(tmp_path / "auditor", note)

    assert verify(court, home.policy) == (0, set())
    assert verify(auditor, home.log_key) == (0, set())  # without the witness nobody could tell
    assert verify(auditor, home.policy) == (1, {3})


@act("I-17")
def test_a_cosignature_of_the_true_log_is_put_under_a_forged_one(
    home: Home, tmp_path: Path
) -> None:
    seen = (home.archive / "log" / "witnessed").read_bytes()
    home.rewrite(retold(home, EntryKind.CREDENTIALS_READ, at="2020-01-01T00:00:00.000Z")[1])
    note = (home.archive / "log" / "checkpoint").read_bytes() + seen.splitlines(keepends=True)[-1]

    assert verify(home.shown(tmp_path / "log", note), home.policy) == (1, {3})


@act("I-18")
def test_an_old_head_is_shown_as_if_it_were_the_newest(home: Home, tmp_path: Path) -> None:
    """The court cosigned it two days ago: it is true, and tells nothing of what came since."""
    entries = home.entries()[:10]
    signed = asked(home, entries, 0).note
    with witness(home.court) as court:
        text = signed.decode().partition("\n\n")[0] + "\n"
        old = signed + cosign(text, court.signer, datetime.now(UTC) - timedelta(days=2))
    home.rewrite(entries)
    folder = home.shown(tmp_path / "log", old)

    assert verify(folder, home.policy) == (0, set())
    assert verify(folder, home.policy, "--fresh-hours", "24") == (1, {3})


@act("I-19")
def test_the_witnesses_are_cut_off(home: Home) -> None:
    """Nothing new is cosigned: after a day the home's own problems tell it."""
    (kept,) = (home.archive / "witnessed").glob(str(home.seen))
    signed = kept.read_bytes().partition(b"\n\n")[0] + b"\n"
    with witness(home.court) as court:
        old = cosign(signed.decode(), court.signer, datetime.now(UTC) - timedelta(days=2))
    for path in (home.archive / "witnessed").iterdir():
        lines = path.read_bytes().splitlines(keepends=True)
        path.unlink() if path != kept else path.write_bytes(b"".join(lines[:-1]) + old)

    told = problems_in(home.archive, home.yard.settings.witnesses, home.signer.key, SystemClock())

    assert any("more than a day ago" in each for each in told)
