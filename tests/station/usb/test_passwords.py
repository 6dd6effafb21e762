from __future__ import annotations

from pathlib import Path

import pytest

from evidence.errors import SetupError
from station.usb.passwords import read_passwords


def test_passwords_are_told_by_profile(tmp_path: Path) -> None:
    file = tmp_path / "cameras.toml"
    file.write_text('# 二中队\namba-control = "123456"\n', encoding="utf-8")
    file.chmod(0o600)

    assert read_passwords(str(file)) == {"amba-control": "123456"}
    assert read_passwords("") == {}


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b'a = "secret7"', 0o644, "others"),
        (b"a = secret7", 0o600, "TOML"),
        (b"secret7 \xff", 0o600, "utf-8"),
        (b"a = 7777777", 0o600, "text"),
    ],
)
def test_a_mistake_names_the_file_and_never_what_it_holds(
    tmp_path: Path, content: bytes, mode: int, said: str
) -> None:
    file = tmp_path / "cameras.toml"
    file.write_bytes(content)
    file.chmod(mode)

    with pytest.raises(SetupError, match=f"camera_passwords .*cameras.toml .*{said}") as caught:
        read_passwords(str(file))

    assert not any(held in str(caught.value) for held in ("secret7", "7777777", "0xff"))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="nothing"):
        read_passwords(str(tmp_path / "nothing"))
