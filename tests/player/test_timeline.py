from __future__ import annotations

from datetime import UTC, datetime

import pytest

from evidence.clock import stamp
from evidence.custody import EntryKind, write_entry
from evidence.wire import EntryShown
from player.languages import language
from player.timeline import act

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rendition", "words"),
    [("copy", "Rendition made for viewing"), ("none", "No rendition can be made for viewing")],
)
def test_a_rendition_is_called_made_only_if_there_is_one(rendition: str, words: str) -> None:
    entry = write_entry(
        EntryKind.RENDITION_MADE, at=NOON, by="s-1", clip="c-1", rendition=rendition
    )
    shown = EntryShown(
        index=3, kind="derive", at=stamp(NOON), by="s-1", who="desk", text=entry.raw.decode()
    )

    assert act(shown, language("en")).words == words
