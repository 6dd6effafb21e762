"""How far a witness has seen our log: asked before anything is signed, with no log open yet.

One rule: a size is enough to stop us.  Whoever brings a log up from a copy (a restored backup)
asks here what it must reach.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from archive.log import witness_http
from archive.log.asking import size_named
from archive.log.elsewhere import Known
from evidence.errors import LogBroken, TemporaryError
from evidence.note import VerifierKey, open_checkpoint
from evidence.policy import Policy, Witness
from evidence.settings import WitnessesSettings
from evidence.witnessing import AddCheckpoint

_log = logging.getLogger(__name__)
_AGREED, _UNKNOWN, _OTHER_SIZE, _OTHER_ROOT = 200, 404, 409, 422


@dataclass(frozen=True, slots=True)
class WitnessWord:
    """A witness of the policy as somebody who may know more of our log (an ``Elsewhere``)."""

    witness: Witness
    keys: Sequence[VerifierKey]
    settings: WitnessesSettings

    @property
    def name(self) -> str:
        """What people call it."""
        return f"the witness {self.witness.name}"

    def known(self, ours: bytes) -> Known | None:
        """How many entries it saw; errors as of :func:`seen_by`."""
        size = seen_by(self.witness, ours, self.keys, self.settings)
        return None if size is None else Known(size=size)


def words_of(
    policy: Policy, keys: Sequence[VerifierKey], settings: WitnessesSettings
) -> list[WitnessWord]:
    """The witnesses that can be asked from here; those that cannot are told of, loudly."""
    by_hand = [each.name for each in policy.witnesses.values() if not each.url]
    if by_hand:
        _log.critical(
            "restored, and %s cannot be asked from here whether more was signed: carry a request"
            " there before anybody relies on this log (evidock witnesses request)",
            ", ".join(by_hand),
        )
    return [WitnessWord(each, keys, settings) for each in policy.witnesses.values() if each.url]


def seen_by(
    witness: Witness, ours: bytes, keys: Sequence[VerifierKey], settings: WitnessesSettings
) -> int | None:
    """How many entries *witness* has seen of the log whose checkpoint is *ours*; None: never any.

    Blocks; not for a thread in which an event loop runs.  TemporaryError if it does not answer or
    has no URL; LogBroken if it saw another root at our size, or *keys* did not sign *ours*.
    """
    return asyncio.run(_seen(witness, ours, keys, settings))


async def _seen(
    witness: Witness, ours: bytes, keys: Sequence[VerifierKey], settings: WitnessesSettings
) -> int | None:
    size = open_checkpoint(ours, keys).size
    if not witness.url:
        raise TemporaryError(
            f"the witness {witness.name} has no URL: it cannot be asked from here",
            advice="Carry a request to it: evidock witnesses request (docs/witnesses.md).",
        )
    trusted = witness_http.trusted_by(settings.ca_file)
    async with witness_http.posts(settings.patience_seconds, trusted) as to:
        reply = await to(witness)(AddCheckpoint(old=size, proof=(), note=ours).body)
    if reply.status == _AGREED:
        return size or None
    if reply.status == _UNKNOWN:
        return None
    named = size_named(reply) if reply.status == _OTHER_SIZE else -1
    if size and (
        reply.status == _OTHER_ROOT or (reply.status == _OTHER_SIZE and named in {size, -1})
    ):
        raise LogBroken(
            f"the witness {witness.name} has seen another history of the log, of {size} entries",
            advice="Keep everything as it is: somebody signed two logs with this key.",
        )
    if named < 0:
        raise TemporaryError(f"the witness {witness.name} answers {reply.status} {reply.said}")
    return named or None
