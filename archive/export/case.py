"""The package as a graph of CASE 1 and UCO 1 terms (JSON-LD), for tools that speak them.

Each original is a file with its hashes, each custody entry an investigative action with performer,
object and time, and its result is the entry's own file with its hash.  One rule: nothing is proven
by this graph, and nothing stands in it that the package's entries and manifests do not say.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping

from archive.export.told import Act, Facts, Told
from evidence.package import Statement, entry_path

_CONTEXT = {
    "kb": "urn:evidock:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Node = Mapping[str, object]


def graph(told: Told) -> Iterator[bytes]:
    """The JSON-LD document, piece by piece: a whole archive does not fit in memory."""
    names = _Names(told.contents.plan.statement)
    yield json.dumps({"@context": _CONTEXT}).encode()[:-1] + b', "@graph": [\n'
    for number, node in enumerate(_nodes(told, names)):
        text = json.dumps(node, ensure_ascii=False, sort_keys=True)
        yield (b",\n" if number else b"") + text.encode("utf-8")
    yield b"\n]}\n"


class _Names:
    """Names of nodes: the same in every package of one log."""

    def __init__(self, statement: Statement) -> None:
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, statement.origin)
        self.statement = statement

    def of(self, kind: str, name: str) -> str:
        return f"kb:{kind}-{uuid.uuid5(self._space, f'{kind}/{name}')}"

    def ref(self, kind: str, name: str) -> Node:
        return {"@id": self.of(kind, name)}


def _nodes(told: Told, names: _Names) -> Iterator[Node]:
    performers: dict[str, Act] = {}
    of_package: list[Node] = []
    paths = {each.clip: each.original for each in names.statement.clips}
    for facts in told.clips():
        of_package.append(names.ref("file", facts.clip.clip))
        yield _file(facts, paths[facts.clip.clip], names)
        yield _exhibit(facts, names)
        for act in facts.acts:
            performers.setdefault(act.by, act)
            yield _action(act, [facts.clip.clip], names)
            yield _entry(act, names)
    exported = told.exported()
    performers.setdefault(exported.by, exported)
    yield _action(exported, [each.clip for each in names.statement.clips], names)
    yield _entry(exported, names)
    for by, act in performers.items():
        yield _performer(by, act.who, is_station=by in names.statement.stations, names=names)
    yield {
        "@id": names.of("investigation", names.statement.digest.hex),
        "@type": "case-investigation:Investigation",
        "uco-core:name": f"Evidence package of {names.statement.origin}",
        "uco-core:object": of_package,
    }


def _file(facts: Facts, path: str | None, names: _Names) -> Node:
    clip = facts.clip
    data = {
        "@id": names.of("content", clip.clip),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": [_hash(f"file/{clip.clip}", clip.sha256, names)],
        "uco-observable:sizeInBytes": _whole(clip.size),
    }
    named = {
        "@id": names.of("filefacet", clip.clip),
        "@type": "uco-observable:FileFacet",
        "uco-observable:fileName": clip.name,
        "uco-observable:sizeInBytes": _whole(clip.size),
    }
    if path is not None:
        named["uco-observable:filePath"] = f"data/{path}"
    return {
        "@id": names.of("file", clip.clip),
        "@type": "uco-observable:File",
        "uco-core:description": f"{facts.clip_class}, {facts.acquisition}".rstrip(", "),
        "uco-core:hasFacet": [named, data],
    }


def _exhibit(facts: Facts, names: _Names) -> Node:
    return {
        "@id": names.of("exhibit", facts.clip.clip),
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": facts.clip.clip,
        "uco-core:object": [names.ref("file", facts.clip.clip)],
    }


def _action(act: Act, clips: list[str], names: _Names) -> Node:
    return {
        "@id": names.of("action", str(act.index)),
        "@type": "case-investigation:InvestigativeAction",
        "uco-action:object": [names.ref("file", clip) for clip in clips],
        "uco-action:performer": names.ref("performer", act.by),
        "uco-action:result": [names.ref("entry", str(act.index))],
        "uco-action:startTime": {"@type": "xsd:dateTime", "@value": act.at},
        "uco-core:name": act.kind,
    }


def _entry(act: Act, names: _Names) -> Node:
    """The log entry that records an act."""
    facets: list[Node] = [
        {
            "@id": names.of("entrycontent", str(act.index)),
            "@type": "uco-observable:ContentDataFacet",
            "uco-observable:hash": [_hash(f"entry/{act.index}", act.digest.hex, names)],
        }
    ]
    if names.statement.selection.kind != "all":
        facets.append(
            {
                "@id": names.of("entryfile", str(act.index)),
                "@type": "uco-observable:FileFacet",
                "uco-observable:filePath": f"data/{entry_path(act.index)}",
            }
        )
    return {
        "@id": names.of("entry", str(act.index)),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": facets,
        "uco-core:objectCreatedTime": {"@type": "xsd:dateTime", "@value": act.logged},
        "uco-core:externalReference": [
            {
                "@id": names.of("reference", str(act.index)),
                "@type": "uco-core:ExternalReference",
                "uco-core:definingContext": names.statement.origin,
                "uco-core:externalIdentifier": str(act.index),
            }
        ],
    }


def _performer(by: str, who: str, *, is_station: bool, names: _Names) -> Node:
    kinds = {"archive": "uco-tool:Tool", "owner": "uco-identity:Identity"}
    kind = "uco-tool:Tool" if is_station else kinds.get(by, "uco-identity:Person")
    return {"@id": names.of("performer", by), "@type": kind, "uco-core:name": who}


def _hash(of: str, value: str, names: _Names) -> Node:
    return {
        "@id": names.of("hash", of),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": "SHA256",
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": value},
    }


def _whole(number: int) -> Node:
    return {"@type": "xsd:integer", "@value": str(number)}
