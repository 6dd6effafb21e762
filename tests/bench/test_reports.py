from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bench.conftest import Bench, Needs

CONTRACT = {"bench", "ours", "peer", "peer_name", "ratio", "unit", "rounds", "machine", "at"}


def must_be_whole(report: dict[str, Any], name: str) -> None:
    """A report with the contract's fields, a ratio that fits them, and memory at two sizes."""
    assert CONTRACT - report.keys() == set()
    assert report["bench"] == name
    assert report["ratio"] == pytest.approx(report["ours"] / report["peer"], abs=0.002, rel=0.01)
    assert report["ratio"] in [each["ratio"] for each in report["comparisons"]]
    assert all(len(each["ours"]["runs"]) == 1 for each in report["comparisons"])
    small, large = report["peak_bytes"]
    assert large["bytes"] > 2 * small["bytes"]
    assert min(small["ours"], large["ours"]) > 1_000_000
    assert report["cpu_seconds_per_gb"]
    assert report["peer_version"]


def test_pull_reports_its_ratio_and_draws_it(bench: Bench, needs: Needs, tmp_path: Path) -> None:
    needs("cp", "sha256sum", "sync", "sh", "mkfs.vfat", "mcopy")

    outcome = bench("pull", "--svg", tmp_path / "pull.svg")

    assert outcome.code == 0, outcome.stderr
    must_be_whole(outcome.report, "pull")
    assert f">{outcome.report['ratio']:.2f}<" in (tmp_path / "pull.svg").read_text("utf-8")
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "peers"),
    [("ingest", "rclone"), ("rendition", "ffmpeg"), ("serve", "nginx"), ("custody", "go")],
)
def test_the_others_report_their_ratio(bench: Bench, needs: Needs, name: str, peers: str) -> None:
    needs(peers, "ffmpeg")

    outcome = bench(name)

    assert outcome.code == 0, outcome.stderr
    must_be_whole(outcome.report, name)
