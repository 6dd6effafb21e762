"""The mail that carries the receipt of a docking to a box that the agency does not run.

One rule: it holds receipts, entries and ids; no footage, no name, no place, no number of anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from evidence.digest import Sha256
from evidence.receipt import ENTRY_SUFFIX, SUFFIX
from evidence.vault.encryption import words_of

MOST_CLIPS = 100
"""In one mail; a docking of more takes several."""
_TEXT = """\
这是一次入坞的收据：{clips} 个片段已归档并写入日志。
This is the receipt of one docking: {clips} clips are archived and on record in the log.

{receipt}

工作站 station: {station}
入坞 docking: {docking}
邮件 mail: {number} / {of}
{seen_zh}
{seen_en}
静态加密：{rest_zh}。
At rest: {rest_en}.

请保存本邮件及附件。附件不含影像、姓名或警号，只有日志条目及其收据（C2SP tlog-proof）。
Please keep this mail and what is attached. It holds no footage, no names and no officers'
numbers: entries of the log, and their receipts (C2SP tlog-proof).

核验 to check it:
  evidock verify CLIP.tlog-proof --policy FILE
  sha256sum *.entry.json | cut -c1-64 | sort | sha256sum

第一条须使用自行取得的公钥；第二条对全部附件运行，结果须与上面收据的最后一段相同（不分大小写）。
For the first, get the keys from a source of your own. The second, over the entries of all {of}
mails, gives the last part of the receipt above (in small letters).

同一 Message-ID 的邮件是重复件。Mails with the same Message-ID are the same mail.
"""
_SEEN = (
    "见证人：已按策略签名。",
    "Witnesses: as many as the policy of the station wants have seen it.",
)
_UNSEEN = (
    "见证人：一小时后仍未签名；目前仅凭日志密钥。",
    "Witnesses: too few had seen it after an hour; it rests on the key of the log alone.",
)
_NONE = ("见证人：未设置；仅凭日志密钥。", "Witnesses: none are set up; it rests on the log's key.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What goes with it of one clip."""

    clip: str
    receipt: bytes
    entry: bytes


def letters(
    receipt: str, attached: Sequence[Attached], *, sender: str, at: datetime, is_seen: bool | None
) -> list[EmailMessage]:
    """The mails that carry the *receipt* of a docking and what is *attached*, in order.

    *is_seen*: whether enough witnesses have seen it all; None: none are asked for.  Equal receipts
    give equal Message-IDs, so that one which is sent twice is seen to be one.
    """
    parts = [attached[at : at + MOST_CLIPS] for at in range(0, len(attached), MOST_CLIPS)]
    return [
        _letter(receipt, part, (number, len(parts)), sender=sender, at=at, is_seen=is_seen)
        for number, part in enumerate(parts, start=1)
    ]


def _letter(
    receipt: str,
    attached: Sequence[Attached],
    place: tuple[int, int],
    *,
    sender: str,
    at: datetime,
    is_seen: bool | None,
) -> EmailMessage:
    number, of = place
    station, docking, clips = receipt.lower().split(":")[3:6]
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"Evidock receipt {docking} ({number}/{of})"
    message["From"] = sender
    message["To"] = "undisclosed-recipients:;"  # replaced for each box
    message["Date"] = format_datetime(at)
    message["Message-ID"] = _message_id(receipt, place, sender)
    message["Auto-Submitted"] = "auto-generated"
    seen = _NONE if is_seen is None else (_SEEN if is_seen else _UNSEEN)
    told = {"receipt": receipt, "station": station, "docking": docking, "clips": clips}
    told["rest_zh"], told["rest_en"] = words_of(each.entry for each in attached)
    text = _TEXT.format(**told, number=number, of=of, seen_zh=seen[0], seen_en=seen[1])
    message.set_content(text, cte="base64")
    for each in attached:
        for name, data in (
            (each.clip + SUFFIX, each.receipt),
            (each.clip + ENTRY_SUFFIX, each.entry),
        ):
            message.add_attachment(
                data, maintype="application", subtype="octet-stream", filename=name
            )
    return message


def _message_id(receipt: str, place: tuple[int, int], sender: str) -> str:
    digest = Sha256.of(receipt.encode("ascii")).hex
    return f"<evidock-{digest[:40]}-{place[0]}-of-{place[1]}@{sender.rpartition('@')[2]}>"
