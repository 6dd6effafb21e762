"""The answer of a witness to one request, whether it came over HTTP or in a file.

One rule: what is answered was remembered before, durably, and in one step with the decision; so
two requests at once, or a power cut, never lead to a yes that is forgotten.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from evidence.clock import Clock, stamp
from evidence.cosignature import Cosigner, cosign
from evidence.errors import ClockWrong, EvidenceError, LogBroken
from evidence.note import Checkpoint, VerifierKey, add_signatures, signature_line, signed_by
from evidence.witnessing import SIZE_TYPE, AddCheckpoint, Refusal, judge, origin_of
from evidock.witness.folder import WitnessFolder
from evidock.witness.memory import Seen

OK, BAD_REQUEST = 200, 400
BACKWARDS = timedelta(minutes=5)
"""How far the clock may lie before the latest cosignature: clocks are set, but not by much.

Within it the latest time is said again.  A cosignature says that at its time the checkpoint was the
largest seen (C2SP tlog-cosignature): a larger one at an earlier time would make one of them a lie.
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered, as C2SP tlog-witness writes it."""

    status: int
    body: bytes
    content_type: str = "text/plain"
    note: bytes | None = None
    """The checkpoint with its new cosignature, if it was cosigned."""


@dataclass(slots=True)
class Witness:
    """The witness in *folder*, whose lock the caller holds.  All methods block; threads may call.

    Make one with :meth:`open`.
    """

    folder: WitnessFolder
    signer: Cosigner
    clock: Clock
    _deciding: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, folder: WitnessFolder, clock: Clock) -> Witness:
        """The witness in *folder*; LogBroken if it forgot what it said of a log it knows."""
        witness = cls(folder, folder.signer(), clock)
        for origin in dict.fromkeys(key.name for key in folder.known()):
            seen, now = folder.memory.last(origin, witness.signer.key), clock.now()
            if seen is not None and is_ahead(seen, now):
                error = _ahead(seen, now)
                _log.critical("%s: %s. %s", origin, error, error.advice)
        return witness

    def answer(self, body: bytes) -> Answer:
        """The answer to the request *body*.

        TemporaryError if it cannot be remembered now, ClockWrong if the clock is behind what was
        signed, LogBroken if the memory is gone: then nothing was cosigned.
        """
        try:
            asked = AddCheckpoint.parse(body)
        except LogBroken as error:
            return Answer(status=BAD_REQUEST, body=_line(str(error)))
        with self._deciding:
            return self._decide(asked)

    def _decide(self, asked: AddCheckpoint) -> Answer:
        origin = origin_of(asked.note)
        keys = self.folder.keys_of(origin)
        seen = self.folder.memory.last(origin, self.signer.key) if keys else None
        judged = judge(asked, keys, None if seen is None else seen.checkpoint)
        if isinstance(judged, Refusal):
            return self._refuse(asked, judged, seen)
        return self._cosign(asked, keys, judged, seen)

    def _cosign(
        self,
        asked: AddCheckpoint,
        keys: tuple[VerifierKey, ...],
        checkpoint: Checkpoint,
        seen: Seen | None,
    ) -> Answer:
        now = self._now(seen)
        line = cosign(checkpoint.text, self.signer, now)
        by_log = b"".join(
            signature_line(key.name, key.key_id, signature)
            for key, signature in signed_by(asked.note, keys)
        )
        note = add_signatures(f"{checkpoint.text}\n".encode() + by_log, line)
        self.folder.memory.store(checkpoint.origin, note)
        _log.info("cosigned %s at %d entries", checkpoint.origin, checkpoint.size)
        return Answer(status=OK, body=line, note=note)

    def _now(self, seen: Seen | None) -> datetime:
        """Our time, and never before what we said last; ClockWrong if it lies too far before."""
        now = self.clock.now()
        if seen is None:
            return now
        if is_ahead(seen, now):
            raise _ahead(seen, now)
        return max(now, seen.at)

    def _refuse(self, asked: AddCheckpoint, refusal: Refusal, seen: Seen | None) -> Answer:
        _log.warning("refused %r: %d %s", origin_of(asked.note), refusal.status, refusal.why)
        if refusal.keep:
            self._keep(asked, refusal, seen)
        if refusal.size is not None:
            return Answer(
                status=refusal.status, body=_line(str(refusal.size)), content_type=SIZE_TYPE
            )
        return Answer(status=refusal.status, body=_line(refusal.why))

    def _keep(self, asked: AddCheckpoint, refusal: Refusal, seen: Seen | None) -> None:
        """Keep the request; the refusal stands, whether there is room for it or not."""
        try:
            kept = self.folder.misconduct.keep(asked, refusal, None if seen is None else seen.note)
        except EvidenceError as error:
            _log.critical("the refused request could not be kept: %s", error)
            return
        if not kept:
            _log.critical("no room for more refused requests: look at %s", self.folder.folder)


def is_ahead(seen: Seen, now: datetime) -> bool:
    """Whether the clock was ahead when *seen* was cosigned, or is behind *now*."""
    return now < seen.at - BACKWARDS


def _ahead(seen: Seen, now: datetime) -> ClockWrong:
    return ClockWrong(
        f"the clock of the witness shows {stamp(now)}, and the latest time it signed is"
        f" {stamp(seen.at)}: it cosigns nothing more before then",
        advice="If that clock is wrong, set it. If it is right, it was ahead once, and what was"
        " signed cannot be taken back: wait until then. If that is too long, go on as a new"
        " witness: evidock witness init in a new folder, and its new key to everybody who relies"
        " on this one (docs/witnesses.md).",
    )


def _line(text: str) -> bytes:
    return f"{text}\n".encode("utf-8", "backslashreplace")
