from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.archive.disposal.ending import Ending, ending
from tests.archive.house import House


@pytest.fixture
async def end(house: House, tmp_path: Path) -> AsyncIterator[Ending]:
    """An archive whose clips' time can end."""
    async with ending(house, tmp_path / "court") as opened:
        yield opened
