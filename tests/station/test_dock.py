from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from evidence.errors import CardGone
from station.dock import Bell, DockRoot, Docks


def test_sub_folders_are_cards_and_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "cam-1").mkdir()
    (tmp_path / "readme.txt").write_text("not a card")
    (tmp_path / "link").symlink_to("cam-1")

    assert set(DockRoot(folder=tmp_path).cards()) == {b"cam-1"}
    (problem,) = DockRoot(folder=tmp_path).problems()
    assert "link, readme.txt in the dock root" in problem


def test_another_folder_of_the_same_name_is_another_card(tmp_path: Path) -> None:
    (tmp_path / "cam-1").mkdir()
    first = DockRoot(folder=tmp_path).cards()
    (tmp_path / "cam-1").rename(tmp_path / "other")
    (tmp_path / "cam-1").mkdir()

    assert DockRoot(folder=tmp_path).cards()[b"cam-1"] != first[b"cam-1"]


def test_a_dock_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(CardGone, match="dock root"):
        DockRoot(folder=tmp_path / "nothing").cards()


def test_a_dock_that_is_gone_takes_no_card_of_another_with_it(tmp_path: Path) -> None:
    (tmp_path / "here" / "cam-1").mkdir(parents=True)
    here, gone = DockRoot(folder=tmp_path / "here"), DockRoot(folder=tmp_path / "gone")
    docks = Docks((gone, here))

    assert docks.cards() == here.cards()
    with closing(docks.open(b"cam-1")) as card:
        assert card.identity == here.cards()[b"cam-1"]
    assert "gone cannot be listed" in docks.problems()[0]
    with pytest.raises(CardGone, match="cam-2"):
        docks.open(b"cam-2")


async def test_the_bell_rings_when_a_card_appears(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    try:
        (tmp_path / "cam-1").mkdir()
        await bell.wait(60)
    finally:
        bell.close()

    assert bell.silent is None


async def test_without_events_the_dock_is_still_looked_at(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "nothing")

    await bell.wait(0.01)

    assert "from time to time" in str(bell.silent)
    bell.close()
