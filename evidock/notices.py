"""Who is told that clips' time ends, before anybody may have them destroyed: mail and webhook.

One rule: what leaves is ids, dates and rules, and a channel counts only once its server took it.
Whoever took a notice is not told of it again while another one is being tried again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from archive.catalogue.notices import Due
from evidence.canonical import canonical
from evidence.clock import Clock, stamp
from evidence.digest import Sha256
from evidence.errors import SetupError, TemporaryError
from evidence.settings import Settings
from evidock.notice_letter import letter
from evidock.webhook import Webhook
from station.aside import aside
from station.postage import Postage

MAIL, WEBHOOK = "mail", "webhook"
FORMAT = "evidock-disposal-notice/v1"


@dataclass(slots=True, kw_only=True)
class Notices:
    """Tells people.  Make it with :meth:`of`."""

    origin: str
    """Which log it is about."""
    clock: Clock
    boxes: tuple[str, ...] = ()
    postage: Postage | None = None
    """None: nobody is mailed to."""
    webhook: Webhook | None = None
    _taken: set[tuple[str, str]] = field(default_factory=set)
    """(box or ``webhook``, notice) of those that are to be told again for others' sake."""

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> Notices:
        """As the settings say; SetupError if it cannot be done so."""
        wanted = settings.notices
        postage = None
        if wanted.to:
            try:
                postage = Postage.of(replace(settings.mail, to=wanted.to))
            except SetupError as error:
                raise SetupError(
                    f"[notices] to is mailed to by [mail]: {error}", advice=error.advice
                ) from error
        return cls(
            origin=settings.agency.origin,
            clock=clock,
            boxes=wanted.to if postage is not None else (),
            postage=postage,
            webhook=Webhook.of(wanted),
        )

    async def tell(self, due: Sequence[Due]) -> Sequence[str]:
        """As :class:`archive.disposal.noticing.Teller`; every channel is tried, whoever fails."""
        clips = [{"clip": each.clip, "until": each.until, "rule": each.rule} for each in due]
        notice = Sha256.of(canonical({"origin": self.origin, "clips": clips})).hex
        message = {
            "format": FORMAT,
            "notice": notice,
            "origin": self.origin,
            "at": stamp(self.clock.now()),
            "clips": clips,
        }
        ways = {box: partial(self._mail, due, box, notice) for box in self.boxes}
        if self.webhook is not None:
            ways[WEBHOOK] = partial(self.webhook.post, message)
        failed = [error for name in ways if (error := await self._once(name, notice, ways[name]))]
        if failed:
            raise failed[0]
        self._taken -= {(name, notice) for name in ways}
        return [*([MAIL] if self.boxes else []), *([WEBHOOK] if self.webhook else [])]

    async def _once(
        self, name: str, notice: str, way: Callable[[], Awaitable[None]]
    ) -> TemporaryError | None:
        """Go this *way*, unless that was done; what went wrong."""
        if (name, notice) in self._taken:
            return None
        try:
            await way()
        except TemporaryError as error:
            return error
        except SetupError as error:  # a password file that was there at the start
            return TemporaryError(str(error), advice=error.advice)
        self._taken.add((name, notice))
        return None

    async def _mail(self, due: Sequence[Due], box: str, notice: str) -> None:
        if self.postage is None:
            raise ValueError("nobody is mailed to")
        sender = self.postage.settings.sender
        made = letter(due, origin=self.origin, sender=sender, at=self.clock.now(), notice=notice)
        made.replace_header("To", box)  # no box is told of the others
        await aside(partial(self.postage.send, made, box), "notice")
