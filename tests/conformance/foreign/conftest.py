from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.note import VerifierKey

SOURCES = Path("/usr/share/gocode")
"""Where Debian puts the sources of Go packages."""

PROGRAM = Path(__file__).with_name("verify.go")

Verify = Callable[..., str]
"""verify(command, key, *files): what the foreign verifier objects to; empty if nothing."""


@pytest.fixture(scope="session")
def go_verifier(pytestconfig: pytest.Config) -> Path:
    """The foreign verifier, built from the reference code that Debian ships."""
    go = shutil.which("go")
    if go is None or not (SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("needs, as root: apt-get install golang-go golang-golang-x-mod-dev")
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("foreign-verifier")
    environment = {
        "PATH": os.environ["PATH"],
        "GO111MODULE": "off",
        "GOENV": "off",
        "GOPATH": str(SOURCES),
        "GOCACHE": str(folder / "go"),
        "CGO_ENABLED": "0",
    }
    built = folder / "verify"
    command = [go, "build", "-o", str(built), str(PROGRAM)]
    subprocess.run(command, env=environment, check=True, cwd=folder)
    return built


@pytest.fixture(scope="session")
def verify(go_verifier: Path) -> Verify:
    def run(command: str, key: VerifierKey, *files: Path) -> str:
        arguments = [str(go_verifier), command, str(key), *map(str, files)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == (not done.stderr)
        return done.stderr

    return run
