"""People are told by a real web server and a real mail server that findings are late."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.reviewing.chasing import Late
from evidence.clock import SetClock
from evidence.errors import SetupError, TemporaryError
from evidock.finding_notices import FindingNotices, letter
from tests.evidock.test_notices import RECORDS, Hook, settings

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
LATE = [
    Late(
        finding=f"f-{n:032x}",
        code="incident.no-footage",
        due="2026-11-27T00:00:00.000Z",
        level=n,
        role=("supervisor" if n else None),
    )
    for n in range(2)
]


async def test_a_webhook_is_told_ids_codes_and_dates() -> None:
    async with Hook().serving() as hook:
        told = FindingNotices.of(settings(webhook=hook.url), SetClock(NOW))
        assert await told.tell_late(LATE) == ["webhook"]
        hook.status = 500
        with pytest.raises(TemporaryError):
            await told.tell_late(LATE)

    message = hook.heard[0][1]
    assert message["format"] == "evidock-finding-notice/v1"
    assert [each["level"] for each in message["findings"]] == [0, 1]  # type: ignore[attr-defined]
    assert message["notice"] == hook.heard[1][1]["notice"]


async def test_without_channels_nobody_is_told_and_half_a_mail_server_is_none() -> None:
    assert await FindingNotices.of(settings(), SetClock(NOW)).tell_late(LATE) == []
    with pytest.raises(SetupError, match=r"\[notices\] to"):
        FindingNotices.of(settings(to=(RECORDS,)), SetClock(NOW))


def test_a_letter_names_each_finding_and_who_is_told() -> None:
    told = {"origin": "o", "sender": "a@b.example", "box": RECORDS, "dated": "x", "notice": "ab"}
    made = letter(LATE, **told)

    text = made.get_content()
    assert all(each.finding in text for each in LATE)
    assert "supervisor" in text
    assert made["To"] == RECORDS
