"""The witnesses of the agency's log: asked again and again, by hand where no network leads to them.

One rule: a witness that does not answer stops nothing; one that has seen what this log does not
hold stops every further signature, until a person has looked (:mod:`archive.log.halt`).

:meth:`Witnesses.must_not_know_more` is asked before every signature.  The first time after a start
it asks every witness that can be reached: a log that was restored from an old copy may not sign
before it has caught up with them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from archive.log import asking, witness_http
from archive.log.asking import Agreed, Contradicted, Outcome
from archive.log.cosigned import Cosigned, Said
from archive.log.halt import Halt
from archive.log.key import known_keys
from archive.log.log import Log
from evidence.clock import Clock, stamp
from evidence.errors import EvidenceError, LogBroken, NotKnown, SetupError, TemporaryError
from evidence.merkle import CompactRange
from evidence.note import Checkpoint, VerifierKey, open_checkpoint
from evidence.policy import Policy, Witness
from evidence.settings import WitnessesSettings
from evidence.tiles import TileTree
from evidence.witnessing import AddCheckpoint

WITNESSED, HALTED = "witnessed", "halted"
"""In the archive's folder: what witnesses said, and the mark that stops the log."""
OLDEST = timedelta(hours=24)
"""An older word of the witnesses is told of: it bounds how long anybody can be shown an old log."""
AHEAD = timedelta(minutes=10)
"""A word from further ahead is told of: it would look new for too long."""
TOGETHER = 1.0
"""Seconds for which one witness is waited for, so that all are asked to cosign the same head."""

_log = logging.getLogger(__name__)


def policy_of(settings: WitnessesSettings, key: VerifierKey) -> Policy:
    """The policy that *settings* name, with the log's own *key*; SetupError if it is no good."""
    policy = policy_in(settings)
    if not policy.logs:
        return replace(policy, logs=(key,))
    if key not in policy.logs:
        raise SetupError(
            f"[witnesses] policy {settings.policy} does not name the key of this log",
            advice=f"Add the line: log {key}",
        )
    return policy


def policy_in(settings: WitnessesSettings) -> Policy:
    """The policy that *settings* name, whatever key the log has; SetupError if it is no good."""
    if not settings.policy:
        return Policy(logs=())
    try:
        return Policy.parse(Path(settings.policy).read_bytes())
    except OSError as error:
        raise SetupError(f"[witnesses] policy {settings.policy}: {error.strerror}") from error


def too_old(policy: Policy, cosigned: Cosigned, clock: Clock) -> list[str]:
    """What is wrong with the newest word of the *policy*'s witnesses, if anything is."""
    if not policy.witnesses:
        return []
    newest = cosigned.newest()
    if newest is None:
        return ["no witness has cosigned the log yet"]
    if not newest.is_quorum:
        return [f"no checkpoint was seen by enough witnesses (quorum {policy.quorum})"]
    if newest.at > clock.now() + AHEAD:
        return [f"a witness cosigned the log at {stamp(newest.at)}: its clock is ahead of ours"]
    if clock.now() - newest.at <= OLDEST:
        return []
    return [f"witnesses cosigned the log last at {stamp(newest.at)}: more than a day ago"]


