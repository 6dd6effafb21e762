"""What the vault still has of what cases have on file, and which entries go along with it.

One rule: what is not there any more is found out before the statement is written, and listed in it
as missing; what is there and is another stops the export by name.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.catalogue.filings import Filing
from archive.export.plan import Filed, Source, Stocktaking
from archive.originals import document_key, dossier_key
from evidence.digest import Sha256
from evidence.dossier import Index
from evidence.errors import DigestMismatch
from evidence.package import PackagedFile, document_path, dossier_path
from evidence.reasons import named


def filed(filings: Sequence[Filing], stock: Stocktaking, *, is_whole: bool) -> Filed:
    """What is there of *filings*; blocks on the vault.

    Unless *is_whole*, each version is read for the entries that it names.  DigestMismatch if one is
    another than its entry says.
    """
    listed: dict[str, list[PackagedFile]] = {"document": [], "dossier": []}
    sources: dict[str, Source] = {}
    came, went = set[int](), set[int]()
    for each in filings:
        source = _source(each, stock)
        if source is None:
            lost = PackagedFile(entry=each.entry, file=None, without="missing")
            listed[each.kind].append(lost)
            continue
        sources[source.path] = source
        listed[each.kind].append(PackagedFile(entry=each.entry, file=source.path))
        if each.kind == "dossier" and not is_whole:
            index = _read(stock, source, each)
            came |= set(named(index))
            went |= {gone.entry for gone in index.gone}
    return Filed(
        documents=tuple(listed["document"]),
        dossiers=tuple(listed["dossier"]),
        sources=tuple(sources.values()),
        came=frozenset(came),
        went=frozenset(went),
    )


def _source(filing: Filing, stock: Stocktaking) -> Source | None:
    """Where it lies; None if it is there no more."""
    is_document = filing.kind == "document"
    key = (document_key if is_document else dossier_key)(stock.agency, filing.sha256)
    held = stock.record(key, Sha256.from_hex(filing.sha256))
    if held is None:
        return None
    return Source(
        path=(document_path if is_document else dossier_path)(filing.sha256),
        bucket=held.bucket,
        key=key,
        version_id=held.version_id,
        sha256=filing.sha256,
        of="",
        size=held.size if filing.size is None else filing.size,
    )


def _read(stock: Stocktaking, held: Source, filing: Filing) -> Index:
    data = b"".join(stock.vault.read(held.bucket, held.key, held.version_id))
    if Sha256.of(data).hex != filing.sha256:
        raise DigestMismatch(
            f"records/{held.key} is not the version of the dossier that entry {filing.entry} made",
            advice="Nothing was exported. Run evidock fsck.",
        )
    return Index.from_bytes(data)
