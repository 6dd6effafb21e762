"""Which profiles a station uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.errors import SetupError
from evidence.settings import StationSettings
from station.approval import approvals
from station.profile import fallback
from station.signed import Kind
from station.usb.fitness import Machine, look
from tests.station.signing import signed, signer

OWN = 'id = "{id}"\ntitle = "ours"\nverified = "log"\n'


def own(folder: Path, name: str = "acme", text: str = OWN) -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text.format(id=name))
    return file


def settings(folder: Path, *shipped: str, keys: bool = True) -> StationSettings:
    known = (str(signer("old.example", 9).key), str(signer().key)) if keys else ()
    return StationSettings(profiles=str(folder), profile_keys=known, shipped_profiles=shipped)


def test_without_keys_everything_is_used_and_nothing_is_called_signed(tmp_path: Path) -> None:
    signed(own(tmp_path), signer())

    found = approvals(settings(tmp_path, keys=False))

    assert {each.signed_by for each in found.used} == {None}
    assert {each.profile.id for each in found.used} >= {"acme", "gopro", "generic-dcim"}
    assert (found.signature("acme"), found.signature("axis-push")) == ("", None)


def test_with_keys_only_what_is_signed_or_listed_is_used(tmp_path: Path) -> None:
    signed(own(tmp_path), signer())
    own(tmp_path, "stranger")

    found = approvals(settings(tmp_path, "gopro"))

    assert {each.profile.id: each.signed_by for each in found.used} == {
        "acme": "force.example/profiles",
        "gopro": None,
        "generic-dcim": None,
        "android-phone": None,  # it leaves private files out
    }
    (reason,) = found.left_out
    for word in ("stranger.toml", "force.example/profiles", "switched off"):
        assert word in reason
    assert {"amba-control", "dcf-camera"} <= set(found.not_listed)


@pytest.mark.parametrize("change", ["byte", "key", "kind", "name", "garbage", "none", "folder"])
def test_a_signature_that_does_not_fit_leaves_its_profile_out(tmp_path: Path, change: str) -> None:
    file = own(tmp_path)
    kind = Kind.CONFIG if change == "kind" else Kind.PROFILE
    said = {"profile": "acme", "before": "*", "after": "*"} if change == "kind" else {}
    note = signed(file, signer(seed=2 if change == "key" else 1), kind, **said)
    if change == "byte":
        file.write_bytes(file.read_bytes() + b"#")
    elif change == "name":
        file.rename(tmp_path / "other.toml")
        note.rename(tmp_path / "other.toml.sig")
    elif change == "garbage":
        note.write_bytes(b"\xff\n\n")
    elif change in {"none", "folder"}:
        note.unlink()
    if change == "folder":
        note.mkdir()

    found = approvals(settings(tmp_path))

    assert "acme" not in {each.profile.id for each in found.used}
    assert ".toml.sig" in found.left_out[0]


def test_of_a_profile_nobody_signed_not_a_byte_is_understood(tmp_path: Path) -> None:
    own(tmp_path, "broken", "this is no TOML")

    assert len(approvals(settings(tmp_path)).left_out) == 1
    with pytest.raises(SetupError, match="is not TOML"):
        approvals(settings(tmp_path, keys=False))


def test_a_signed_profile_with_a_mistake_still_refuses_to_start(tmp_path: Path) -> None:
    signed(own(tmp_path, "broken", "this is no TOML"), signer())

    with pytest.raises(SetupError, match=r"broken\.toml is not TOML"):
        approvals(settings(tmp_path))


def test_an_unsigned_profile_replaces_no_shipped_one(tmp_path: Path) -> None:
    own(tmp_path, "generic-dcim")
    assert fallback(approvals(settings(tmp_path)).profiles).title != "ours"

    signed(tmp_path / "generic-dcim.toml", signer())
    assert fallback(approvals(settings(tmp_path)).profiles).title == "ours"


def test_a_shipped_profile_that_is_copied_and_signed_is_used(tmp_path: Path) -> None:
    signed(own(tmp_path, "gopro"), signer())

    found = approvals(settings(tmp_path))

    assert found.signature("gopro") == "force.example/profiles"
    assert "gopro" not in found.not_listed


def test_a_listed_name_that_is_not_shipped_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="shipped_profiles names acme"):
        approvals(settings(tmp_path, "acme"))
    assert len(approvals(settings(tmp_path, "*")).used) >= 9


def test_doctor_tells_what_is_not_used(tmp_path: Path) -> None:
    file = own(tmp_path)
    (answer,) = [each for each in look(settings(tmp_path), Machine()) if "profiles" in each.name]
    assert (answer.ok, "acme.toml.sig is not beside it" in answer.detail) == (False, True)

    signed(file, signer())
    (answer,) = [each for each in look(settings(tmp_path), Machine()) if "profiles" in each.name]
    assert (answer.ok, "1 signed, 2 shipped" in answer.detail) == (True, True)


@pytest.mark.parametrize("what", ["link", "folder"])
def test_a_profile_that_cannot_be_read_is_told_by_name(tmp_path: Path, what: str) -> None:
    file = tmp_path / "acme.toml"
    if what == "link":
        file.symlink_to(tmp_path / "gone")
    else:
        file.mkdir()

    assert "acme.toml cannot be read" in approvals(settings(tmp_path)).left_out[0]
    with pytest.raises(SetupError, match=r"acme\.toml cannot be read"):
        approvals(settings(tmp_path, keys=False))
