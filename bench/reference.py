"""The verifier that others wrote: the reference code of the Go checksum database, built here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bench.tools import MissingTool, ToolFailed, run, tool

NAME = "golang.org/x/mod/sumdb (Go)"
_SOURCES = Path("/usr/share/gocode")
"""Where Debian puts the sources of Go packages."""
_PROGRAM = Path(__file__).resolve().parents[1] / "tests/conformance/foreign/verify.go"


def built(folder: Path) -> Path:
    """The program that checks a log with that code; MissingTool says what to install."""
    go = tool("go")
    if not (_SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        raise MissingTool(
            "the peer needs its sources. As root: apt-get install golang-golang-x-mod-dev"
        )
    program = folder / "verify"
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "GO111MODULE": "off",
        "GOENV": "off",
        "GOPATH": str(_SOURCES),
        "GOCACHE": str(folder / "go-cache"),
        "CGO_ENABLED": "0",
    }
    done = subprocess.run(
        [go, "build", "-o", str(program), str(_PROGRAM)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolFailed(f"go build ended with {done.returncode}: {done.stderr[-500:]}")
    return program


def see_true(program: Path, key: str, log: Path) -> None:
    """Let it check every file of *log*; ToolFailed if it finds one false."""
    run([program, "log", key, log])
