"""An import as a card: its parts beside one another, and what was said of them for every file.

One rule: it is only ever read.  No erase proof, however good, removes what was handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from evidence.acquisition import Acquisition
from evidence.canonical import canonical
from evidence.digest import Sha256
from evidence.erase_proof import EraseProof
from evidence.errors import CardGone
from evidence.vault import OBJECT_MAX
from ingest.source import Listed, Original, Sort
from station.claims import CardReader, Claims, HandedIn
from station.imports.order import ImportOrder
from station.imports.parts import Part, never_erased, parts_of
from station.imports.sums import given_of
from station.profile import Profile, Verified

_NO_OFFSET = timedelta(0)
PROFILE = Profile(
    id="import",
    title="Handed in by a person as files; hashed here at first read",
    verified=Verified.NONE,
    sources=["docs/import.md"],
)
"""Stands in each custody entry beside the grade, where the order names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReader(CardReader):
    """Reads nothing out of names unless the order says how they are read.

    Whoever handed the files in could have named them anything.
    """

    order: ImportOrder

    def claims(self, listed: Listed) -> Claims:
        """As :meth:`ImportOrder.claims`."""
        return self.order.claims(listed.path)

    def said_of(self, listed: Listed) -> HandedIn | None:
        """What was said of the import, and the digest that the giver named for *listed*."""
        given = given_of(listed.path, self.order.sums)
        if given is None or listed.sort is not Sort.FILE:
            return self.handed_in
        return replace(self.order.handed_in, sha256=given[1])

    def camera(self, files: Sequence[Claims]) -> None:
        """None: what was handed in is no camera that anybody could take or wear."""
        del files


class ImportedCard:
    """What an order names; holds it open until :meth:`close`.  Raises as :func:`parts_of`."""

    def __init__(self, order: ImportOrder) -> None:
        self._order = order
        self._parts = {part.name: part for part in parts_of(order.paths, as_files=order.as_files)}

    @property
    def serial(self) -> str:
        """Of all parts: what was seen under one is not taken for seen under another."""
        return "+".join(part.card.serial for part in self._parts.values())

    @property
    def identity(self) -> str:
        """Tells this import from another that takes its name later, or says other things of it."""
        parts = [[part.name.hex(), part.card.identity] for part in self._parts.values()]
        order = self._order
        said = [order.camera, *(value for _name, value in sorted(order.handed_in.facts.items()))]
        said += [f"{path.hex()} {digest}" for path, digest in sorted(order.sums.items())]
        if order.names is not None:
            said.append(f"names {order.names.profile.id} {order.names.offset}")
        return f"import-{Sha256.of(canonical({'parts': parts, 'said': said})).hex}"

    def close(self) -> None:
        for part in self._parts.values():
            part.card.close()

    def reader(self, _listing: Sequence[Listed], folder: bytes, fallback: Profile) -> CardReader:
        """Who tells the claims of its files (:class:`station.claims.Speaking`)."""
        return ImportReader(
            profile=PROFILE if self._order.names is None else self._order.names.profile,
            fallback=fallback,
            folder=folder,
            offset=_NO_OFFSET,
            acquisition=Acquisition.IMPORTED,
            handed_in=self._order.handed_in,
            order=self._order,
        )

    def listing(self) -> tuple[Listed, ...]:
        """Everything in it, ordered by path.  Raises CardGone if a part left."""
        found = [
            _taken(replace(listed, path=b"/".join(filter(None, (part.name, listed.path)))))
            for part in self._parts.values()
            for listed in part.card.listing()
        ]
        return tuple(sorted(found, key=lambda listed: listed.path))

    def open(self, listed: Listed) -> Original:
        part, inside = self._place(listed.path)
        return part.card.open(replace(listed, path=inside))

    def erase(self, listed: Listed, proof: EraseProof) -> bool:
        """Never: CardWriteFailed, having changed nothing."""
        del proof
        raise never_erased(listed)

    def _place(self, path: bytes) -> tuple[Part, bytes]:
        name, _, inside = path.partition(b"/")
        if name not in self._parts:
            raise CardGone(f"{path!r} is in no part of this import")
        return self._parts[name], inside


def _taken(listed: Listed) -> Listed:
    """*listed* as it is, or with the reason why no vault could hold it."""
    if listed.sort is not Sort.FILE or listed.size <= OBJECT_MAX or listed.problem is not None:
        return listed
    problem = (
        f"it has {listed.size:,} bytes, and one object of the vault at most {OBJECT_MAX:,}:"
        " it was not copied; have it cut by the tool that wrote it, and import the pieces"
    )
    return replace(listed, problem=problem)
