from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import typst

from archive.export import timeline
from archive.export.labels import LABELS
from archive.export.order import Words
from evidence.package import TIMELINE
from tests.archive.export.packages import Package, archived, export
from tests.archive.house import Footage, Open

WORDS = tuple(Words(code=code, acts={}, classes={}, came={}) for code in ("zh", "en"))
MARKUP = '#panic("x") *b* _i_ <label> @ref $x$ [c] // \\u{41} `raw`'
HAS_FONT = timeline.lacking(WORDS, 1) is None
needs_font = pytest.mark.skipif(not HAS_FONT, reason="fonts-noto-cjk is not installed")


def clip(name: str = "a.mp4", **more: object) -> dict[str, object]:
    told: dict[str, object] = {
        "name": name,
        "id": "c-1",
        "officer": None,
        "camera": None,
        "started": None,
        "offset": {"zh": "x", "en": "x"},
        "received": "now",
        "class": {"zh": "x", "en": "x"},
        "size": "1",
        "sha256": "0" * 64,
        "without": None,
        "picture": None,
        "acts": [],
        "more": 0,
    }
    return told | more


def page_of(clips: Sequence[Mapping[str, object]]) -> list[bytes]:
    """The pages, drawn (SVG)."""
    data = {
        "title": "t",
        "languages": [{"code": code, **LABELS[code]} for code in ("zh", "en")],
        "origin": "example.org/x",
        "made": "now",
        "by": MARKUP,
        "kind": "clips",
        "subject": "",
        "statement": "0" * 64,
        "entry": 1,
        "checkpoint": {"size": 2, "root": "0" * 64},
        "receipt": None,
        "clips": clips,
    }
    template = Path(timeline.__file__).with_name("timeline.typ").read_bytes()
    drawn: Any = typst.Compiler(template).compile(
        format="svg", sys_inputs={"data": json.dumps(data)}
    )
    return drawn if isinstance(drawn, list) else [drawn]


def test_both_languages_have_the_same_labels() -> None:
    holes = {
        code: {key: set(re.findall(r"{(\w+)}", text)) for key, text in words.items()}
        for code, words in LABELS.items()
    }

    assert holes["zh"] == holes["en"]
    assert all(text for words in LABELS.values() for text in words.values())


@needs_font
def test_no_text_is_taken_for_markup() -> None:
    act = {
        "index": 1,
        "at": MARKUP,
        "logged": MARKUP,
        "who": MARKUP,
        "words": {"zh": MARKUP, "en": MARKUP},
    }

    assert len(page_of([clip(MARKUP, officer=MARKUP, camera=MARKUP, acts=[act])])) == 2


@needs_font
def test_long_names_and_many_acts_and_none_are_set() -> None:
    act = {
        "index": 1,
        "at": "now",
        "logged": None,
        "who": "长" * 300,
        "words": dict.fromkeys(("zh", "en"), "w"),
    }
    clips = [
        clip("A" * 2000, without="missing", more=17, acts=[act] * 60),
        clip("", officer="", without="disposed"),
        clip("b", without="left out"),
    ]

    assert len(page_of(clips)) > 6


@needs_font
async def test_a_package_has_its_timeline(door: Open, tmp_path: Path) -> None:
    station = await door.station()
    held = await archived(station, Footage(data=b"first", path=b"\xe6\x97\xa5\xff.MP4"))
    await station.derive(held)  # its thumbnail is no picture: it is left out
    done = await export(door, tmp_path / "out", "clips", clips=[held], languages=WORDS)

    package = Package(folder=tmp_path / "out")
    assert package.data(TIMELINE).startswith(b"%PDF-")
    assert package.statement.left_out == []
    assert done.left_out == {}


async def test_a_timeline_that_cannot_be_is_listed(door: Open, tmp_path: Path) -> None:
    held = await archived(await door.station(), Footage(data=b"first"))
    done = await export(door, tmp_path / "out", "clips", clips=[held])

    package = Package(folder=tmp_path / "out")
    assert package.statement.left_out == [TIMELINE]
    assert list(done.left_out) == [TIMELINE]
    assert f"data/{TIMELINE}" not in package.files


def test_too_many_clips_have_no_timeline() -> None:
    assert "more than" in (timeline.lacking(WORDS, timeline.MOST_CLIPS + 1) or "")


def test_without_the_font_it_is_said_what_to_install() -> None:
    assert HAS_FONT or "fonts-noto-cjk" in (timeline.lacking(WORDS, 1) or "")


@pytest.mark.parametrize(
    ("offset", "said"), [(None, "not known"), (12_345, "12.3 s ahead"), (-500, "0.5 s behind")]
)
def test_a_clocks_offset_is_told_in_words(offset: int | None, said: str) -> None:
    assert timeline._offset(offset, LABELS["en"]) == said


def test_a_receipt_that_no_code_holds_is_not_drawn() -> None:
    assert timeline._code(b"x" * 4000) is None
    assert bytes(timeline._code(b"x" * 2900) or []).startswith(b"<svg")
