"""No other way leads to an erased camera: a reader can see it, and so can this test."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.tree import modules, parsed, shown

ERASES = {"station/card.py", "station/disk/unlinking.py", "evidence/durable.py"}
"""Who removes or renames names at all: cards on a proof, and our own files."""

PASSES_ON = {"station/disk/careful_card.py", "station/port/worker.py"}
"""A card in front of another, and the process of a port, for its station: both hand a proof on as
it came."""

SIMULATES = {"station/simulator/host.py"}
"""Makes and removes the folder that simulated ports are; no station at work reaches it (import
contract "simulator")."""

REMOVERS = frozenset({"remove", "removedirs", "rmdir", "rmtree", "truncate", "unlink"})


def calls(path: Path, names: frozenset[str]) -> list[str]:
    """Places in *path* where a method or function of these *names* is called."""
    return [
        f"{shown(path)}:{node.lineno} {node.func.attr}"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    ]


def test_only_release_asks_a_card_to_erase() -> None:
    asking = [place for path in modules() for place in calls(path, frozenset({"erase"}))]
    places = [place.partition(":")[0] for place in asking]

    assert [place for place in places if place not in PASSES_ON] == ["ingest/release.py"]


def test_only_a_card_that_was_shown_a_proof_removes_anything_of_a_dock() -> None:
    removing = {
        shown(path)
        for path in modules("station")
        for _ in calls(path, REMOVERS)
        if shown(path) not in ERASES | SIMULATES
    }

    assert removing == set()


def test_only_prove_makes_erase_proofs() -> None:
    made = [
        shown(path)
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "EraseProof"
    ]

    assert made == ["evidence/erase_proof.py"]
