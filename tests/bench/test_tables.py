from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.report import Comparison, Cost, Peak, Report
from bench.rounds import Times
from bench.tables import BEGIN, END, replaced, tables


def line(bench: str, ours: float) -> str:
    machine = {
        "processor": "Wheel",
        "processors": 2,
        "sha_extensions": True,
        "memory": 8 << 30,
        "kernel": "6",
        "file_system": "ext4",
        "load": 0.1,
    }
    compared = Comparison(
        case="a case",
        bytes=10_000_000,
        ours_name="evidock",
        ours=Times((ours,)),
        peer_name="cp",
        peer=Times((2.0,)),
    )
    report = Report(
        bench=bench,
        comparisons=[compared],
        deciding=1,
        cache="warm",
        costs=[Cost(step="a step", bytes=10**9, ours=0.5)],
        peaks=[Peak(bytes=10**6, ours=3 << 20)],
        facts={"peer_version": "cp 9"},
    )
    told = report.to_wire() | {"rounds": 1, "at": "2026-01-02T03:04:05Z", "machine": machine}
    return json.dumps(told) + "\n"


def test_the_newest_report_of_each_is_shown(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    results.write_text(line("pull", 1.0) + line("serve", 8.0) + line("pull", 3.0), "utf-8")

    text = tables(results)

    assert "| a case | cp | 3 | 2 | **1.50** | 1.50 to 1.50 | 3 : 5 |" in text
    assert "| a case | cp | 8 | 2 | **4.00** | 4.00 to 4.00 | 1 : 5 |" in text
    assert "**0.50**" not in text
    assert "2026-01-02, 1 rounds, warm. 2 x Wheel (with SHA extensions), 8 GiB, Linux 6" in text


def test_a_page_gets_them_between_its_markers() -> None:
    assert replaced(f"a{BEGIN}old{END}z", "new") == f"a{BEGIN}\n\nnew\n\n{END}z"
    with pytest.raises(ValueError, match="the page has no"):
        replaced("no markers", "new")


def test_no_results_are_said(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text("", "utf-8")

    with pytest.raises(ValueError, match="run: make bench"):
        tables(tmp_path / "results.jsonl")
