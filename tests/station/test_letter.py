"""The mail itself: what is in it, and by what it is known again."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from station.letter import MOST_CLIPS, Attached, letters
from tests.station.screens import RECEIPT

AT = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)


def made(clips: int, receipt: str = RECEIPT, *, is_seen: bool | None = True) -> list[EmailMessage]:
    attached = [
        Attached(clip=f"c-{at}", receipt=f"— proof {at}\n".encode(), entry=b'{"n":%d}' % at)
        for at in range(clips)
    ]
    return letters(receipt, attached, sender="evidock@agency.example", at=AT, is_seen=is_seen)


def test_many_clips_take_several_mails() -> None:
    first, last = made(MOST_CLIPS + 1)

    assert [len(list(each.iter_attachments())) for each in (first, last)] == [2 * MOST_CLIPS, 2]
    assert (first["Subject"][-5:], last["Subject"][-5:]) == ("(1/2)", "(2/2)")
    assert first["Message-ID"] != last["Message-ID"]


def test_the_same_receipt_is_the_same_mail() -> None:
    (first,), (again,) = made(1), made(1, is_seen=None)
    (other,) = made(1, RECEIPT.replace(":12:", ":13:"))

    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]


def test_what_is_attached_arrives_byte_for_byte() -> None:
    (mail,) = made(1)
    read = message_from_bytes(mail.as_bytes(), policy=SMTP)
    proof, entry = read.iter_attachments()

    assert (proof.get_filename(), proof.get_content()) == ("c-0.tlog-proof", "— proof 0\n".encode())
    assert (entry.get_filename(), entry.get_content()) == ("c-0.entry.json", b'{"n":0}')


@pytest.mark.parametrize(
    ("is_seen", "zh", "en"),
    [
        (True, "已按策略签名", "as many as the policy"),
        (False, "一小时后仍未签名", "too few had seen it"),
        (None, "未设置", "none are set up"),
    ],
)
def test_it_says_in_both_languages_who_has_seen_it(is_seen: bool | None, zh: str, en: str) -> None:  # noqa: FBT001
    (mail,) = made(1, is_seen=is_seen)
    body = mail.get_body(("plain",))
    assert body is not None

    assert zh in body.get_content()
    assert en in body.get_content()
    assert RECEIPT in body.get_content()
