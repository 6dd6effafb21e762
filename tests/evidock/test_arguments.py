from __future__ import annotations

from pathlib import Path

import pytest

from evidence.errors import SetupError
from evidock.__main__ import main
from evidock.commands.arguments import dock_root


@pytest.mark.parametrize(
    "arguments",
    [["up", "--home", "h", "--cards", ""], ["demo", "--home", ""], ["clips", "--home="]],
)
def test_an_empty_name_is_not_the_folder_we_stand_in(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "names no folder" in capsys.readouterr().err


def test_a_dock_root_and_a_home_do_not_lie_within_one_another(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="within one another"):
        dock_root(tmp_path, tmp_path / "card" / "home")


def test_a_dock_root_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(SetupError, match="loop"):
        dock_root(tmp_path / "loop", tmp_path / "home")
