from __future__ import annotations

import pytest

from evidence.clip import ClipState
from ingest.journey import Standing, Step, next_step


@pytest.mark.parametrize(
    ("standing", "step"),
    [
        (Standing(state=ClipState.FOUND), Step.PULL),
        (Standing(state=ClipState.PULLED), Step.VERIFY),
        (Standing(state=ClipState.VERIFIED), Step.SEND),
        (Standing(state=ClipState.ARCHIVED), Step.RECEIPT),
        (Standing(state=ClipState.ARCHIVED, receipt=True), Step.DERIVE),
        (Standing(state=ClipState.ARCHIVED, receipt=True, rendition=True), Step.FREE),
        (Standing(state=ClipState.ARCHIVED, receipt=True, rendition=True, freed=True), None),
    ],
)
def test_where_a_clip_stands_says_what_comes_next(standing: Standing, step: Step | None) -> None:
    assert next_step(standing) is step


def test_staging_is_freed_only_after_receipt_and_rendition() -> None:
    states = [ClipState.FOUND, ClipState.PULLED, ClipState.VERIFIED, ClipState.ARCHIVED]

    freeing = [
        (state, receipt, rendition)
        for state in states
        for receipt in (False, True)
        for rendition in (False, True)
        if next_step(Standing(state=state, receipt=receipt, rendition=rendition)) is Step.FREE
    ]

    assert freeing == [(ClipState.ARCHIVED, True, True)]
