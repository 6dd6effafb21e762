"""fsck believes of a dossier only what an entry of the proper kind says; and names every fork."""

from __future__ import annotations

import pytest

from archive.fixity.dossiers import Lines
from evidence.custody import Entry, EntryKind, write_entry
from evidence.dossier import Gone, Index, Item, index
from evidence.reasons import unsaid
from tests.archive.house import START

CLIP, INCIDENT, SHA = "c-1", "i-1", "ab" * 32
LINK = f"{CLIP} {INCIDENT}"


def entry(kind: EntryKind, clip: str | None = None, **fields: object) -> Entry:
    return Entry(write_entry(kind, at=START, by="archive", clip=clip, **fields).raw)


ARCHIVED = entry(EntryKind.ARCHIVED, CLIP, digests={"sha256": SHA})
TOLD = entry(EntryKind.INCIDENT_IMPORTED, incident=INCIDENT)
LINKED = entry(EntryKind.LINKED, CLIP, incident=INCIDENT, standing="automatic")
ITEMS = {
    "clip": Item(kind="clip", id=CLIP, entry=0, sha256=SHA),
    "incident": Item(kind="incident", id=INCIDENT, entry=1),
    "link": Item(kind="link", id=LINK, entry=2),
}


def version(*items: str, gone: Gone | None = None) -> Index:
    made = index("00", [ITEMS[each] for each in items], None, {})
    made.gone.extend([gone] if gone is not None else [])
    return made


def said(made: Index, *more: Entry, link: Entry = LINKED) -> list[str]:
    held = [each.fields for each in (ARCHIVED, TOLD, link, *more)]
    return list(unsaid(made, dict(enumerate(held))))


def test_a_case_that_entries_speak_of_has_nothing_wrong() -> None:
    assert said(version("clip", "incident", "link")) == []


@pytest.mark.parametrize(
    "link",
    [
        entry(EntryKind.LINKED, CLIP, incident=INCIDENT, standing="proposed"),
        entry(EntryKind.LINKED, CLIP, incident=INCIDENT, withdrawn=True),
        entry(EntryKind.LINK_REJECTED, CLIP, incident=INCIDENT),
        entry(EntryKind.VIEWED, CLIP, incident=INCIDENT),
    ],
    ids=["proposed", "withdrawn", "rejected", "viewed"],
)
def test_what_makes_no_link_brings_no_clip(link: Entry) -> None:
    assert said(version("clip", "incident", "link"), link=link) == [
        f"says of link {LINK} what entry 2 does not say"
    ]


def test_a_clip_is_in_a_case_by_something() -> None:
    (clip,) = said(version("clip", "incident"))
    (link,) = said(version("clip", "link"))

    assert "which no link and no person brought into the case" in clip
    assert "which the case does not have" in link


TOOK = {
    "clip": [
        entry(EntryKind.LINKED, CLIP, incident=INCIDENT, withdrawn=True),
        entry(EntryKind.LINKED, CLIP, incident=INCIDENT, standing="proposed"),
        entry(EntryKind.LINK_REJECTED, CLIP, incident=INCIDENT),
        entry(EntryKind.CASE_CLIP_TAKEN, CLIP),
        entry(EntryKind.DISPOSED, CLIP),
        entry(EntryKind.CASE_IMPORTED, case="q-1"),
        TOLD,
    ],
    "link": [
        entry(EntryKind.LINK_REJECTED, CLIP, incident=INCIDENT),
        entry(EntryKind.DISPOSED, CLIP),
        entry(EntryKind.CASE_IMPORTED, case="q-1"),
        TOLD,
    ],
    "incident": [TOLD, entry(EntryKind.CASE_IMPORTED, case="q-1")],
}
TOOK_NOT = {
    "clip": [
        LINKED,
        ARCHIVED,
        entry(EntryKind.VIEWED, CLIP),
        entry(EntryKind.DISPOSED, "c-2"),
        entry(EntryKind.RETAINED, CLIP),
    ],
    "link": [
        entry(EntryKind.LINK_REJECTED, CLIP, incident="i-2"),
        entry(EntryKind.CASE_CLIP_TAKEN, CLIP),
        entry(EntryKind.INCIDENT_IMPORTED, incident="i-2"),
        LINKED,
    ],
    "incident": [
        entry(EntryKind.INCIDENT_IMPORTED, incident="i-2"),
        entry(EntryKind.DISPOSED, CLIP),
        entry(EntryKind.LINK_REJECTED, CLIP, incident=INCIDENT),
    ],
    "document": [entry(EntryKind.DOCUMENT_ADDED, document="f-1"), TOLD],
}
NAMES = {"clip": CLIP, "link": LINK, "incident": INCIDENT, "document": "f-1"}


def test_only_what_can_take_a_thing_out_of_a_case_has_taken_it() -> None:
    for kind, name in NAMES.items():
        made = version(gone=Gone(kind=kind, id=name, entry=3))  # type: ignore[arg-type]
        for took in TOOK.get(kind, ()):
            assert said(made, took) == [], (kind, took.kind)
        for other in TOOK_NOT[kind]:
            assert said(made, other) == [f"says that entry 3 took {kind} {name}"]


def test_a_line_that_begins_twice_forks_or_goes_astray_is_named() -> None:
    told = {
        1: {"sha256": "a"},
        2: {"sha256": "b", "previous": "a"},
        3: {"sha256": "c", "previous": "a"},
        4: {"sha256": "d"},
        5: {"sha256": "e", "previous": "b"},
        6: {"sha256": "f"},
    }
    lines = Lines(told, {1: "C-1", 2: "C-1", 3: "C-1", 4: "C-1", 5: "C-2", 6: "C-2"})

    order = [seq for seq, _ in lines.walk()]

    assert order == [1, 2, 5, 3, 4, 6]
    assert {seq: lines.problems(seq) for seq in order if lines.problems(seq)} == {
        3: ["follows a version that another one follows already"],
        4: ["begins anew what began with entry 1"],
        5: ["is of another case than the version of entry 2, which it follows"],
    }


def test_no_more_versions_are_held_than_are_needed() -> None:
    told = {n: {"sha256": str(n), "previous": str(n - 1) if n else None} for n in range(50)}
    lines, held = Lines(told, {}), 0
    for seq, before in lines.walk():
        assert (before is None) == (seq == 0)
        lines.read(seq, version("clip"))
        held = max(held, len(lines._read))

    assert held == 2
