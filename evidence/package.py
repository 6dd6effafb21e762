"""Evidence packages: what leaves the house, laid out so that anyone can check it (RFC 8493, BagIt).

One rule: a package proves itself by what a verifier brings along (:mod:`evidence.policy`), never by
anything that lies in it.  ``docs/packages.md`` says the same for readers; names here are those of
files there.

What a package claims stands in one file, the *statement*.  Its digest is in the ``export`` entry,
so that the log says who took out what, and no clip can be dropped from a package afterwards.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from evidence.canonical import canonical
from evidence.digest import Sha256
from evidence.errors import DigestMismatch

FORMAT = "evidock-package/v1"
STATEMENT = "statement.json"
CHECKPOINT = "log/checkpoint"
LARGEST_STATEMENT = 256 << 20
"""Bytes of the largest statement: a verifier holds it in memory, and a browser as one string."""
LARGEST_READ = 64 << 20
"""Bytes of any other file that a verifier holds in memory whole; media are only streamed."""
MOST_FILES = 5_000_000
"""Files of a package."""
LOG = "log/"
"""Before the paths of the log's files (C2SP tlog-tiles); tiles only in a whole package."""
TIMESTAMPS = "timestamps/"
"""Before the names of RFC 3161 responses over the bytes of the checkpoint."""
HTML = "verify.html"
"""Beside ``bagit.txt``: verifies the package in a browser, without network."""
TIMELINE = "timeline.pdf"
CASE = "case.jsonld"
_LATER = frozenset({"openings", "exports", "law", "documents", "dossiers"})
"""Names that the first statements did not have."""


class Rendition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was derived of a clip, if it is in the package."""

    entry: int
    """Log index of the ``derive`` entry that names the objects' digests."""
    objects: dict[str, str]
    """Name of the object -> its path in the package."""


class PackagedClip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clip of a package."""

    clip: str
    entry: int
    """Log index of its ``archive.verified`` entry, which names digest and size."""
    original: str | None
    """Path of its original; None if it is left out, and ``without`` says why."""
    manifest: str | None
    """Path of the sidecar manifest that opens the commitments of its entries."""
    entries: list[int]
    """Log indexes of all entries about it up to the statement, in order."""
    renditions: list[Rendition] = []
    without: Literal["disposed", "left out", "missing"] | None = None
    """``missing``: the vault has no such version; nobody may take that for a disposal."""


class PackagedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document of a case, or one version of its dossier."""

    entry: int
    """Log index of its ``document.add`` or ``dossier.made`` entry, which names its digest."""
    file: str | None
    """Its path; None if it is left out, and ``without`` says why."""
    without: Literal["missing"] | None = None
    """``missing``: the vault had it no more."""


class Selection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was asked for."""

    kind: Literal["all", "clips", "case", "incident", "officer-day"]
    clips: list[str] = []
    """With ``clips``: their ids."""
    subject: str | None = None
    """With ``case`` and ``incident`` its id; with ``officer-day`` the officer."""
    day: str | None = None
    """With ``officer-day``: the day of the recording, YYYY-MM-DD, as cameras claim it."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a package claims to hold."""

    format: str
    origin: str
    """The log that its entries are of."""
    made: str
    """When, by the archive's clock."""
    size: int
    """How many entries the log had when the selection was made; the ``export`` entry follows."""
    selection: Selection
    clips: list[PackagedClip]
    entries: list[int]
    """All entries that the package holds, in order; empty in a whole one, which has the tiles."""
    stations: dict[str, int]
    """Station id -> log index of its ``station.enrol`` entry, which names its key."""
    completeness: list[int] = []
    """Log indexes of the ``census`` entries, in order; each has a file :func:`census_path`."""
    openings: dict[str, str] = {}
    """In a whole package: log index of each entry that a file :func:`openings_path` opens, in
    digits -> SHA-256 of that file, since it holds claims that no entry commits to.  In one of a
    case: of those in ``documents`` and ``dossiers``."""
    exports: list[str] = []
    """In a whole package: SHA-256 of what opens the ``export`` entries before, as these name it;
    each has a file :func:`export_path`, and so has that of the package's own entry."""
    law: list[str] = []
    """In a whole package, and where a clip was disposed of: SHA-256 of the law packs and rule sets
    that ``law.publish`` entries name; each has a file :func:`law_path`."""
    documents: list[PackagedFile] = []
    """In a whole package, and in one of a case: the documents, by entry.  None in packages from
    before there were such lists, whatever the log knows."""
    dossiers: list[PackagedFile] = []
    """Likewise all versions of dossiers."""
    left_out: list[str] = []
    """Paths that a package mostly has and this one has not, such as ``timeline.pdf``."""

    def to_bytes(self) -> bytes:
        """The statement as it is stored: canonical JSON.  Of some lists an empty one is not there.

        So a statement from before there were such lists is still the bytes that it was.
        """
        fields = msgspec.to_builtins(self)
        return canonical({k: v for k, v in fields.items() if v or k not in _LATER})

    @property
    def digest(self) -> Sha256:
        """What the ``export`` entry names."""
        return Sha256.of(self.to_bytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> Statement:
        """The statement that :meth:`to_bytes` wrote; DigestMismatch for anything else."""
        try:
            made = msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise DigestMismatch(f"{STATEMENT} cannot be read: {error}") from error
        if made.format != FORMAT:
            raise DigestMismatch(f"{STATEMENT} has the unknown format {made.format!r}")
        if made.to_bytes() != data:
            raise DigestMismatch(f"{STATEMENT} is not canonical JSON")
        return made


def original_path(sha256: Sha256, ending: str) -> str:
    """Where an original lies: its digest, and *ending* (``.mp4``) for people's players."""
    return f"originals/{sha256.hex}{ending}"


def manifest_path(clip: str) -> str:
    """Where the sidecar manifest of *clip* lies."""
    return f"manifests/{clip}.json"


def rendition_path(clip: str, entry: int, name: str) -> str:
    """Where the object *name* lies that the ``derive`` entry names."""
    return f"renditions/{clip}/{entry}/{name}"


def entry_path(index: int) -> str:
    """Where the bytes of entry *index* lie, exactly as they are in the log."""
    return f"entries/{index}.json"


def proof_path(index: int) -> str:
    """Where the receipt of entry *index* lies (C2SP tlog-proof)."""
    return f"entries/{index}.tlog-proof"


def census_path(index: int) -> str:
    """Where that which is shown of the census in entry *index* lies (:mod:`evidence.census`)."""
    return f"completeness/{index}.json"


def openings_path(index: int) -> str:
    """Where that lies which opens entry *index* (:mod:`evidence.openings`)."""
    return f"openings/{index}.json"


def export_path(sha256: str) -> str:
    """Where that lies which opens the ``export`` entry that names it with this SHA-256."""
    return f"exports/{sha256}.json"


def law_path(sha256: str) -> str:
    """Where the law pack or rule set lies that ``law.publish`` entries name with this SHA-256."""
    return f"law/{sha256}.toml"


def document_path(sha256: str) -> str:
    """Where the document lies that ``document.add`` entries name with this SHA-256."""
    return f"documents/{sha256}"


def dossier_path(sha256: str) -> str:
    """Where the index lies that a ``dossier.made`` entry names with this SHA-256."""
    return f"dossiers/{sha256}.json"
