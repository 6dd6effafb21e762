"""Lineage: which version of a dossier follows which, by what ``dossier.made`` entries say.

One rule: the dossier of a case is one line.  It has one first version, and behind each version one
at the most; each follows one that stands before it in the log, and is of the same case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one entry says of the version that it put on record."""

    entry: int
    """Its log index."""
    sha256: str
    previous: str | None
    """SHA-256 of the version before it."""
    number: int
    case: bytes | None
    """The number of the case, in UTF-8; None where nothing opens it."""


class Lineage:
    """The lines of all versions that there are."""

    def __init__(self, versions: Iterable[Version]) -> None:
        self._before: dict[int, Version] = {}
        self._followers: dict[int | None, list[Version]] = defaultdict(list)
        self._first: dict[bytes, Version] = {}
        self._by_digest: dict[str, Version] = {}
        for each in sorted(versions, key=lambda version: version.entry):
            before = None if each.previous is None else self._by_digest.get(each.previous)
            self._followers[None if before is None else before.entry].append(each)
            if before is not None:
                self._before[each.entry] = before
            elif each.previous is None and each.case is not None:
                self._first.setdefault(each.case, each)
            self._by_digest.setdefault(each.sha256, each)

    def walk(self) -> Iterator[tuple[Version, Version | None]]:
        """Each version, and the one before it; the first that follows one right behind it."""
        waiting = self._followers[None][::-1]
        while waiting:
            version = waiting.pop()
            yield version, self.before(version)
            waiting += self.followers(version)[::-1]

    def before(self, version: Version) -> Version | None:
        """The one that it follows; None if it follows none, or one that is not here."""
        return self._before.get(version.entry)

    def followers(self, version: Version) -> Sequence[Version]:
        """Those that follow it, in the order of the log."""
        return self._followers[version.entry]

    def first(self, case: bytes) -> Version | None:
        """The first version of the *case*."""
        return self._first.get(case)

    def problems(self, version: Version) -> list[str]:
        """Why it does not stand where it stands."""
        before, same = self.before(version), self._by_digest[version.sha256]
        found = [] if same is version else [f"is the version of entry {same.entry} once more"]
        if before is None:
            return found + self._of_first(version)
        if version.number != before.number + 1:
            found.append(f"is version {version.number}, and follows version {before.number}")
        if self.followers(before)[0] is not version:
            found.append("follows a version that another one follows already")
        if None not in {version.case, before.case} and version.case != before.case:
            found.append(f"is of another case than the version of entry {before.entry}")
        return found

    def _of_first(self, version: Version) -> list[str]:
        if version.previous is not None:
            return ["follows a version that is not here"]
        found = [] if version.number == 1 else [f"is version {version.number}, and follows none"]
        first = version if version.case is None else self._first[version.case]
        if first is not version:
            found.append(f"begins anew what began with entry {first.entry}")
        return found
