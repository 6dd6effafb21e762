"""Who is told that findings are late: the boxes and the webhook of ``[notices]``.

One rule: what leaves is ids, codes, dates and roles; no words, no name, no number of anybody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial

from archive.reviewing.chasing import Late
from evidence.canonical import canonical
from evidence.clock import Clock, stamp
from evidence.digest import Sha256
from evidence.errors import SetupError, TemporaryError
from evidence.settings import Settings
from evidock.webhook import Webhook
from station.aside import aside
from station.postage import Postage

MAIL, WEBHOOK = "mail", "webhook"
FORMAT = "evidock-finding-notice/v1"
_TEXT = """\
以下 {count} 项整改事项即将到期或已逾期。责任人请在播放器“整改”页面答复；
升级事项请所列角色督办。

These {count} findings come to their deadline, or are late. Their owners answer them at the player,
under Findings; what is escalated is for people of the role that is named.

{lines}

日志 log: {origin}
同一 Message-ID 的邮件是重复件。Mails with the same Message-ID are the same mail.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingNotices:
    """Tells people.  Make it with :meth:`of`."""

    origin: str
    clock: Clock
    postage: Postage | None
    """None: nobody is mailed to."""
    boxes: tuple[str, ...]
    webhook: Webhook | None

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> FindingNotices:
        """As the settings say; SetupError if it cannot be done so."""
        wanted = settings.notices
        try:
            postage = Postage.of(replace(settings.mail, to=wanted.to)) if wanted.to else None
        except SetupError as error:
            raise SetupError(
                f"[notices] to is mailed to by [mail]: {error}", advice=error.advice
            ) from error
        return cls(
            origin=settings.agency.origin,
            clock=clock,
            postage=postage,
            boxes=wanted.to if postage is not None else (),
            webhook=Webhook.of(wanted),
        )

    async def tell_late(self, late: Sequence[Late]) -> Sequence[str]:
        """As :class:`archive.reviewing.chasing.FindingTeller`; every channel is tried."""
        findings = [
            {
                "finding": each.finding,
                "code": each.code,
                "due": each.due,
                "level": each.level,
                "role": each.role,
            }
            for each in late
        ]
        notice = Sha256.of(canonical({"origin": self.origin, "findings": findings})).hex
        failed: list[TemporaryError] = []
        for box in self.boxes:
            await self._try(partial(self._mail, late, box, notice), failed)
        if self.webhook is not None:
            message = {
                "format": FORMAT,
                "notice": notice,
                "origin": self.origin,
                "at": stamp(self.clock.now()),
                "findings": findings,
            }
            await self._try(partial(self.webhook.post, message), failed)
        if failed:
            raise failed[0]
        return [*([MAIL] if self.boxes else []), *([WEBHOOK] if self.webhook else [])]

    async def _try(self, way: Callable[[], Awaitable[None]], failed: list[TemporaryError]) -> None:
        try:
            await way()
        except TemporaryError as error:
            failed.append(error)
        except SetupError as error:  # a password file that was there at the start
            failed.append(TemporaryError(str(error), advice=error.advice))

    async def _mail(self, late: Sequence[Late], box: str, notice: str) -> None:
        if self.postage is None:
            raise ValueError("nobody is mailed to")
        made = letter(
            late,
            origin=self.origin,
            sender=self.postage.settings.sender,
            box=box,
            dated=format_datetime(self.clock.now()),
            notice=notice,
        )
        await aside(partial(self.postage.send, made, box), "finding notice")


def letter(
    late: Sequence[Late], *, origin: str, sender: str, box: str, dated: str, notice: str
) -> EmailMessage:
    """The mail about *late*; equal notices give equal Message-IDs."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = f"Evidock: {len(late)} findings 项整改事项到期或逾期"
    made["From"] = sender
    made["To"] = box
    made["Date"] = dated
    made["Message-ID"] = f"<evidock-finding-{notice[:40]}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    lines = "\n".join(
        f"{each.finding}  {each.code}  {each.due}  {each.role or 'owner 责任人'}" for each in late
    )
    made.set_content(_TEXT.format(count=len(late), lines=lines, origin=origin), cte="base64")
    return made
