"""Signed settings and firmware that a station keeps for cameras."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.errors import SetupError
from station.signed import Kind
from station.supplies import Supplies
from tests.station.signing import signed, signer

DATA = bytes(range(256))
NOW = "2026-11-27T00:00:00.000Z"


def supplies(folder: Path) -> Supplies:
    return Supplies(folder=folder / "supplies", keys=(signer().key,))


def firmware(folder: Path, data: bytes = DATA, seed: int = 1) -> tuple[Path, Path]:
    file = folder / "fw.bin"
    file.write_bytes(data)
    said = {"profile": "acme", "before": "V1", "after": "V2"}
    return file, signed(file, signer(seed=seed), Kind.FIRMWARE, **said)


def test_what_was_signed_is_kept_and_verified_again(tmp_path: Path) -> None:
    kept, (file, note) = supplies(tmp_path), firmware(tmp_path)

    supply = kept.take(file, note, kind=Kind.FIRMWARE, profile="acme")

    assert kept.take(file, note, kind=Kind.FIRMWARE, profile="acme") == supply
    assert kept.get(supply.id) == supply
    assert (supply.data, supply.said.before, supply.by) == (DATA, "V1", signer().name)
    assert kept.ids() == [supply.id]
    assert "x00" not in repr(supply)


@pytest.mark.parametrize("change", ["byte", "key", "profile", "kind", "name", "no note", "no file"])
def test_what_was_not_signed_like_that_is_not_kept(tmp_path: Path, change: str) -> None:
    kept, (file, note) = supplies(tmp_path), firmware(tmp_path, seed=2 if change == "key" else 1)
    if change == "byte":
        file.write_bytes(DATA[:-1] + b"!")
    elif change == "name":
        file = file.rename(tmp_path / "other.bin")
    elif change in {"no note", "no file"}:
        (note if change == "no note" else file).unlink()
    kind = Kind.CONFIG if change == "kind" else Kind.FIRMWARE

    with pytest.raises(SetupError):
        kept.take(file, note, kind=kind, profile="other" if change == "profile" else "acme")

    assert kept.ids() == []


def test_a_signed_profile_is_nothing_for_cameras(tmp_path: Path) -> None:
    file = tmp_path / "fw.bin"
    file.write_bytes(DATA)

    with pytest.raises(SetupError, match="signature of a profile"):
        supplies(tmp_path).take(file, signed(file, signer()), kind=Kind.FIRMWARE, profile="acme")


def test_settings_that_nobody_could_read_are_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("a = 1.5")
    note = signed(file, signer(), Kind.CONFIG, profile="acme", before="*", after="*")

    with pytest.raises(SetupError, match="neither text nor"):
        supplies(tmp_path).take(file, note, kind=Kind.CONFIG, profile="acme")


@pytest.mark.parametrize("part", ["content", "note"])
@pytest.mark.parametrize("place", [0, -1])
def test_what_was_changed_on_disk_is_not_used(tmp_path: Path, part: str, place: int) -> None:
    kept, (file, note) = supplies(tmp_path), firmware(tmp_path)
    supply = kept.take(file, note, kind=Kind.FIRMWARE, profile="acme")
    stored = kept.folder / supply.id / part
    data = bytearray(stored.read_bytes())
    data[place] ^= 1
    stored.write_bytes(bytes(data))

    with pytest.raises(SetupError, match="not as it was signed"):
        kept.get(supply.id)


def test_a_key_that_is_trusted_no_more_signs_no_more(tmp_path: Path) -> None:
    kept, (file, note) = supplies(tmp_path), firmware(tmp_path)
    supply = kept.take(file, note, kind=Kind.FIRMWARE, profile="acme")

    with pytest.raises(SetupError, match="no signature of a trusted key"):
        Supplies(folder=kept.folder, keys=(signer(seed=2).key,)).get(supply.id)


def test_one_that_was_cut_off_is_not_there_and_may_be_taken_again(tmp_path: Path) -> None:
    kept, (file, note) = supplies(tmp_path), firmware(tmp_path)
    supply = kept.take(file, note, kind=Kind.FIRMWARE, profile="acme")
    (kept.folder / supply.id / "note").unlink()
    (kept.folder / supply.id / "content").write_bytes(DATA[:7])

    with pytest.raises(SetupError, match="nothing is kept"):
        kept.get(supply.id)
    assert kept.take(file, note, kind=Kind.FIRMWARE, profile="acme") == kept.get(supply.id)


@pytest.mark.parametrize("wanted", ["", "..", "../../x", "0" * 15, "0" * 16, "A" * 16])
def test_a_name_that_is_no_id_is_none(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(SetupError):
        supplies(tmp_path).get(wanted)


def test_an_order_stands_until_it_is_withdrawn(tmp_path: Path) -> None:
    kept, (file, note) = supplies(tmp_path), firmware(tmp_path)
    supply = kept.take(file, note, kind=Kind.FIRMWARE, profile="acme")
    with pytest.raises(SetupError):
        kept.order("BWC/../1", "0" * 16, NOW)
    with pytest.raises(SetupError):
        kept.order(" ", supply.id, NOW)

    order = kept.order("BWC/../1", supply.id, NOW)

    assert kept.orders() == [order]
    assert [kept.withdraw("BWC/../1") for _ in range(2)] == [True, False]
    assert kept.orders() == []


def test_an_order_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    kept, (file, note) = supplies(tmp_path), firmware(tmp_path)
    kept.order("1", kept.take(file, note, kind=Kind.FIRMWARE, profile="acme").id, NOW)
    (place,) = (kept.folder / "orders").iterdir()
    place.write_text("{}")

    with pytest.raises(SetupError, match="cannot be read"):
        kept.orders()
