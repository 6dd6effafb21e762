"""What fixity found wrong in one vault, stored there anew from the other one's right copy.

One rule: nothing is touched unless the other copy was read and is what the log says.  What is wrong
stays where it is, under its lock: a new version is stored, read back, and named by the entry
(``fixity.repair``) together with the rows that lead to it.  Cut off anywhere, it is done again, and
takes what was stored already.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

from archive.catalogue import copies
from archive.catalogue.copies import Held, Place, Repaired, Stored
from archive.catalogue.moves import What, Which
from archive.copies.carrying import Object, Stopped
from archive.copies.proven import Means, Said
from archive.fixity import Component, Finding, Step
from archive.turns import to_its_end
from evidence.errors import EvidenceError, OutOfTurn, TemporaryError
from evidence.vault import Bucket, Lock, StoredVersion

_WHAT = {Step.ORIGINALS: What.ORIGINAL, Step.MANIFESTS: What.MANIFEST}
_log = logging.getLogger(__name__)


def _is_mended(found: Finding) -> bool:
    """Whether what was found is mended here; a missing legal hold is put on where it lies."""
    return found.step in _WHAT and found.component is not Component.LEGAL_HOLD


class Repairs:
    """Mends one clip at a time."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._catalogue = means.catalogue
        self._sides = means.sides
        self._carrying = means.carrying
        self._lost: dict[tuple[str, What], str] = {}
        self._mending = asyncio.Lock()

    def problems(self, wrong: Collection[str]) -> list[str]:
        """What could not be mended of the clips of which something is still *wrong*."""
        return [self._lost[each] for each in sorted(self._lost) if each[0] in wrong]

    async def mend(self, clip: str, which: Which, found: Sequence[Finding]) -> bool:
        """Store anew what of *clip* was *found* wrong in *which* vault; whether anything was.

        False, and nothing is touched, if there is no copy, the other vault does not answer, or
        both copies are wrong: that is a problem until one of them is right.
        """
        async with self._mending:
            held = await self._catalogue.run(copies.held, clip)
            if held is None:
                return False
            done = False
            async with self._means.turns.at(held.places[Which.FIRST].key):
                for what in sorted({_WHAT[each.step] for each in found if _is_mended(each)}):
                    done |= await self._mend(clip, which, what)
            return done

    async def _mend(self, clip: str, which: Which, what: What) -> bool:
        held = await self._catalogue.run(copies.held, clip)
        if held is None:
            return False
        lock = await self._catalogue.run(copies.longest, which, held.places[which])
        try:
            told = await asyncio.to_thread(self._means.said, held.entry, clip)
            repaired = await to_its_end(self._stored, held, told, which, what, lock)
        except (TemporaryError, Stopped) as error:
            _log.warning("clip %s is not mended yet: %s", clip, error)
            return False
        except (EvidenceError, IndexError, ValueError, KeyError) as error:
            self._lose(clip, what, f"the {what} of clip {clip} cannot be mended: {error}")
            return False
        if repaired is None:
            self._lose(
                clip,
                what,
                f"BOTH copies of the {what} of clip {clip} are wrong by the log: nothing was"
                " touched; look for another copy of it at once (docs/second-vault.md)",
            )
            return False
        return await self._record(repaired, held.places[which])

    async def _record(self, repaired: Repaired, before: Place) -> bool:
        """Put on record what was stored anew; False if it may not be, which alarms."""
        which, what, new = repaired.vault, repaired.what, repaired.new
        self._lost.pop((repaired.clip, what), None)
        try:
            number = await self._catalogue.run(copies.repair, repaired, before)
        except OutOfTurn as error:
            bucket = Bucket.ORIGINALS if what is What.ORIGINAL else Bucket.RECORDS
            why = f"it was stored anew, and {error}"
            self._means.unrecorded.keep(which, {(bucket, new.key, new.version): why})
            return False
        _log.warning("fixity: the %s of %d clips was mended in the %s vault", what, number, which)
        return True

    def _stored(
        self, held: Held, told: Said, which: Which, what: What, lock: Lock
    ) -> Repaired | None:
        """*what* as it was stored in *which* vault now; None if no copy anywhere is right."""
        is_original = what is What.ORIGINAL
        wanted, place = told.of(what), held.places[which]
        lock = self._means.lock(lock, place.lock)
        target, source = self._sides[which], self._sides[which.other]
        found, by = self._carrying.held(target.vault, wanted, lock), which
        if found is None:
            known = held.places[which.other].version if is_original else None
            wanted = replace(wanted, known=known)
            found, by = self._carrying.carried(source, target, wanted, lock), which.other
        if found is None:
            return None
        return Repaired(
            clip=held.clip,
            vault=which,
            what=what,
            source=by,
            old=place.version if is_original else None,
            new=self._as_stored(found, wanted, lock, which),
        )

    def _as_stored(self, version: StoredVersion, what: Object, lock: Lock, which: Which) -> Stored:
        vault = self._sides[which].vault
        return Stored(
            bucket=vault.bucket_name(what.bucket),
            key=what.key,
            version=version.version_id,
            lock=lock,
            sha256=what.sha256.hex,
            size=version.size,
            durability=vault.barrier(),
        )

    def _lose(self, clip: str, what: What, why: str) -> None:
        if self._lost.get((clip, what)) != why:
            _log.critical("%s", why)
        self._lost[clip, what] = why
