"""The second clock: what time others say that it is.

One rule: only who is trusted by name tells it, and only in words that verify, each of a checkpoint
of this very log: as many witnesses as the policy's quorum, by their cosignatures, or the
time-stamping authority of the settings, by its token.  So it lags behind, and never runs ahead
unless a whole quorum lies, or the authority does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from archive.log.cosigned import Cosigned
from archive.log.timestamps import Timestamps, verify_token
from evidence.clock import stamp, unstamp
from evidence.errors import LogBroken
from evidence.note import open_checkpoint
from evidence.policy import Policy
from evidence.tombstone import Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideClock:
    """Reads what is kept of what they said."""

    cosigned: Cosigned
    policy: Policy
    timestamps: Timestamps

    def newest(self) -> Outside | None:
        """The newest time that a quorum of witnesses, or the authority, told; None if none did.

        Blocks.
        """
        return max([*self._witnesses(), *self._stamped()], key=lambda each: each.at, default=None)

    def time(self) -> datetime | None:
        """That time alone.  Blocks."""
        found = self.newest()
        return None if found is None else unstamp(found.at)

    def _witnesses(self) -> Iterator[Outside]:
        """The newest time that a quorum have reached, by whose word it is."""
        names = {witness.key: witness.name for witness in self.policy.witnesses.values()}
        told = [each for said in self.cosigned.all() for each in said.cosignatures]
        if (reached := self.policy.reached(told)) is not None:
            yield Outside(at=stamp(reached.at), by="witness", name=names[reached.witness])

    def _stamped(self) -> Iterator[Outside]:
        """The newest token that verifies."""
        name = urlsplit(self.timestamps.settings.url).hostname or ""
        for each in reversed(self.timestamps.all() if self.timestamps.roots else []):
            try:
                about = each.about.read_bytes()
                open_checkpoint(about, self.timestamps.log.keys)
                at = verify_token(each.token.read_bytes(), about, self.timestamps.roots)
            except (LogBroken, OSError):
                continue
            yield Outside(at=stamp(at), by="rfc3161", name=name)
            return
