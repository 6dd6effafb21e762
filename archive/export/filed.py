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
from evidence.vault import StoredVersion


def filed(filings: Sequence[Filing], stock: Stocktaking, *, is_whole: bool) -> Filed:
    """What is there of *filings*; blocks on the vault.

    Unless *is_whole*, each version is read for the entries that it names.  DigestMismatch if one is
    another than its entry says.
    """
    listed: dict[str, list[PackagedFile]] = {"document": [], "dossier": []}
    sources: dict[str, Source] = {}
    came, went = set[int](), set[int]()
    for each in filings:
        is_document = each.kind == "document"
        key = (document_key if is_document else dossier_key)(stock.agency, each.sha256)
        path = (document_path if is_document else dossier_path)(each.sha256)
        held = stock.record(key, Sha256.from_hex(each.sha256))
        listed[each.kind].append(
            PackagedFile(
                entry=each.entry,
                file=None if held is None else path,
                without="missing" if held is None else None,
            )
        )
        if held is None:
            continue
        sources[path] = Source(
            path=path,
            bucket=held.bucket,
            key=key,
            version_id=held.version_id,
            sha256=each.sha256,
            of="",
            size=held.size if each.size is None else each.size,
        )
        if not (is_document or is_whole):
            index = _read(stock, held, each)
            came |= set(named(index))
            went |= {gone.entry for gone in index.gone}
    return Filed(
        documents=tuple(listed["document"]),
        dossiers=tuple(listed["dossier"]),
        sources=tuple(sources.values()),
        came=frozenset(came),
        went=frozenset(went),
    )


def _read(stock: Stocktaking, held: StoredVersion, filing: Filing) -> Index:
    data = b"".join(stock.vault.read(held.bucket, held.key, held.version_id))
    if Sha256.of(data).hex != filing.sha256:
        raise DigestMismatch(
            f"records/{held.key} is not the version of the dossier that entry {filing.entry} made",
            advice="Nothing was exported. Run evidock fsck.",
        )
    return Index.from_bytes(data)
