from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive.catalogue.choices import Ended
from archive.derive.quality import HintKind
from evidence.acquisition import Acquisition
from evidence.camera_signature import CameraSignature
from evidence.clip import ClipClass, ClipState
from evidence.custody import EntryKind
from evidence.feed_settings import FeedKind
from evidence.linking import LinkReason, PartCode, Standing
from evidence.rights import Role
from evidence.statistics.periods import By
from evidence.statistics.verdicts import Basis, Measure, Verdict
from ingest.rendition.comparison import INDEX, PICTURES, SOUND, SYNC, TIMES
from player.languages import LANGUAGES, language

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "player" / "web"
TEMPLATES = sorted((WEB / "templates").glob("*.j2"))
CODED = {
    "act": EntryKind,
    "came": Acquisition,
    "choice": Ended,
    "basis": Basis,
    "by": By,
    "camera_signature": CameraSignature,
    "came_from": Acquisition,
    "class": ClipClass,
    "feeds.kind": FeedKind,
    "hint": HintKind,
    "link": LinkReason,
    "link_part": PartCode,
    "link_standing": Standing,
    "measure": Measure,
    "measure.about": Measure,
    "role": Role,
    "state": ClipState,
    "verdict": Verdict,
}
#: Families of words whose last part is decided while the page is made.
FAMILIES = (
    *(f"{family}." for family in CODED),
    "player.",
    "rendition.",
    "verify.",
    "trouble.",
    "sign_in.",
    "stage.",
    "life.",
    "proposal.act.",
    "proposal.ended.",
    "draw.ended.",
    "feeds.how.",
    "draw.seed_about.",
    "finding.of.",
    "sheet.verdict.",
    "lanes.kind.",
    "work.list.",
    "work.about.",
    "work.one.",
    "statistics.delay.",
    "statistics.nobody.",
    "verdict.",
    "outcome.",
    "expected.",
    "excuse.code.",
    "why_not.",
    "marker.",
    "choice.",
    "outage.code.",
    "outage.what.",
)


def used() -> set[str]:
    """Every key that a template names outright."""
    calls = re.compile(r"\bt(?:\.count)?\(\s*'([a-z0-9_.]+)'")
    return {key for path in TEMPLATES for key in calls.findall(path.read_text("utf-8"))}


def known(key: str, words: set[str]) -> bool:
    return key in words or f"{key}.other" in words or key.endswith(".")


def test_all_languages_say_the_same_things() -> None:
    keys = {code: set(language(code).words) for code in LANGUAGES}

    assert keys["zh"] ^ keys["en"] == set()


def test_the_same_values_are_filled_in_whatever_the_language() -> None:
    holes = {
        code: {key: set(re.findall(r"{(\w+)}", text)) for key, text in language(code).words.items()}
        for code in LANGUAGES
    }

    assert holes["zh"] == holes["en"]


def test_no_words_are_missing_or_empty() -> None:
    words = {key for key, text in language("en").words.items() if text}

    assert [key for key in used() if not known(key, words)] == []
    assert all(text.strip() for code in LANGUAGES for text in language(code).words.values())


def test_no_words_are_left_over() -> None:
    text = "".join(path.read_text("utf-8") for path in TEMPLATES)
    named = used() | set(re.findall(r"'([a-z_]+(?:\.[a-z_]+)+)'", text))

    unused = [
        key
        for key in language("en").words
        if key not in named
        and re.sub(r"\.(one|other)$", "", key) not in named
        and not key.startswith(FAMILIES)
    ]

    assert unused == []


@pytest.mark.parametrize("family", CODED)
def test_every_code_of_the_archive_has_words(family: str) -> None:
    codes = {member.value for member in CODED[family]}

    assert codes - language("zh").family(family).keys() == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", path.read_text("utf-8"), flags=re.DOTALL)

    spoken = re.findall(r'(?:aria-label|alt|title|placeholder)="([^"]*[^\W\d_][^"]*)"', text)
    bare = re.sub(r"<kbd>.</kbd>|<code[^>]*>.*?</code>", "", text)
    between = [piece.strip() for piece in re.sub(r"<[^>]*>", "\n", bare).splitlines()]

    assert spoken == []
    assert [
        p for p in between if re.search(r"[^\W\d_]", p) and p not in {"SHA-256", "sha256sum"}
    ] == []


def test_the_scripts_hold_no_words_for_people() -> None:
    scripts = sorted((WEB / "static" / "js").glob("*.js"))

    spoken = [
        f"{path.name}: {found}"
        for path in scripts
        for found in re.findall(r'textContent = "[^"]+"|#say\("', path.read_text("utf-8"))
    ]

    assert spoken == []


def test_whatever_a_comparison_finds_different_has_words() -> None:
    named = re.compile(r"(?:differ|equal|signed_as)\(\s*\"([a-z_]+)\"|what=\"([a-z_]+)\"")
    sources = [
        *(ROOT / "ingest" / "rendition").glob("*.py"),
        *(ROOT / "archive" / "derive").glob("*.py"),
    ]
    found = {one or other for path in sources for one, other in named.findall(path.read_text())}
    parts = {PICTURES, TIMES, SOUND, SYNC, INDEX} | found

    assert found >= {"kind", "frames", "keys", "camera_signatures_told"}
    assert {f"player.part.{part}" for part in parts} <= set(language("en").words)
