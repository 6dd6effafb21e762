from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.archive.house import House, Open


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An archive's folder and a vault in memory, closed."""
    return House.at(tmp_path)


@pytest.fixture
async def door(house: House) -> AsyncIterator[Open]:
    """The house, open for requests."""
    async with house.opened() as opened:
        yield opened
