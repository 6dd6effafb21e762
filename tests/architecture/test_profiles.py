from __future__ import annotations

import tomllib

from tests.architecture.tree import ROOT


def test_every_firmware_profile_is_toml() -> None:
    profiles = sorted((ROOT / "firmware_profiles").glob("*.toml"))

    names = [path.stem for path in profiles if tomllib.loads(path.read_text(encoding="utf-8"))]

    assert names == [path.stem for path in profiles]
