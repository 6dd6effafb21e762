"""What comparing a rendition with its original takes in and gives: claims and findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from evidence.camera_signature import CameraSignature
from evidence.digest import Sha256

PICTURES, TIMES, SOUND, SYNC, INDEX = "pictures", "times", "sound", "sync", "index"
"""What is compared: coded pictures with their parameter sets, when each is shown, coded sound, how
far sound and pictures are apart, and the files that describe the media."""
NOTHING = "none"
AS_THERE = "as in the original"


class ToldOriginal(msgspec.Struct, frozen=True, kw_only=True):
    """What it says of the original."""

    camera_signatures: list[str] | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What ``rendition.json`` says that is compared."""

    kind: str
    digests: dict[str, str | None] = {}
    notes: list[str] = []
    original: ToldOriginal = ToldOriginal()

    @classmethod
    def parse(cls, data: bytes) -> Told | None:
        """What *data* says; None if it is no such file."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def discloses(self, word: str) -> bool:
        """Whether a note of this *word* says how the rendition is not the original."""
        return any(note.startswith(f"{word}:") for note in self.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that ought to be equal, and is not: digests, numbers or codes."""

    what: str
    original: str
    rendition: str


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What was found."""

    same: list[str] = field(default_factory=list)
    """Proven equal."""
    anew: list[str] = field(default_factory=list)
    """Encoded anew, so that there is nothing to prove."""
    differs: list[Difference] = field(default_factory=list)
    digests: dict[str, Sha256] = field(default_factory=dict)
    """Of the original, computed now."""
    frames: int | None = None
    """Coded pictures of the original."""
    signatures: frozenset[CameraSignature] | None = None
    """Of the camera's own, seen in the original; None where its units cannot be told apart."""

    def equal(self, what: str, original: object, rendition: object) -> None:
        """Note whether the two are equal."""
        if original == rendition:
            self.same.append(what)
        else:
            self.differ(what, original, rendition)

    def proven(self, what: str, original: object | None, rendition: object | None) -> None:
        """The same of digests: where one could not be computed, nothing is proven equal."""
        if original is None or rendition is None:
            self.differ(what, original, rendition)
        else:
            self.equal(what, original, rendition)

    def differ(self, what: str, original: object, rendition: object) -> None:
        """Note that the two differ."""
        self.differs.append(Difference(what=what, original=str(original), rendition=str(rendition)))

    def signed_as(self, what: str, said: Sequence[str] | None) -> None:
        """The camera signatures that somebody *said* the original carries must be those seen now.

        None says nothing.  Where pictures were not read to the end since something else differs,
        nobody is contradicted.
        """
        seen = None if self.signatures is None else sorted(self.signatures)
        if said is None or sorted(said) == seen or (seen is None and self.differs):
            return
        words = NOTHING if not seen else ", ".join(seen)
        self.differ(what, words, ", ".join(said) or NOTHING)

    def as_told(self, told: Told, name: str, computed: Sha256, shown: str | None = None) -> None:
        """A digest of the original that the maker told must be the one computed now."""
        said = told.digests.get(name)
        if said is not None and said != computed.hex:
            self.differ(f"{shown or name}_told", computed.hex, said)