def problems_in(
    folder: Path, settings: WitnessesSettings, key: VerifierKey, clock: Clock
) -> list[str]:
    """What the files in *folder* tell of the witnesses of the log of *key*, without opening it.

    Blocks, and changes nothing.  SetupError as :func:`policy_of`; LogBroken if a statement of
    succession does not hold.
    """
    policy = policy_of(settings, key)
    cosigned = Cosigned.open(folder / WITNESSED, known_keys(folder, [key]), policy)
    why = Halt(folder / HALTED).why
    stopped = [] if why is None else [f"the log is stopped: {why}"]
    return [*stopped, *cosigned.problems, *too_old(policy, cosigned, clock)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessState:
    """How it stands with one witness."""

    name: str
    url: str | None
    size: int
    """How many entries the log had when it cosigned last; 0: never."""
    at: str | None
    """When that was, by its own clock."""
    trouble: str | None


@dataclass(slots=True, kw_only=True)
class Witnesses:
    """All that this process knows of the witnesses of *log*."""

    log: Log
    policy: Policy
    cosigned: Cosigned
    halt: Halt
    settings: WitnessesSettings
    clock: Clock
    _trouble: dict[str, str] = field(default_factory=dict)
    _forgot: dict[str, str] = field(default_factory=dict)
    _under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    """The conversations, by witness; whoever began one may go away."""
    _slow: set[str] = field(default_factory=set)
    """Who kept the others waiting: they are asked like all, and hold up nobody."""
    _publishing: threading.Lock = field(default_factory=threading.Lock)
    _asked: bool = False
    """Since this process began."""
    _round_at: float = 0.0
    """When one was asked last, on the monotonic clock."""

    @classmethod
    def open(cls, log: Log, folder: Path, settings: WitnessesSettings, clock: Clock) -> Witnesses:
        """The witnesses that *settings* name, with what they said before in *folder*.  Blocks.

        SetupError if the policy cannot be used.
        """
        policy = policy_of(settings, log.key)
        witness_http.trusted_by(settings.ca_file)
        return cls(
            log=log,
            policy=policy,
            cosigned=Cosigned.open(folder / WITNESSED, known_keys(folder, log.keys), policy),
            halt=Halt(folder / HALTED),
            settings=settings,
            clock=clock,
        )

    @property
    def published(self) -> str:
        """The policy as outsiders get it: its witnesses and quorum, the log's own key first."""
        logs = dict.fromkeys((self.log.key, *self.policy.logs))
        return str(replace(self.policy, logs=tuple(logs)))

    async def must_not_know_more(self) -> None:
        """Return if the log may sign; LogBroken if anybody has seen what it does not hold."""
        self.halt.must_not_be()
        if self._asked:
            return
        await asyncio.to_thread(self._see_own)
        await self.ask_all()
        self._asked = True
        self.halt.must_not_be()

    async def ask_anew(self) -> None:
        """A person looked: hear everybody again; the mark of a stopped log stays where it is.

        LogBroken if anybody has seen what the log does not hold; TemporaryError if one that has a
        URL did not say that it has not.
        """
        self.halt.looked_at()
        await asyncio.to_thread(self._see_own)
        await self.ask_all()
        self.halt.must_not_stay()
        if self._trouble:
            name, why = next(iter(self._trouble.items()))
            raise TemporaryError(
                f"the log stays stopped until the witness {name} was heard: {why}",
                advice="Make it reachable, then resume again. One that is gone for good, or errs,"
                " is taken out of the policy first (docs/witnesses.md).",
            )
        self._asked = True

    @property
    def by_hand(self) -> list[str]:
        """The witnesses that cannot be asked from here: what they know has to be carried."""
        return [each.name for each in self.policy.witnesses.values() if not each.url]

    async def ask_all(self) -> None:
        """Ask every witness that has a URL to cosign what the log has become, all at once.

        One that is being asked already is asked again when that is over.
        """
        if self._under_way:
            await asyncio.wait(self._under_way.values())
        self._ask_those_at_rest()
        await asyncio.gather(*(asyncio.shield(each) for each in self._under_way.values()))

    async def covering(self, index: int, wanted: int) -> None:
        """Ask them, unless *wanted* of them have cosigned entry *index* already.

        Returns once so many have, whoever else is still silent.  What is under way goes on if the
        caller has no more time.
        """
        rounds = 2  # a witness may have been asked before the entry was there
        while not self._is_covered(index, wanted) and not self._just_failed():
            if rounds and self._under_way.keys() <= self._slow:
                self._ask_those_at_rest()
                rounds -= 1
            if not self._under_way:
                return
            heard, silent = await asyncio.wait(
                self._under_way.values(), timeout=TOGETHER, return_when=asyncio.FIRST_COMPLETED
            )
            for each in heard:
                each.result()
            if not heard:
                self._slow |= {name for name, each in self._under_way.items() if each in silent}

    async def aclose(self) -> None:
        """End what is under way: nobody is left who would hear it."""
        for each in (ending := list(self._under_way.values())):
            each.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def seen_by_quorum(self, index: int) -> Said | None:
        """The checkpoint over entry *index* that proves most, after they were asked if need be.

        None if nobody cosigned one; whether it has the quorum, it says itself.
        """
        for _ in range(2):  # as in covering
            best = self.cosigned.best(index)
            if (best is not None and best.is_quorum) or self._just_failed():
                break
            await self.ask_all()
        return self.cosigned.best(index)

    def receipt(self, index: int) -> bytes:
        """The tlog-proof of entry *index*, under the checkpoint that proves most.  Blocks.

        That is one which witnesses cosigned, if it covers the entry; else the published one.
        IndexError as in :meth:`Log.entry`.
        """
        best = self.cosigned.best(index)
        return self.log.receipt(index, None if best is None else best.note)

    def request(self, name: str, since: int | None) -> AddCheckpoint:
        """What the witness *name* is asked when the question is carried to it.  Blocks.

        From *since* entries on, or from what we know that it saw last.  NotKnown if the policy
        knows no such witness; LogBroken, and the log is stopped, if it has seen more than we have.
        """
        if name not in self.policy.witnesses:
            known = ", ".join(self.policy.witnesses) or "none"
            raise NotKnown(f"the policy knows no witness {name!r}; it knows: {known}")
        since = self.cosigned.size_of(name) if since is None else since
        if since > asking.reached(self.log):
            self.halt.set(f"the witness {name} is said to have seen {since} entries of it")
            self.halt.must_not_be()
        return asking.request(self.log, since)

    def answered(self, note: bytes) -> Said:
        """Take in a cosigned checkpoint that was carried here.  Blocks.

        LogBroken if it is none of this log, or no witness of the policy cosigned it; if the log
        signed it and does not hold it, the log is stopped.
        """
        checkpoint = open_checkpoint(note, self.log.keys)
        if not self.policy.said(note):
            raise LogBroken(
                f"no witness of the policy cosigned this checkpoint of {checkpoint.size}"
            )
        if (why := self._contradicts(checkpoint)) is not None:
            self.cosigned.set_aside(note)
            self._stop(why)
            self.halt.must_not_be()
        said = self.cosigned.keep(note)
        self._publish()
        return said

    def states(self) -> list[WitnessState]:
        """How it stands with each."""
        return [
            WitnessState(
                name=each.name,
                url=each.url,
                size=self.cosigned.size_of(each.name),
                at=None if (at := self.cosigned.last_of(each.name)) is None else stamp(at),
                trouble=self._trouble.get(each.name),
            )
            for each in self.policy.witnesses.values()
        ]

    def problems(self) -> list[str]:
        """What a person in charge should look at."""
        stopped = [] if self.halt.why is None else [f"the log is stopped: {self.halt.why}"]
        found = [*stopped, *self._forgot.values(), *self._trouble.values()]
        return [*found, *self.cosigned.problems, *too_old(self.policy, self.cosigned, self.clock)]

    def _is_covered(self, index: int, wanted: int) -> bool:
        best = self.cosigned.best(index)
        return best is not None and len(best.cosignatures) >= wanted

    def _ask_those_at_rest(self) -> None:
        """Begin a conversation with each that there is none with."""
        for each in self.policy.witnesses.values():
            if each.url and each.name not in self._under_way:
                task = asyncio.create_task(self._converse(each))
                self._under_way[each.name] = task
                task.add_done_callback(partial(self._is_over, each.name))

    def _is_over(self, witness: str, _conversation: asyncio.Task[None]) -> None:
        del self._under_way[witness]

    async def _converse(self, witness: Witness) -> None:
        """Ask *witness*, and take in its answer whatever the others do."""
        trusted = witness_http.trusted_by(self.settings.ca_file)
        async with witness_http.posts(self.settings.patience_seconds, trusted) as to:
            since = self.cosigned.size_of(witness.name)
            outcome = await asking.ask(self.log, witness, since, to(witness))
        self._round_at = self.clock.monotonic()
        if not isinstance(outcome, asking.Trouble):
            self._slow.discard(witness.name)
        await asyncio.to_thread(self._heard, witness, outcome)

    def _just_failed(self) -> bool:
        """Whether none of them answered a moment ago: whoever needs a receipt does not wait."""
        asked = [each.name for each in self.policy.witnesses.values() if each.url]
        since = self.clock.monotonic() - self._round_at
        return all(name in self._trouble for name in asked) and since < self.settings.every_seconds

    def _heard(self, witness: Witness, outcome: Outcome) -> None:
        """Take in what *witness* answered."""
        match outcome:
            case Agreed(note=note, forgot=forgot):
                if forgot is not None:
                    self._forgot[witness.name] = forgot
                self._keep(witness, note)
            case Contradicted(why=why):
                _log.critical("the log is stopped: %s", why)
                self._trouble[witness.name] = why
                self._stop(why)
            case asking.Trouble(why=why):
                _log.warning("%s", why)
                self._trouble[witness.name] = why

    def _keep(self, witness: Witness, note: bytes) -> None:
        try:
            self.cosigned.keep(note)
            self._publish()
            self._trouble.pop(witness.name, None)
        except TemporaryError as error:  # the disk is full: the witness is asked again
            self._trouble[witness.name] = f"what {witness.name} said could not be kept: {error}"

    def _stop(self, why: str) -> None:
        """Stop the log; for this process at least, where the mark cannot be written."""
        try:
            self.halt.set(why)
        except EvidenceError as error:
            _log.critical("the mark that stops the log could not be written: %s", error)

    def _publish(self) -> None:
        with self._publishing:  # two witnesses may answer at once: the newer word comes last
            if (newest := self.cosigned.newest()) is not None:
                self.log.publish_witnessed(newest.note)

    def _see_own(self) -> None:
        """Stop the log unless it holds every checkpoint of its that was cosigned."""
        for said in self.cosigned.all():
            if (why := self._contradicts(said.checkpoint)) is not None:
                self._stop(why)

    def _contradicts(self, cosigned: Checkpoint) -> str | None:
        """What this log does not hold of a checkpoint that it signed and witnesses cosigned."""
        size, ours = cosigned.size, asking.reached(self.log)
        if size > ours:
            return f"witnesses cosigned {size} entries of it, and it has {ours}"
        root = CompactRange.read(TileTree(ours, self.log.read), size).root
        if root != cosigned.root:
            return f"witnesses cosigned another history of it, of {size} entries"
        return None
