"""What every test may ask for: a real embedded engine, a PostgreSQL server, a foreign log verifier.

A worker of a run has one of each, which all its tests share.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.workermanage import WorkerController

from evidence.clock import SystemClock
from evidence.note import VerifierKey
from evidence.vault.embedded import Engine, buckets
from evidence.vault.s3 import S3Settings, S3Vault
from tests.postgres import Server
from tests.spreading import Spreading

VOLUMES = 3000
"""Each bucket takes a file of the engine; tests make more buckets than the disk could fill."""

ROOM = 4 * 1024**3
"""Free bytes of a folder in memory that a server may fill."""

SOURCES = Path("/usr/share/gocode")
"""Where Debian puts the sources of Go packages."""

PROGRAM = Path(__file__).parent / "conformance" / "foreign" / "verify.go"

Verify = Callable[..., str]
"""verify(command, key, *files): what the foreign verifier objects to; empty if nothing."""


COUNTS = pytest.StashKey[list[str]]()

Count = Callable[[str], None]
"""count("power cuts: 312 points, 0 violations"): a line at the end of the run."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[COUNTS] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand a worker's counts to the run."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["counts"] = session.config.stash[COUNTS]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spreading:
    """Spread the tests over the workers as :mod:`tests.spreading` says."""
    return Spreading(config, log)


@pytest.hookimpl(optionalhook=True)  # only a run that has workers knows it
def pytest_testnodedown(node: WorkerController) -> None:
    """Take over a worker's counts; who died has told none."""
    counts = node.config.stash[COUNTS]
    told: list[str] = getattr(node, "workeroutput", {}).get("counts", [])
    counts += [line for line in told if line not in counts]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what the run covered."""
    for line in config.stash[COUNTS]:
        terminalreporter.write_line(line)


@pytest.fixture
def count(pytestconfig: pytest.Config) -> Count:
    """Lets a run show what a test covered, in one line."""
    return pytestconfig.stash[COUNTS].append


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The worker's one engine; its own agency is ``lab``.  Never stop it: it is shared."""
    folder: Path = tmp_path_factory.mktemp("engine")
    running = Engine(folder, agency="lab", clock=SystemClock(), volumes=VOLUMES)
    running.start()
    yield running
    running.stop()


def _quick_folder() -> Path | None:
    """Where to sync costs nothing, if there is room; the server must sync, or we refuse it."""
    memory = Path("/dev/shm")  # noqa: S108  # the folder in it is a private one
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The worker's one PostgreSQL server; a test makes a database of its own on it."""
    with tempfile.TemporaryDirectory(prefix="evidock-pg-", dir=_quick_folder()) as folder:
        try:
            server = Server.made(Path(folder))
            server.start()
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            if "CI" in os.environ:
                raise
            pytestconfig.stash[COUNTS].append(f"NOTHING WAS TRIED ON POSTGRESQL: {error}")
            pytest.skip(f"the PostgreSQL server from pip does not start here: {error}")
        try:
            server.prepare()
            yield server
        finally:
            server.stop()


@pytest.fixture
def key_prefix() -> str:
    """A key prefix nobody else uses: enough for most tests, and free."""
    return f"{secrets.token_hex(8)}/"


@pytest.fixture
def agency_settings(engine: Engine) -> S3Settings:
    """The archive's settings for a fresh agency."""
    return new_agency(engine)


def new_agency(engine: Engine) -> S3Settings:
    """The archive's settings for a fresh agency, with empty buckets of its own (half a second)."""
    names = buckets.names(f"t{secrets.token_hex(8)}")
    buckets.prepare(S3Vault(replace(engine.settings_for_root(), buckets=names)))
    return replace(engine.settings_for_archive(), buckets=names)


@pytest.fixture
def agency_vault(agency_settings: S3Settings) -> S3Vault:
    """The archive's vault of a fresh agency."""
    return S3Vault(agency_settings)


@pytest.fixture(scope="session")
def go_verifier(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The foreign verifier, built from the reference code that Debian ships."""
    go = shutil.which("go")
    if go is None or not (SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("needs, as root: apt-get install golang-go golang-golang-x-mod-dev")
    assert pytestconfig.cache is not None
    folder: Path = tmp_path_factory.mktemp("foreign-verifier")
    environment = {
        "PATH": os.environ["PATH"],
        "GO111MODULE": "off",
        "GOENV": "off",
        "GOPATH": str(SOURCES),
        "GOCACHE": str(pytestconfig.cache.mkdir("go")),
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
