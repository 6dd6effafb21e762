"""Archive workers over one database and one vault, and what a station reaches them through."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Self
from urllib.parse import urlsplit

from archive.log.key import load_or_make_signer
from evidence import durable
from evidence.note import VerifierKey
from evidence.tiles import CHECKPOINT
from evidence.vault import Bucket
from evidence.vault.s3 import S3Settings
from evidock.home import Home

ROOT = Path(__file__).parents[2]
ORIGIN = "evidock.example/lab"


@dataclass(slots=True, kw_only=True)
class Worker:
    """One machine that runs an archive, in office or standing by."""

    home: Home
    process: subprocess.Popen[str] | None = None
    told: dict[str, str] = field(default_factory=dict)
    """What it said when it came into office; empty before."""

    def start(self) -> None:
        """Run it: it stands by until nobody else has the database."""
        self.told = {}
        with (self.home.folder.parent / f"{self.home.folder.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.engines.worker", str(self.home.folder)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.told = {}

    def stop(self) -> int:
        """End it in good order; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def in_office(self) -> bool:
        return bool(self.told) and self.runs

    @property
    def log(self) -> Path:
        """The folder of its copy of the log."""
        return self.home.archive / "log"

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as said:
            line = said.readline()
        if line and process is self.process:
            self.told = json.loads(line)


def worker(home: Path, vault: S3Settings, database: str, key: Path | None = None) -> Worker:
    """A worker whose home is new; with the log *key* of another, if it is not the first."""
    made = Home(home)
    durable.make_folder(home)
    secret = home.parent / f"{home.name}.vault-key"
    secret.touch(mode=0o600)
    secret.write_text(vault.secret_key, encoding="utf-8")
    sections: dict[str, dict[str, object]] = {
        "agency": {"name": "drill", "origin": ORIGIN},
        "vault": {
            "kind": "s3",
            "endpoint": vault.endpoint,
            "access_key": vault.access_key,
            "secret_key_file": str(secret),
            **{bucket.value: vault.buckets[bucket] for bucket in Bucket},
        },
        "archive": {"database": database, "standby": True},
        "station": {"name": home.name},
    }
    lines = [
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        for name, keys in sections.items()
    ]
    made.settings_file.write_text("\n".join(lines), encoding="utf-8")
    made.prepare()
    durable.make_folder(made.archive)
    if key is not None:
        durable.create(made.archive / "log.key", key.read_bytes(), mode=durable.PRIVATE)
    return Worker(home=made)


def verifier(held: Worker) -> VerifierKey:
    """The key that the log of *held* is signed with; made if there is none yet."""
    return load_or_make_signer(held.home.archive / "log.key", ORIGIN).key


@dataclass(slots=True, kw_only=True)
class Heads:
    """Every head of the log that anybody may have seen while the block runs."""

    workers: list[Worker]
    seen: set[bytes] = field(default_factory=set)
    _enough: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    _thread: Thread = field(init=False)

    def _look(self) -> None:
        while not self._enough.wait(0.01):
            for each in self.workers:
                with suppress(FileNotFoundError):
                    self.seen.add((each.log / CHECKPOINT).read_bytes())


@asynccontextmanager
async def balancer(workers: list[Worker]) -> AsyncIterator[str]:
    """Where a station finds whichever of *workers* is in office: an address of its own."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await _through(reader, writer, next((w for w in workers if w.in_office), None))
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()


async def _through(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: Worker | None
) -> None:
    """Hand on what comes from either side, until one of them ends."""
    if to is None:
        return
    address = urlsplit(to.told["archive"])
    there = await asyncio.open_connection(address.hostname, address.port)
    both = [
        asyncio.create_task(_copied(reader, there[1])),
        asyncio.create_task(_copied(there[0], writer)),
    ]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for each in both:
        each.cancel()
    there[1].close()


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
