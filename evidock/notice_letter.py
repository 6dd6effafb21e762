"""The mail that says which clips' time ends.

One rule: it holds ids, dates and rules; no footage, no name, no place, no number of anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from archive.catalogue.notices import Due

_TEXT = """\
以下 {clips} 个片段的保存期限将届满。届满之后，经两名不同人员先后提议、批准，
且恢复期已过，方可逐个销毁。仅凭届满不会销毁任何片段。
如须继续保存，请法制人员或主管设置保全。

The time of these {clips} clips ends. After that each may be destroyed once two persons agreed to
it, one after the other, and the days to restore it are over. No clip is destroyed because nobody
spoke. To have one kept, ask the legal staff or a supervisor for a hold.

{lines}

日志 log: {origin}
同一 Message-ID 的邮件是重复件。Mails with the same Message-ID are the same mail.
"""


def letter(
    due: Sequence[Due], *, origin: str, sender: str, at: datetime, notice: str
) -> EmailMessage:
    """The mail about the clips that are *due*; *notice* identifies what it says.

    Equal notices give equal Message-IDs, so that one which is sent twice is seen to be one.
    """
    made = EmailMessage(policy=SMTP)
    made["Subject"] = f"Evidock: {len(due)} clips 片段保存期限将届满"
    made["From"] = sender
    made["To"] = "undisclosed-recipients:;"  # replaced for each box
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<evidock-notice-{notice[:40]}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    lines = "\n".join(f"{each.clip}  {each.until}  {each.rule}" for each in due)
    made.set_content(_TEXT.format(clips=len(due), lines=lines, origin=origin), cte="base64")
    return made
