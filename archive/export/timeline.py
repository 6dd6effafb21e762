"""The timeline of a package as PDF: what it holds and what was done to it, for people.

Set by typst, with all text given as data and none as markup.  One rule: nothing is proven here, and
nothing is said that the package's own entries and manifests do not say.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

import segno

from archive.catalogue.views import THUMBNAIL
from archive.export.labels import LABELS
from archive.export.order import Words
from archive.export.plan import Source
from archive.export.told import Act, Facts, Told
from evidence.clock import unstamp
from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.typesetting import lacking_font, pdf
from evidence.vault import Vault

MOST_CLIPS = 200
"""Above that nobody reads them, and they take more memory than an archive should."""
MOST_ACTS = 200
"""Of one clip."""
MOST_PICTURE = 200_000
"""Bytes of a thumbnail."""
_MOST_QR = 2_900
"""Bytes that a QR code takes at most."""


def lacking(languages: Sequence[Words], clips: int) -> str | None:
    """Why there can be no timeline of so many *clips*; None if there can."""
    if not languages:
        return "no language was asked for"
    if clips > MOST_CLIPS:
        return f"{clips} clips are more than the {MOST_CLIPS} that such pages are made of"
    return lacking_font()


def pages(told: Told, languages: Sequence[Words]) -> bytes:
    """The PDF.  SetupError if typst does not set it; a picture it cannot read is left out."""
    clips, data = _clips(told, languages, _pictures(told)), _data(told, languages)
    made = unstamp(told.contents.plan.statement.made)
    template = files(__package__).joinpath("timeline.typ").read_bytes()
    try:
        return pdf(template, data | {"clips": clips}, made)
    except SetupError:
        bare = [clip | {"picture": None} for clip in clips]
    return pdf(template, data | {"clips": bare}, made)


def _data(told: Told, languages: Sequence[Words]) -> dict[str, object]:
    statement, proofs = told.contents.plan.statement, told.contents.proofs
    exported = told.exported()
    selection = statement.selection
    subject = " ".join(filter(None, (selection.subject, selection.day)))
    return {
        "title": LABELS[languages[0].code]["title"],
        "languages": [{"code": each.code, **LABELS[each.code]} for each in languages],
        "origin": statement.origin,
        "made": _moment(statement.made),
        "by": exported.who,
        "kind": selection.kind,
        "subject": subject,
        "statement": statement.digest.hex,
        "entry": exported.index,
        "checkpoint": {"size": proofs.checkpoint.size, "root": proofs.checkpoint.root.hex()},
        "receipt": _code(proofs.receipt(exported.index)),
    }


def _clips(
    told: Told, languages: Sequence[Words], pictures: Mapping[str, bytes]
) -> list[dict[str, object]]:
    without = {each.clip: each.without for each in told.contents.plan.statement.clips}
    return [
        _clip(facts, without[facts.clip.clip], pictures.get(facts.clip.clip), languages)
        for facts in told.clips()
    ]


def _clip(
    facts: Facts, without: str | None, picture: bytes | None, languages: Sequence[Words]
) -> dict[str, object]:
    opened, clip = facts.opened, facts.clip
    started = opened.get("started")
    return {
        "name": clip.name,
        "id": clip.clip,
        "officer": opened.get("officer"),
        "camera": opened.get("camera"),
        "started": None if started is None else _moment(started),
        "offset": {each.code: _offset(facts.offset_ms, LABELS[each.code]) for each in languages},
        "received": _moment(facts.received),
        "class": {each.code: _class(facts, each) for each in languages},
        "size": f"{clip.size:,}",
        "sha256": clip.sha256,
        "without": without,
        "picture": None if picture is None else list(picture),
        "acts": [_act(act, languages) for act in facts.acts[:MOST_ACTS]],
        "more": max(0, len(facts.acts) - MOST_ACTS),
    }


def _class(facts: Facts, words: Words) -> str:
    said = (
        words.classes.get(facts.clip_class, facts.clip_class),
        words.came.get(facts.acquisition, facts.acquisition),
    )
    return ", ".join(filter(None, said))


def _act(act: Act, languages: Sequence[Words]) -> dict[str, object]:
    return {
        "index": act.index,
        "at": _moment(act.at),
        "logged": None if act.logged == act.at else _moment(act.logged),
        "who": act.who,
        "words": {each.code: each.acts.get(act.kind, act.kind) for each in languages},
    }


def _offset(offset_ms: int | None, labels: Mapping[str, str]) -> str:
    if offset_ms is None:
        return labels["unknown"]
    way = labels["ahead" if offset_ms >= 0 else "behind"]
    return way.format(seconds=f"{abs(offset_ms) / 1000:,.1f}")


def _moment(text: str) -> str:
    """A time as :func:`evidence.clock.stamp` writes it, for people; another text as it is."""
    try:
        return unstamp(text).strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return text


def _code(receipt: bytes) -> list[int] | None:
    """A QR code (SVG) of *receipt*; None if it is too long."""
    if len(receipt) > _MOST_QR:
        return None
    picture = io.BytesIO()
    segno.make_qr(receipt, error="l").save(picture, kind="svg", border=2, xmldecl=False)
    return list(picture.getvalue())


def _pictures(told: Told) -> dict[str, bytes]:
    """Clip -> its thumbnail, of those that the package holds."""
    sources = [each for each in told.contents.plan.renditions if each.path.endswith(THUMBNAIL)]
    read = ((each.of, _picture(told.contents.vault, each)) for each in sources)
    return {clip: data for clip, data in read if data is not None}


def _picture(vault: Vault, source: Source) -> bytes | None:
    if (source.size or 0) > MOST_PICTURE:
        return None
    blocks: Iterable[bytes] = vault.read(source.bucket, source.key, source.version_id)
    data = b"".join(blocks)
    return data if Sha256.of(data).hex == source.sha256 else None
