"""The main job on the embedded default, as a newcomer sees it: four cameras dock, one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Outcome, evidock

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture(scope="module")
def shown(home: Path) -> Outcome:
    return evidock("demo", "--once", "--json", "--home", home)


@pytest.fixture(scope="module")
def clips(shown: Outcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shown.json["clips"]
    return found


def test_everything_on_the_four_cards_is_archived(
    shown: Outcome, clips: list[dict[str, Any]]
) -> None:
    assert shown.code == 0, shown.stderr
    assert shown.json["counts"] == {
        "state": {"RELEASED": 20},
        "class": {"sidecar": 12, "video": 8},
    }
    assert len({clip["camera"] for clip in clips}) == 4


def test_all_footage_is_linked_to_its_incident(clips: list[dict[str, Any]]) -> None:
    footage = [clip for clip in clips if clip["class"] == "video"]

    assert Counter(len(clip["incidents"]) for clip in footage) == {1: 8}
    assert len({clip["incidents"][0] for clip in footage}) == 8
    assert sum(bool(clip["cases"]) for clip in footage) == 4


def test_each_codec_gets_the_rendition_that_browsers_can_show(clips: list[dict[str, Any]]) -> None:
    kinds = Counter(clip["rendition"]["kind"] for clip in clips if clip["rendition"])

    assert kinds == {"copy": 4, "transcoded": 4}
