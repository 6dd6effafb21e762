"""Who is told that clips' time ends, before anybody may have them destroyed: mail and webhook.

One rule: what leaves is ids, dates and rules, and a channel counts only once its server took it.
Each channel is told what it has not taken yet, whatever becomes of the others; one that fails is
tried again after a pause that grows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
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
TRY_AGAIN, AT_MOST = timedelta(minutes=1), timedelta(hours=6)
"""Before a channel that failed is tried again: twice as long each time."""


@dataclass(slots=True, kw_only=True)
class Channel:
    """One box, or the webhook."""

    name: str
    way: Callable[[Sequence[Due], str], Awaitable[None]]
    """Tells of these clips under the digest of what is told; TemporaryError if nobody took it."""
    clock: Clock
    _taken: set[Due] = field(default_factory=set)
    """What it took and is not on record yet, for the others' sake."""
    _failed: TemporaryError | None = None
    _pause: timedelta = TRY_AGAIN
    _again: float = 0.0
    """When to try it next, on the monotonic clock."""

    async def tell(self, due: Sequence[Due], origin: str) -> TemporaryError | None:
        """Tell of what it has not taken; why that could not be done, or not yet again."""
        fresh = [each for each in due if each not in self._taken]
        if not fresh:
            return None
        if self._failed is not None and self.clock.monotonic() < self._again:
            return self._failed
        clips = canonical({"origin": origin, "clips": [said_of(each) for each in fresh]})
        try:
            await self.way(fresh, Sha256.of(clips).hex)
        except TemporaryError as error:
            return self._fail(error)
        except SetupError as error:  # a password file that was there at the start
            return self._fail(TemporaryError(str(error), advice=error.advice))
        self._taken.update(fresh)
        self._failed, self._pause = None, TRY_AGAIN
        return None

    def forget(self, due: Iterable[Due]) -> None:
        """These are on record: nobody asks to tell them again."""
        self._taken.difference_update(due)

    def _fail(self, error: TemporaryError) -> TemporaryError:
        self._again = self.clock.monotonic() + self._pause.total_seconds()
        self._failed, self._pause = error, min(2 * self._pause, AT_MOST)
        return error


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
    _channels: list[Channel] = field(init=False)
    _took: set[Due] = field(default_factory=set)
    """What all of them took: on record, unless it is asked for again."""

    def __post_init__(self) -> None:
        ways = {box: partial(self._mail, box) for box in self.boxes}
        if self.webhook is not None:
            ways[WEBHOOK] = partial(self._post, self.webhook)
        self._channels = [Channel(name=n, way=way, clock=self.clock) for n, way in ways.items()]

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
        on_record, self._took = self._took.difference(due), self._took.intersection(due)
        for each in self._channels:
            each.forget(on_record)
        told = [await each.tell(due, self.origin) for each in self._channels]
        failed = [error for error in told if error is not None]
        if len(failed) == 1:
            raise failed[0]
        if failed:
            raise TemporaryError("; ".join(map(str, failed)), advice=failed[0].advice)
        self._took.update(due)
        return [*([MAIL] if self.boxes else []), *([WEBHOOK] if self.webhook else [])]

    async def _post(self, webhook: Webhook, due: Sequence[Due], notice: str) -> None:
        message = {
            "format": FORMAT,
            "notice": notice,
            "origin": self.origin,
            "at": stamp(self.clock.now()),
            "clips": [said_of(each) for each in due],
        }
        await webhook.post(message)

    async def _mail(self, box: str, due: Sequence[Due], notice: str) -> None:
        if self.postage is None:
            raise ValueError("nobody is mailed to")
        sender = self.postage.settings.sender
        made = letter(due, origin=self.origin, sender=sender, at=self.clock.now(), notice=notice)
        made.replace_header("To", box)  # no box is told of the others
        await aside(partial(self.postage.send, made, box), "notice")


def said_of(each: Due) -> dict[str, str]:
    """What is told of one clip."""
    return {"clip": each.clip, "until": each.until, "rule": each.rule}
