"""What must hold before books sign anything: they know all that was signed, and under which key.

One rule: an old copy of an archive looks like an archive.  So whoever opens books asks first who
may know more, takes in what was signed for, and sees that the key named last is the one that signs;
that a restored archive has caught up is committed before it is signed for with all the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archive.catalogue import entries
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.fixity import Finding
from archive.log import key
from archive.log.log import Log
from archive.log.seen import words_of
from archive.log.witnesses import policy_in
from archive.rebuild.catching_up import Others, catch_up
from archive.restored import RestoredMark, must_not_stand
from evidence.custody import EntryKind
from evidence.errors import LogBroken, SetupError
from evidence.note import VerifierKey, signed_by
from evidence.settings import WitnessesSettings
from evidence.tiles import WITNESSED

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeSigning:
    """The archive in *folder*, and the *others* who are asked what they know of its log."""

    folder: Path
    witnesses: WitnessesSettings
    others: Others | None

    def see_continuable(self) -> None:
        """SetupError if restored books are opened where nobody can be asked, or lack their key."""
        if self.others is None:
            must_not_stand(self.folder)
        if RestoredMark(self.folder).stands and not (self.folder / key.KEY).exists():
            raise SetupError(
                f"{self.folder / key.KEY} is missing: the backup was made without keys",
                advice="Put the log's key back (docs/keys.md), for its owner alone: chmod 600.",
            )

    async def bring_up(self, catalogue: Catalogue, log: Log) -> list[Finding]:
        """Bring both to what was signed for; what of it cannot be had.

        Errors as :func:`catch_up`, and LogBroken if another key than the present one was named.
        """
        mark, findings, heads = RestoredMark(self.folder), list[Finding](), list[bytes]()
        if self.others is not None:
            asked = await self._asked(self.others, log, marked=mark.stands)
            caught = await catch_up(catalogue, log, asked, restored=mark.stands)
            findings, heads = caught.findings, caught.heads
        for finding in findings:
            _log.warning("not to be had: %s", finding)
        await self._see_key(catalogue, log, heads)
        if mark.stands:
            await catalogue.run(_caught_up, log.size)
            await asyncio.to_thread(mark.clear)
        return findings

    async def _asked(self, others: Others, log: Log, *, marked: bool) -> Others:
        """After a restore witnesses are asked as well; other starts ask them before they sign.

        Whether the policy names our key is not asked yet: it may be an old one that was put back.
        """
        if not marked:
            return others
        policy = await asyncio.to_thread(policy_in, self.witnesses)
        words = words_of(policy, log.keys, self.witnesses)
        return replace(others, places=(*others.places, *words))

    async def _see_key(self, catalogue: Catalogue, log: Log, heads: Sequence[bytes]) -> None:
        """LogBroken if a key was to follow the present one, and is not about to.

        A backup from before that would go on with a key that people were told is none any more.
        So would one from the midst of the change, which holds the new key in waiting: that one of
        the *heads* that others know, or of our own, carries its signature says that it did follow.
        """
        named = await catalogue.run(entries.key_named_last)
        if named in {None, str(log.key)}:
            return
        coming = await asyncio.to_thread(key.coming, self.folder, log.key.name)
        known = [*await asyncio.to_thread(_own_heads, log), *heads]
        if coming is None or str(coming) != named:
            was_used = await asyncio.to_thread(self._was_used, VerifierKey.parse(named), known)
            names_another = self.others is not None and self.others.names_another_key
            if was_used or not (names_another and heads):  # of its own a home may know too little
                raise _old_key(self.folder, named, log.key, was_used=was_used)
        elif any(signed_by(head, [coming]) for head in known):
            raise LogBroken(
                f"the key {named} has signed this log already, and here it is still to follow"
                f" {log.key}: this is an old key",
                advice=f"In {self.folder}, copy {key.KEY} to {key.BEFORE}, then {key.NEXT} to"
                f" {key.KEY}; start the home; at rest, evidock keys rotate sees the change through"
                " (docs/keys.md). Nothing was signed.",
            )

    def _was_used(self, named: VerifierKey, heads: Sequence[bytes]) -> bool:
        """Whether the key *named* signed anything that is known here: a head, or a statement.

        Who was shown a statement may trust that key alone by now.
        """
        told = key.statements(self.folder)
        return any(signed_by(note, [named]) for note in (*heads, *told))


def _own_heads(log: Log) -> list[bytes]:
    """What our own folder has under signatures: the checkpoint, and what witnesses saw of it."""
    witnessed = log.read(WITNESSED)
    return [log.checkpoint()] if witnessed is None else [log.checkpoint(), witnessed]


def _old_key(folder: Path, named: str, present: VerifierKey, *, was_used: bool) -> LogBroken:
    """That the *present* key may not go on, since another one was *named*; what to do."""
    lost = (
        " Nothing here was signed by it: if it is lost, evidock keys rotate names another one in"
        " its place, once the vault's copy of the log says so, too."
    )
    return LogBroken(
        f"the log says that the key {named} follows, and {present} signs here: this is an old key",
        advice=f"Put the newer one back as {folder / key.KEY} (docs/keys.md), the old one as"
        f" {key.BEFORE} if it was not retired.{'' if was_used else lost} Nothing was signed.",
    )


def _caught_up(tx: Transaction, through: int) -> None:
    tx.record(EntryKind.RESTORED, "archive", through=through)
