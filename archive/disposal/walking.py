"""The walk that destroys what two persons agreed to let go, clip by clip.

1. the clocks must be right, and somebody outside must tell the time;
2. the clip has its turn (:mod:`archive.turns`): nobody copies or repairs it, or keeps openings of
   it, meanwhile; then, unless the record forbids it already, everything of it is found, in both
   vaults, with its locks;
3. ``dispose.begin``, in the transaction that asks every rule of :mod:`evidence.disposal`; signed;
4. objects are destroyed, in both vaults; an original that another clip has too stays;
5. all of them are seen to be gone, and that passes the durability barrier;
6. ``dispose.done``: the tombstone, and the clip's rows are emptied.

Cut off anywhere, the next walk goes on from ``dispose.begin``.  What a vault does not give up, or
shows although it was destroyed, is a problem, and nothing is said to be gone.  A clip that fails
for the time being holds up no other, and comes last the next time; if none gets on the walk ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from archive.catalogue import disposals, fixities
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.disposals import Doomed, Going, Rules, Seen
from archive.catalogue.moves import Which
from archive.disposal.objects import Side
from archive.disposal.outside import OutsideClock
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from archive.turns import Turns, openings_of, to_its_end
from evidence.clock import Clock, stamp, unstamp
from evidence.disposal import Refusal, limit
from evidence.errors import EvidenceError, OutOfTurn, SetupError, TemporaryError
from evidence.tombstone import Outside, Place
from evidence.vault import Bucket

EVERY = timedelta(hours=1)
"""Between two walks."""
LOOK_AGAIN = 60.0
BEHIND = timedelta(days=2)
"""How far the time from outside may lie behind ours before somebody has to look."""
AHEAD = timedelta(minutes=15)
"""And how far before it."""
IN_A_ROW = 3
"""So many clips that fail for the time being, one after another, end a walk."""
_LOCKS, _LIMIT = 6, 7
_TRIES = 2

_Outcome = Sequence[Refusal] | str | None
"""Every rule that forbids it now; or why it is stuck; None: it is gone."""
Signed = Callable[[int], Awaitable[None]]
"""Returns once the entry at that log index is signed for; TemporaryError if that takes too long."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What one walk came to."""

    done: tuple[str, ...]
    """Clips that are gone."""
    waiting: Mapping[str, Sequence[Refusal]]
    """Clip -> every rule that forbids it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How disposal stands, for people."""

    outside: Outside | None
    done_today: int
    limit_today: int
    stopped: str | None
    """Why nothing is destroyed at the moment; None: nothing stands in the way."""


