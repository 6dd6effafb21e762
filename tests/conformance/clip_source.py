"""What every clip source must do: the suite that real cards and their fakes pass alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import pytest

from evidence.errors import CardGone, FileRefused
from ingest.source import ClipSource, Listed, Sort

NAMES = (
    b"DCIM/100MEDIA/VID_0001.MP4",
    b"-rf",
    b".hidden",
    b"line\nbreak.txt",
    "\N{GRINNING FACE} 记录.mp4".encode(),
    b"not-utf8-\xff\xfe.mp4",
    b"n" * 251 + b".mp4",
)


class ClipSourceContract(ABC):
    """Subclass it with a way to make a card."""

    @abstractmethod
    def card(self, folder: Path, files: Mapping[bytes, bytes]) -> ClipSource:
        """A card that holds *files* (path -> bytes); *folder* is empty and its own."""

    @pytest.mark.parametrize("name", NAMES)
    def test_every_name_is_listed_as_bytes_and_read_back(self, tmp_path: Path, name: bytes) -> None:
        card = self.card(tmp_path, {name: b"footage of " + name})

        (listed,) = card.listing()

        assert (listed.path, listed.sort, listed.size) == (name, Sort.FILE, 11 + len(name))
        with card.open(listed) as original:
            assert original.read_at(0, 1000) == b"footage of " + name

    def test_the_listing_is_ordered_by_path(self, tmp_path: Path) -> None:
        card = self.card(tmp_path, {b"b": b"", b"a/z": b"", b"a/b": b"", b"c/d/e": b""})

        paths = [listed.path for listed in card.listing()]

        assert paths == sorted(paths)

    def test_a_read_at_the_end_gives_nothing(self, tmp_path: Path) -> None:
        card = self.card(tmp_path, {b"clip": b"12345"})

        with card.open(card.listing()[0]) as original:
            assert original.read_at(3, 10) == b"45"
            assert original.read_at(5, 10) == b""

    def test_an_opened_file_is_as_it_was_listed(self, tmp_path: Path) -> None:
        card = self.card(tmp_path, {b"clip": b"12345"})
        (listed,) = card.listing()

        with card.open(listed) as original:
            assert original.stat().fits(listed)

    def test_a_file_that_is_not_there_any_more_is_gone(self, tmp_path: Path) -> None:
        card = self.card(tmp_path, {b"clip": b"12345"})

        with pytest.raises(CardGone):
            card.open(Listed(path=b"other", sort=Sort.FILE))

    def test_what_was_not_listed_as_a_file_is_not_opened(self, tmp_path: Path) -> None:
        card = self.card(tmp_path, {b"clip": b"12345"})

        with pytest.raises(FileRefused):
            card.open(Listed(path=b"clip", sort=Sort.PIPE))
