"""What goes into the bag: bytes from vault and log, each held against what the log says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from archive.catalogue.exports import Wanted
from archive.catalogue.moves import KINDS
from archive.export.bag import Bag
from archive.export.order import Progress, Stage
from archive.export.plan import Plan, Source
from archive.export.proofs import Proofs
from archive.fixity.told import kept
from evidence.census import ShownCensus
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.errors import LogBroken
from evidence.manifest import Manifest
from evidence.package import (
    CHECKPOINT,
    LOG,
    STATEMENT,
    TIMESTAMPS,
    PackagedFile,
    census_path,
    document_path,
    dossier_path,
    entry_path,
    export_path,
    openings_path,
    proof_path,
)
from evidence.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Fills one bag; all of it blocks."""

    plan: Plan
    proofs: Proofs
    exported: int
    """Log index of the ``export`` entry."""
    censuses: Mapping[int, ShownCensus]
    record: bytes
    """What opens that entry."""
    tokens: Mapping[str, bytes]
    """Name -> an RFC 3161 response over the checkpoint."""
    vault: Vault
    told: Progress

    def write(self, bag: Bag) -> dict[str, Manifest]:
        """Everything that is proven; the manifests, by clip."""
        self.proofs.must_cover(self.exported)
        for clip in self.plan.clips:
            self._must_agree(clip)
        for listed in (*self.plan.statement.documents, *self.plan.statement.dossiers):
            self._must_be_named(listed)
        bag.data(STATEMENT, self.plan.statement.to_bytes())
        bag.data(CHECKPOINT, self.proofs.note)
        for name, token in self.tokens.items():
            bag.data(TIMESTAMPS + name, token)
        self._log(bag)
        for index, shown in self.censuses.items():
            bag.data(census_path(index), shown.to_bytes())
        for held in self.plan.openings:
            bag.data(openings_path(held.entry), held.to_bytes())
        self._export_records(bag)
        for source in (*self.plan.law, *self.plan.filed):
            bag.stream(source.path, self._read(source), Sha256.from_hex(source.sha256), source.size)
        manifests = self._manifests(bag)
        self._originals(bag)
        for source in self.plan.renditions:
            bag.stream(source.path, self._read(source), Sha256.from_hex(source.sha256), source.size)
        return manifests

    def _must_agree(self, clip: Wanted) -> None:
        """The catalogue leads to the bytes; what they must be, the log's own entry says."""
        said = kept(self.proofs.fields(clip.entry), self._moves(clip))
        wanted = {
            "kind": "archive.verified",
            "clip": clip.clip,
            "digests": clip.sha256,
            "size": clip.size,
            "key": clip.key,
            "version": clip.version_id,
            "manifest": clip.manifest_sha256,
        }
        found = {name: _plain(said.get(name)) for name in wanted}
        if wrong := [name for name, value in wanted.items() if found[name] != value]:
            names = ", ".join(wrong)
            raise LogBroken(
                f"clip {clip.clip}: {names}: not what entry {clip.entry} of the log says",
                advice="The export was ended and nothing of it is left. Run evidock fsck.",
            )

    def _must_be_named(self, listed: PackagedFile) -> None:
        """Likewise of a document or a version of a dossier."""
        fields = self.proofs.fields(listed.entry)
        paths = {
            EntryKind.DOCUMENT_ADDED.value: document_path,
            EntryKind.DOSSIER_MADE.value: dossier_path,
        }
        path = paths.get(str(fields["kind"]))
        if path is None or listed.file not in {None, path(str(fields["sha256"]))}:
            raise LogBroken(
                f"{listed.file} is not what entry {listed.entry} of the log names",
                advice="The export was ended and nothing of it is left. Run evidock fsck.",
            )

    def _moves(self, clip: Wanted) -> Iterator[Mapping[str, object]]:
        """What may say that the original lies elsewhere since."""
        for index in clip.moves:
            moved = self.proofs.fields(index)
            if EntryKind(str(moved["kind"])) not in KINDS or moved["clip"] != clip.clip:
                raise LogBroken(f"entry {index} of the log does not say where {clip.clip} lies")
            yield moved

    def _log(self, bag: Bag) -> None:
        if self.plan.statement.selection.kind == "all":
            for tile, data in self.proofs.tiles():
                bag.data(LOG + tile.path, data)
            return
        for index in [*self.plan.statement.entries, self.exported]:
            bag.data(entry_path(index), self.proofs.entry(index))
            bag.data(proof_path(index), self.proofs.receipt(index))

    def _export_records(self, bag: Bag) -> None:
        """What opens the exports before and this one, each named by its entry."""
        for source in self.plan.exports:
            bag.stream(source.path, self._read(source), Sha256.from_hex(source.sha256), None)
        if self.plan.statement.selection.kind == "all":
            bag.data(export_path(Sha256.of(self.record).hex), self.record)

    def _manifests(self, bag: Bag) -> dict[str, Manifest]:
        found: dict[str, Manifest] = {}
        for source in self.plan.manifests:
            data = b"".join(self._read(source))
            bag.stream(source.path, [data], Sha256.from_hex(source.sha256), None)
            found[source.of] = Manifest.from_bytes(data)
        return found

    def _originals(self, bag: Bag) -> None:
        done, of = 0, self.plan.bytes
        for count, source in enumerate(self.plan.originals):

            def counted(blocks: Iterable[bytes], count: int = count) -> Iterator[bytes]:
                nonlocal done
                for block in blocks:
                    yield block
                    done += len(block)
                    self.told(Stage.WRITING, count, len(self.plan.originals), done, of)

            blocks = counted(self._read(source))
            bag.stream(source.path, blocks, Sha256.from_hex(source.sha256), source.size)
        self.told(Stage.FINISHING, len(self.plan.originals), len(self.plan.originals), done, of)

    def _read(self, source: Source) -> Iterator[bytes]:
        return self.vault.read(source.bucket, source.key, source.version_id)


def _plain(value: object) -> object:
    """The SHA-256 of a map of digests; any other value as it is."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).get("sha256")
    return value
