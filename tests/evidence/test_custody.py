import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidence.commitment import Opening, check_opening
from evidence.custody import EntryKind, station_act_message, wrap_station_act, write_entry
from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.manifest import Manifest

NOON = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)


def test_an_entry_is_canonical_json_with_kind_time_and_actor() -> None:
    entry = write_entry(EntryKind.CLIP_PULLED, at=NOON, by="s-1", clip="c-1", size=7)

    assert entry.raw == (
        b'{"at":"2026-11-23T12:00:00.250Z","by":"s-1","clip":"c-1","kind":"clip.pulled","size":7,"v":1}'
    )
    assert entry.clip == "c-1"
    assert entry.kind is EntryKind.CLIP_PULLED


def test_an_unknown_field_is_left_out_rather_than_written_as_null() -> None:
    entry = write_entry(EntryKind.VIEWED, at=NOON, by="u-1", clip="c-1", reason=None)

    assert "reason" not in entry.fields


def test_an_entry_too_long_for_the_log_is_refused() -> None:
    with pytest.raises(ValueError, match="exceeds 65535"):
        write_entry(EntryKind.VIEWED, at=NOON, by="u-1", clips=["c" * 34] * 3000)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        write_entry(EntryKind.VIEWED, at=NOON.replace(tzinfo=None), by="u-1")


def test_a_station_act_keeps_the_signed_bytes_unchanged() -> None:
    key = Ed25519PrivateKey.generate()
    act = write_entry(EntryKind.CLIP_FOUND, at=NOON, by="s-1", clip="c-1", name="\u201cq\u201d\n")
    signature = key.sign(station_act_message("s-1", 3, act.raw))

    wrapped = wrap_station_act(act.raw, at=NOON, station="s-1", number=3, signature=signature)
    fields = json.loads(wrapped.raw)
    raw = fields["act"].encode()

    key.public_key().verify(
        bytes.fromhex(fields["signature"]), station_act_message(fields["by"], fields["n"], raw)
    )
    assert raw == act.raw
    assert wrapped.clip == "c-1"


@given(st.binary(max_size=300))
def test_an_opening_opens_its_commitment_and_no_other(value: bytes) -> None:
    opening = Opening.fresh(value)
    other = Opening.fresh(value)

    check_opening("path", Opening.from_wire(opening.to_wire()), opening.commitment)
    with pytest.raises(DigestMismatch, match="path"):
        check_opening("path", other, opening.commitment)


def test_a_manifest_reads_back_and_refuses_other_bytes() -> None:
    manifest = Manifest(
        clip="c-1", sha256=Sha256.of(b"x"), size=1, openings={"path": Opening.fresh(b"\xff\n.mp4")}
    )

    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert manifest.key("demo") == "demo/manifests/c-1.json"
    with pytest.raises(DigestMismatch):
        Manifest.from_bytes(b'{"format":"other"}')
