"""What was stored in a vault and may not be put on record, since its clip went meanwhile.

One rule: nobody forgets it while it lies there.  If the clip is still being destroyed the next walk
of disposal finds it, as it finds every version at a key; otherwise a person has to look.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.catalogue.moves import Which
from archive.copies import Sides
from evidence.vault import Bucket

_log = logging.getLogger(__name__)
_Place = tuple[Which, Bucket, str, str]
"""Vault, bucket, key and version."""


@dataclass(slots=True)
class Unrecorded:
    """All of it that this process knows of."""

    _why: dict[_Place, str] = field(default_factory=dict)

    def keep(self, which: Which, versions: Mapping[tuple[Bucket, str, str], str]) -> None:
        """Tell of what lies in *which* vault: bucket, key and version -> why it must not."""
        for (bucket, key, version), why in versions.items():
            said = (
                f"{bucket.value}/{key} version {version} lies in the {which} vault and is on no"
                f" record: {why}; see that the next walk of disposal destroys it, or ask the"
                " store's administrator once its lock has ended"
            )
            _log.critical("%s", said)
            self._why[which, bucket, key, version] = said

    @property
    def problems(self) -> list[str]:
        """What a person in charge should look at."""
        return sorted(self._why.values())

    def look(self, sides: Sides) -> None:
        """Forget what is not there any more; blocks."""
        for place in list(self._why):
            which, bucket, key, version = place
            if sides[which].vault.find(bucket, key, version) is None:
                del self._why[place]
