from __future__ import annotations

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "player" / "web" / "static" / "vendor"


def test_vendored_files_are_the_ones_on_the_list() -> None:
    lines = (VENDOR / "SHA384SUMS.txt").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}

    found = {
        path.name: hashlib.sha384(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "SHA384SUMS.txt"
    }

    assert found == listed


def test_the_lock_pins_by_digest_and_names_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text()

    packages = [p for name, p in json.loads(text)["packages"].items() if name]

    assert all(package["integrity"].startswith("sha512-") for package in packages)
    assert "://" not in text
    assert "resolved" not in text


def test_every_vendored_file_comes_with_its_licence() -> None:
    assert "Apache License" in (VENDOR / "LICENSE.hls.js").read_text()
