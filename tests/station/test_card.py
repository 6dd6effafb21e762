from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from evidence.errors import CardGone, FileRefused
from evidence.passing import WINDOW
from ingest.source import ClipSource, Listed, Sort
from station.card import DEEPEST, FolderCard
from tests.conformance.clip_source import ClipSourceContract
from tests.station.played_back import card_of


def write(folder: Path, files: Mapping[bytes, bytes]) -> None:
    for name, data in files.items():
        path = os.path.join(os.fsencode(folder), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(data)


class TestFolderCard(ClipSourceContract):
    def card(self, folder: Path, files: Mapping[bytes, bytes]) -> ClipSource:
        write(folder, files)
        return FolderCard(folder)


class TestPlayedBackCard(ClipSourceContract):
    def card(self, folder: Path, files: Mapping[bytes, bytes]) -> ClipSource:  # noqa: ARG002
        return card_of(files)


def sorts(card: FolderCard) -> dict[bytes, Sort]:
    return {listed.path: listed.sort for listed in card.listing()}


def test_links_are_listed_as_links_and_never_followed(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "card"
    outside.mkdir()
    (outside / "secret").write_bytes(b"not the camera's")
    root.mkdir()
    (root / "to-file").symlink_to(outside / "secret")
    (root / "to-folder").symlink_to(outside)
    (root / "to-nothing").symlink_to("nowhere")

    assert sorts(FolderCard(root)) == dict.fromkeys(
        (b"to-file", b"to-folder", b"to-nothing"), Sort.LINK
    )


def test_pipes_and_sockets_are_named_for_what_they_are(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(str(tmp_path / "socket"))

        assert sorts(FolderCard(tmp_path)) == {b"pipe": Sort.PIPE, b"socket": Sort.SOCKET}


def test_a_file_that_turned_into_a_link_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "clip").write_bytes(b"footage")
    card = FolderCard(tmp_path)
    (listed,) = card.listing()
    (tmp_path / "clip").unlink()
    (tmp_path / "clip").symlink_to("/etc/passwd")

    with pytest.raises(FileRefused, match="symlink"):
        card.open(listed)


def test_a_file_that_turned_into_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "clip")

    with pytest.raises(FileRefused, match="not a regular file"):
        FolderCard(tmp_path).open(Listed(path=b"clip", sort=Sort.FILE))


def test_a_folder_that_turned_into_a_link_leads_nowhere(tmp_path: Path) -> None:
    root, outside = tmp_path / "card", tmp_path / "outside"
    outside.mkdir()
    (outside / "clip").write_bytes(b"not the camera's")
    root.mkdir()
    (root / "DCIM").symlink_to(outside)

    with pytest.raises((CardGone, FileRefused)):
        FolderCard(root).open(Listed(path=b"DCIM/clip", sort=Sort.FILE))


def test_a_folder_that_was_removed_is_a_card_that_left(tmp_path: Path) -> None:
    root = tmp_path / "card"
    root.mkdir()
    card = FolderCard(root)
    root.rmdir()

    with pytest.raises(CardGone):
        card.listing()


def test_a_card_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(CardGone):
        FolderCard(tmp_path / "nothing")


def test_folders_nested_without_end_are_listed_as_such(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * (DEEPEST + 3))
    deep.mkdir(parents=True)

    (listed,) = FolderCard(tmp_path).listing()

    assert listed.sort is Sort.FOLDER
    assert listed.problem is not None


def test_a_folder_that_may_not_be_read_is_listed_as_that(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    card, root = FolderCard(tmp_path), os.geteuid() == 0

    if root:
        os.seteuid(65534)  # nobody: root may read everything
    try:
        (listed,) = card.listing()
    finally:
        if root:
            os.seteuid(0)
        tmp_path.chmod(0o700)

    assert (listed.path, listed.sort) == (b"", Sort.FOLDER)
    assert "Permission denied" in str(listed.problem)


def test_what_the_page_cache_gave_up_is_read_again_from_the_card(tmp_path: Path) -> None:
    footage = os.urandom(WINDOW * 2 + 12_345)
    write(tmp_path, {b"clip": footage})
    card = FolderCard(tmp_path)
    (listed,) = card.listing()
    places = [*range(0, len(footage), 1 << 20), 7, WINDOW + 3, 0]

    with card.open(listed) as original:
        read = [original.read_at(place, 1 << 20) for place in places]

    assert read == [footage[place : place + (1 << 20)] for place in places]
