"""Verifiers that others wrote, each as one program with the same few commands.

One rule: they see the files and the key as an auditor would, and nothing of the product.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.note import VerifierKey

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "custody-log-format.md"
SIGSTORE = "@sigstore/verify@3.1.1"
"""Its two functions that we call are private: another version may have others."""
AICS = ("aics-tlog==0.2.1", "aics-witness==0.1.0")
WITH_PYTHON = (3, 12)
_PYENV = Path.home() / ".pyenv" / "versions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One verifier: ``receipt``, and perhaps ``log`` and ``consistency``.

    One that knows ``tiles`` looks at these as well when it checks a log, not at the entries alone.
    """

    name: str
    command: Sequence[str | Path]
    knows: frozenset[str]
    takes_command: bool = True
    node_path: str | None = None

    def objection(self, command: str, key: VerifierKey, *files: Path) -> str:
        """What it objects to; empty if nothing."""
        words = [command] if self.takes_command else []
        environment = os.environ | ({"NODE_PATH": self.node_path} if self.node_path else {})
        done = subprocess.run(
            [*self.command, *words, str(key), *files],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        return "" if done.returncode == 0 else done.stderr or f"exit code {done.returncode}"


def go(built: Path) -> Program:
    """The reference code of the Go checksum database (Debian)."""
    return Program(
        name="golang.org/x/mod/sumdb",
        command=[built],
        knows=frozenset({"receipt", "log", "tiles", "consistency"}),
    )


def pymerkle() -> Program:
    """pymerkle, of the locked packages."""
    return Program(
        name="pymerkle",
        command=[sys.executable, "-P", HERE / "verify_pymerkle.py"],
        knows=frozenset({"receipt", "log"}),
    )


def openssl(folder: Path) -> Program:
    """The shell script that the page for auditors prints: openssl, and what every Unix has."""
    found = re.search(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    script = folder / "check-receipt"
    script.write_text(found[1], encoding="utf-8")
    return Program(
        name="openssl",
        command=["bash", script],
        knows=frozenset({"receipt"}),
        takes_command=False,
    )


def sigstore(folder: Path) -> Program:
    """Sigstore's verifier for Node; npm fetches it into *folder*."""
    npm, node = shutil.which("npm"), shutil.which("node")
    assert npm, "needs npm: apt-get install npm"
    assert node, "needs node: apt-get install nodejs"
    install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), SIGSTORE]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    return Program(
        name=SIGSTORE,
        command=[node, HERE / "verify.cjs"],
        knows=frozenset({"receipt"}),
        node_path=str(folder / "node_modules"),
    )


def aics(folder: Path) -> Program:
    """aics-tlog for Python 3.12 or newer; pip fetches it into *folder*."""
    return Program(
        name=AICS[0],
        command=[python_with_aics(folder), HERE / "verify_aics.py"],
        knows=frozenset({"receipt", "log", "tiles", "consistency"}),
    )


def python_with_aics(folder: Path) -> Path:
    """An interpreter that has the packages :data:`AICS`, in a venv made in *folder*."""
    subprocess.run([newer_python(), "-m", "venv", folder], check=True, capture_output=True)
    install = [str(folder / "bin/pip"), "install", "--quiet", *AICS]
    done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{AICS} cannot be installed: {done.stderr}"
    return folder / "bin/python"


def newer_python() -> str:
    """A Python that is new enough for aics-tlog, whichever this machine has."""
    found = [shutil.which(f"python3.{minor}") for minor in range(12, 20)]
    found += sorted(map(str, _PYENV.glob("3.*/bin/python")))
    for each in filter(None, found):
        asked = [each, "-c", f"import sys; sys.exit(sys.version_info < {WITH_PYTHON})"]
        if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
            return each
    raise AssertionError(
        "aics-tlog needs Python 3.12 or newer, and there is none here: neither python3.12 to"
        f" python3.19 on PATH, nor one in {_PYENV}"
    )