@dataclass(slots=True, kw_only=True)
class Disposer:
    """Destroys what may be destroyed, in all *sides*, by *terms* and the law in *rulebook*."""

    catalogue: Catalogue
    sides: Sequence[Side]
    clock: Clock
    watch: ClockWatch
    outside: OutsideClock
    rules: Rules
    signed: Signed
    turns: Turns = field(default_factory=Turns)
    """Shared with whoever copies, repairs and keeps openings."""
    work: Supervised = field(init=False)
    _stuck: dict[str, str] = field(default_factory=dict)
    """Clip -> what is wrong with its disposal."""
    _ended: str | None = None
    """Why the last walk ended before it had tried all clips."""
    _clocks: str | None = None
    """What is wrong with the clocks."""
    _full: str | None = None
    """That the limit of the day stopped it."""
    _last: float | None = None

    def __post_init__(self) -> None:
        self.work = Supervised("disposal", self._step, self.clock)

    @property
    def problems(self) -> list[str]:
        """What a person in charge should look at."""
        stuck = (f"disposal of clip {clip}: {why}" for clip, why in sorted(self._stuck.items()))
        return [*filter(None, [self._clocks, self._full, self._ended]), *stuck]

    async def standing(self) -> Standing:
        """How it stands now."""
        outside = await asyncio.to_thread(self.outside.newest)
        told = None if outside is None else unstamp(outside.at)
        today = await self.catalogue.run(self.rules.reckoning.day, told)
        most = limit(today.clips, self.rules.terms.per_mille)
        full = f"{today.done} clips were destroyed in 24 hours, {most} may be"
        return Standing(
            outside=outside,
            done_today=today.done,
            limit_today=most,
            stopped=self._amiss(outside) or (full if today.done >= most else None),
        )

    async def dispose_now(self) -> Walked:
        """Destroy all that may be destroyed now.

        ClockWrong if the clock cannot be right; VaultUnreachable, or another TemporaryError, if no
        clip gets on: none at all, or :data:`IN_A_ROW` of them.
        """
        self.watch.must_be_right(await self.catalogue.run(fixities.last_archived))
        wanted = await self.catalogue.run(disposals.going)
        outside = await asyncio.to_thread(self.outside.newest)
        self._clocks, self._ended = self._amiss(outside) if wanted else None, None
        clips = {each.clip for each in wanted}
        self._stuck = {clip: why for clip, why in self._stuck.items() if clip in clips}
        failed = {clip: place for place, clip in enumerate(self._stuck)}
        done, waiting, in_a_row = list[str](), dict[str, Sequence[Refusal]](), 0
        for each in sorted(wanted, key=lambda each: failed.get(each.clip, -1)):
            try:
                found = await self._try(each, outside)
            except TemporaryError as error:
                in_a_row += 1
                self._fail(each, error, is_last=in_a_row in {IN_A_ROW, len(wanted)})
                continue
            in_a_row = 0
            if isinstance(found, str):
                self._stick(each.clip, found)
            elif found is None:
                done.append(each.clip)
            elif found:
                waiting[each.clip] = found
        self._full = _stopped(waiting, self.rules.terms.per_mille)
        self._last = self.clock.monotonic()
        return Walked(done=tuple(done), waiting=waiting)

    def _fail(self, each: Going, error: TemporaryError, *, is_last: bool) -> None:
        """Tell that *each* failed for the time being; *error* itself if the walk ends with it."""
        self._stick(each.clip, f"it is tried again: {error}")
        _log.warning("the disposal of clip %s is tried again: %s", each.clip, error)
        if is_last:
            self._ended = f"the walk of disposal ended, since no clip gets on: {error}"
            raise error

    def _stick(self, clip: str, why: str) -> None:
        """Tell what is wrong with *clip*, which comes last the next time."""
        self._stuck.pop(clip, None)
        self._stuck[clip] = why

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        now = self.clock.monotonic()
        if self._last is None or now - self._last >= EVERY.total_seconds():
            await self.dispose_now()

    async def _try(self, each: Going, outside: Outside | None) -> _Outcome:
        """What becomes of *each* now."""
        try:
            async with self.turns.at(each.key), self.turns.at(openings_of(each.clip)):
                wanted = await self.catalogue.run(disposals.doomed, each.proposal)
                found = await self._dispose(wanted, outside)
        except TemporaryError:
            raise
        except OutOfTurn as error:
            _log.info("clip %s is not disposed of: %s", each.clip, error)  # it was withdrawn
            return []
        except (EvidenceError, ValueError) as error:
            found = str(error)
        if isinstance(found, str):
            _log.critical("the disposal of clip %s is stuck: %s", each.clip, found)
            return found
        self._stuck.pop(each.clip, None)
        return found

    async def _dispose(self, each: Doomed, outside: Outside | None) -> _Outcome:
        if each.copied_in is not None and each.copied_in not in self._buckets():
            raise SetupError(
                f"a copy of clip {each.clip} lies in {each.copied_in}, a bucket of no vault that is"
                " set up here",
                advice="Set [second_vault] as it was: what lies there has to go, too.",
            )
        if each.began is None:
            told = Seen(outside=outside, amiss=self._clocks)
            if no := await self.catalogue.run(disposals.forbidden, each, told, self.rules):
                return no
            seen = await asyncio.to_thread(self._seen, each, told)
            if seen.held is not None:
                return [Refusal(step=_LOCKS, why=f"{seen.held} carries an S3 legal hold")]
            began = await self.catalogue.run(disposals.begin, each, seen, self.rules)
            if not isinstance(began, int):
                return began
        else:
            began = each.began
        await self.signed(began)
        return await self._finish(each.proposal)

    def _buckets(self) -> set[str]:
        """What second vaults call their buckets of originals."""
        seconds = (side for side in self.sides if side.which is Which.SECOND)
        return {side.vault.bucket_name(Bucket.ORIGINALS) for side in seconds}

    async def _finish(self, proposal: str) -> str | None:
        """Destroy, see that it is gone, and say so; None, or why that is not so.

        Another clip of the same bytes may come in meanwhile: what is shared is looked up again.
        """
        kept: list[str] = []
        for _ in range(_TRIES):
            each = await self.catalogue.run(disposals.under_way, proposal)
            gone, shared, kept = await to_its_end(self._destroyed, each)
            if not kept and await self.catalogue.run(disposals.done, each, gone, shared):
                _log.warning("clip %s was disposed of", each.clip)
                return None
        return "; ".join(kept) or "clips with the same bytes come and go: it is tried again"

    def _seen(self, each: Doomed, told: Seen) -> Seen:
        """What lies of it in the vaults, beside what the clocks *told*."""
        found = [(side, version) for side in self.sides for version in side.of(each)]
        locks = [version.lock.until for _, version in found if version.lock is not None]
        return replace(
            told,
            locked_until=max(locks, default=None),
            held=next((each.key for _, each in found if each.legal_hold), None),
            objects=[side.place(version) for side, version in found],
        )

    def _destroyed(self, each: Doomed) -> tuple[list[Place], list[Place], list[str]]:
        """What is gone, what stays as another clip's, and what is there and must not be."""
        gone, shared = dict.fromkeys(each.objects), dict[Place, None]()
        for side in self.sides:
            versions = side.of(each)
            gone |= dict.fromkeys(map(side.place, versions))
            if each.is_shared:
                shared |= dict.fromkeys(map(side.place, side.original(each)))
            if (kept := side.destroy(versions)) is not None:
                return [], [], [kept]
        gone = {place: None for place in gone if place not in shared}
        left = [why for side in self.sides for why in side.left(each, gone)]
        for side in self.sides:
            side.vault.barrier()
        return list(gone), list(shared), left

    def _amiss(self, outside: Outside | None) -> str | None:
        """What is wrong with the clocks, if two that are right could not show what they do."""
        now = self.clock.now()
        if outside is None:
            return (
                "nothing is disposed of: nobody outside tells the time; name a witness or a"
                " time-stamping authority (docs/witnesses.md)"
            )
        told = f"{outside.name} said {outside.at}, and this clock shows {stamp(now)}"
        if now - unstamp(outside.at) > BEHIND:
            return f"nothing is disposed of: {told}: one of them is wrong, or does not answer"
        if unstamp(outside.at) - now > AHEAD:
            return f"nothing is disposed of: {told}: this clock was set back"
        return None


def _stopped(waiting: Mapping[str, Sequence[Refusal]], per_mille: int) -> str | None:
    """That the limit of the day is all that keeps some clips, if so."""
    full = [
        refused[0].why
        for refused in waiting.values()
        if [each.step for each in refused] == [_LIMIT]
    ]
    if not full:
        return None
    return (
        f"disposal has stopped: {full[0]}; {len(full)} more clips wait. See who wants so many to"
        f" go at once; [archive] disposals_per_mille is {per_mille}"
    )
