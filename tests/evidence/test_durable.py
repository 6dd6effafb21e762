import stat
from pathlib import Path

import pytest

from evidence import durable
from evidence.errors import DigestMismatch, TemporaryError


def test_create_refuses_to_take_the_place_of_another_file(tmp_path: Path) -> None:
    durable.create(tmp_path / "a", b"one")

    with pytest.raises(FileExistsError):
        durable.create(tmp_path / "a", b"two")

    assert (tmp_path / "a").read_bytes() == b"one"


def test_create_leaves_no_part_behind(tmp_path: Path) -> None:
    durable.create(tmp_path / "a", b"one")

    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_part_of_an_earlier_crash_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"half")

    durable.create(tmp_path / "a", b"whole")

    assert (tmp_path / "a").read_bytes() == b"whole"


def test_create_same_is_content_with_the_same_bytes(tmp_path: Path) -> None:
    durable.create_same(tmp_path / "a", b"one")

    durable.create_same(tmp_path / "a", b"one")

    assert (tmp_path / "a").read_bytes() == b"one"


def test_create_same_names_the_file_that_holds_other_bytes(tmp_path: Path) -> None:
    durable.create_same(tmp_path / "a", b"one")

    with pytest.raises(DigestMismatch, match=r"/a exists and holds other bytes"):
        durable.create_same(tmp_path / "a", b"two")


def test_replace_puts_new_bytes_in_place_of_old_ones(tmp_path: Path) -> None:
    durable.replace(tmp_path / "a", b"one")

    durable.replace(tmp_path / "a", b"two")

    assert (tmp_path / "a").read_bytes() == b"two"


def test_a_secret_never_has_a_wider_mode(tmp_path: Path) -> None:
    durable.create(tmp_path / "key", b"secret", mode=durable.PRIVATE)

    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_landing_checks_the_length_and_makes_the_file_read_only(tmp_path: Path) -> None:
    (tmp_path / "c.part").write_bytes(b"footage")

    durable.land(tmp_path / "c.part", tmp_path / "c", 7)

    assert stat.S_IMODE((tmp_path / "c").stat().st_mode) == 0o444
    assert (tmp_path / "c").read_bytes() == b"footage"


def test_a_part_of_the_wrong_length_does_not_land(tmp_path: Path) -> None:
    (tmp_path / "c.part").write_bytes(b"foot")

    with pytest.raises(DigestMismatch, match="4 bytes where 7"):
        durable.land(tmp_path / "c.part", tmp_path / "c", 7)

    assert not (tmp_path / "c").exists()


def test_folders_are_made_with_their_parents_and_are_private(tmp_path: Path) -> None:
    durable.make_folder(tmp_path / "a" / "b")

    durable.make_folder(tmp_path / "a" / "b")

    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_the_file_system_barrier_returns(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")

    durable.sync_filesystem(tmp_path)


def test_a_discarded_file_is_gone_and_may_be_discarded_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")

    durable.discard(tmp_path / "a")
    durable.discard(tmp_path / "a")

    assert not (tmp_path / "a").exists()


def test_what_the_disk_refuses_has_a_name_of_ours(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError):
        durable.make_folder(Path("/proc/none"))
    with pytest.raises(TemporaryError):
        durable.sync_folder(tmp_path / "none")
    with pytest.raises(TemporaryError):
        durable.replace(tmp_path, b"a folder lies there")
