from __future__ import annotations

from pathlib import Path

from tests.insider.home import Home, verify


async def test_without_an_insider_nothing_is_named(home: Home, tmp_path: Path) -> None:
    """The measure of all other tests here."""
    assert await home.fsck() == []
    assert verify(home.shown(tmp_path / "log"), home.policy, "--fresh-hours", "1") == (0, set())
    assert verify(home.archive / "log", home.log_key) == (0, set())
    assert verify(home.folder / "package", home.policy) == (0, set())
    assert verify(home.folder / "day", home.policy) == (0, set())
    assert len(home.receipts) == 3
    for receipt in home.receipts:
        entry = receipt.with_suffix(".entry.json")
        assert verify(receipt, home.log_key, "--entry", str(entry)) == (0, set())
