"""The receipt of one clip as a page for people, in Chinese and English, with its QR codes.

One rule: what the page says of the log was proven before it was set; what the camera said stands
under that name, and is nobody's word but the camera's.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

import segno

from evidence.clock import stamp, unstamp
from evidence.custody import Entry, EntryKind
from evidence.note import VerifierKey
from evidence.policy import Policy
from evidence.receipt import Proven
from evidence.receipt_code import codes
from evidence.typesetting import pdf
from evidence.vault.encryption import in_words
from evidence.wire import ClipReceipt
from evidock.receipt_words import TEXT, WORDS

Fact = tuple[str, str]
"""What a fact is, by its name in the words, and the fact."""


def page(told: ClipReceipt, proven: Proven, policy: Policy) -> bytes:
    """The PDF.  SetupError if it cannot be set."""
    made = unstamp(_field(Entry(told.entry.encode("utf-8")), "at"))
    return pdf(template(), contents(told, proven, policy), made)


def template() -> bytes:
    """How the page is set."""
    return files(__package__).joinpath("receipt.typ").read_bytes()


def contents(told: ClipReceipt, proven: Proven, policy: Policy) -> Mapping[str, object]:
    """All that stands on it, as data."""
    entry = Entry(told.entry.encode("utf-8"))
    groups = {
        "clip": list(_of_clip(entry)),
        "claims": list(_claims(told)),
        "log": list(_of_log(told, proven, policy)),
    }
    texts = codes(told.proof.encode("utf-8"), entry.raw)
    return {
        "clip": told.clip.summary.id,
        "origin": proven.checkpoint.origin,
        "words": {name: list(said) for name, said in WORDS.items()},
        "text": {name: list(said) for name, said in TEXT.items()},
        "groups": [{"name": name, "facts": facts} for name, facts in groups.items()],
        "codes": [list(code(text)) for text in texts],
    }


def code(text: str) -> bytes:
    """The QR code of *text*, as SVG."""
    drawn = io.BytesIO()
    made = segno.make_qr(text, error="l", boost_error=False)
    made.save(drawn, kind="svg", border=4, xmldecl=False)
    return drawn.getvalue()


def cosigned_by(proven: Proven, policy: Policy) -> Sequence[Fact]:
    """Each witness, by the name the policy gives it, and when it cosigned by its own clock."""
    names = {each.key: each.name for each in policy.witnesses.values()}
    return [(names[each.witness], stamp(each.at)) for each in proven.cosignatures]


def act_of_station(told: ClipReceipt) -> str:
    """Number of the station's last own entry about the clip before it was archived; empty: none."""
    acts = [
        fields["n"]
        for each in told.clip.entries
        if each.kind == EntryKind.STATION_ACT.value
        and each.text != told.entry
        and each.index < _index(told)
        and (fields := Entry(each.text.encode("utf-8")).fields)
    ]
    return str(acts[-1]) if acts else ""


def _index(told: ClipReceipt) -> int:
    return next(each.index for each in told.clip.entries if each.text == told.entry)


def _of_clip(entry: Entry) -> Iterator[Fact]:
    """What the log's entry says; it is what the receipt proves."""
    digests = entry.fields["digests"]
    yield "id", str(entry.clip)
    yield "size", f"{int(_field(entry, 'size')):,}"
    if isinstance(digests, Mapping):
        yield "sha256", str(digests["sha256"])
    yield "class", _field(entry, "class")
    yield "archived", _field(entry, "at")
    yield "station", _field(entry, "station")
    yield "encryption", " · ".join(in_words(entry.fields.get("encryption")))


def _claims(told: ClipReceipt) -> Iterator[Fact]:
    summary = told.clip.summary
    yield "camera", summary.camera
    yield "name", summary.name
    yield "officer", summary.officer or "–"
    yield "started", summary.started or "–"


def _of_log(told: ClipReceipt, proven: Proven, policy: Policy) -> Iterator[Fact]:
    if number := act_of_station(told):
        yield "act", number
    yield "index", str(proven.index)
    yield "origin", proven.checkpoint.origin
    yield "tree", f"{proven.checkpoint.size:,}"
    yield "root", proven.checkpoint.root.hex()
    for key in policy.logs:
        yield "key", _fingerprint(key)
    said = cosigned_by(proven, policy)
    for name, at in said:
        yield "witness", f"{name} · {at}"
    if not said:
        yield "witness", "–"


def _fingerprint(key: VerifierKey) -> str:
    """Enough of *key* to compare it with the printed one; the page is no place to take it from."""
    name, short, _ = str(key).split("+", 2)
    return f"{name}+{short}+…"


def _field(entry: Entry, name: str) -> str:
    return str(entry.fields[name])
