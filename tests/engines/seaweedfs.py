"""A SeaweedFS cluster on this machine: a master, three volume servers, a filer on PostgreSQL, S3.

Hardened as far as the embedded engine is: the same identities, JWT keys and certificates, written
by the same code, and no HTTP without them (docs/engines.md).  Every object lies on two of the
volume servers, and its name in PostgreSQL: either may be killed at any time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from evidence.clock import SystemClock
from evidence.errors import VaultUnreachable
from evidence.vault import Bucket
from evidence.vault.embedded import authority, buckets, hardening, ports
from evidence.vault.embedded.child import Child
from evidence.vault.embedded.engine import _store_and_read_back, find_program
from evidence.vault.embedded.hardening import Identity
from evidence.vault.s3 import S3Settings, S3Vault
from tests.postgres import OWNER, Server

PARTS = ("master", "volume1", "volume2", "volume3", "filer", "s3")
"""What runs, in the order in which one needs the other."""
VOLUME_SERVERS = PARTS[1:4]
REPLICATION = "001"
"""SeaweedFS's notation: one more copy, on another server of the same rack."""

_ANSWERS_WITHIN = 60.0
_VOLUMES = 3000  # each bucket takes some, and tests make many buckets
_IP = hardening.LOOPBACK
_QUIET = ("-alsologtostderr=false", "-stderrthreshold=FATAL", "-log_max_size_mb=8")
_SYNCED = "fs.configure -locationPrefix=/buckets/ -fsync=true -apply"
"""For weed shell: an object is on the disks of both servers before it is acknowledged."""

_FILER = """\
[postgres2]
enabled = true
createTable = '''
  CREATE TABLE IF NOT EXISTS "%s" (
    dirhash BIGINT, name VARCHAR(65535), directory VARCHAR(65535), meta bytea,
    PRIMARY KEY (dirhash, name)
  );
'''
hostname = SOCKETS
port = 5432
username = "OWNER"
password = ""
database = "DATABASE"
schema = ""
sslmode = "disable"
connection_max_idle = 2
connection_max_open = 20
connection_max_lifetime_seconds = 300
enableUpsert = true
upsertQuery = '''
  INSERT INTO "%[1]s" (dirhash, name, directory, meta) VALUES ($1, $2, $3, $4)
  ON CONFLICT (dirhash, name) DO UPDATE SET directory=EXCLUDED.directory, meta=EXCLUDED.meta
'''
"""
"""Where the filer keeps names: PostgreSQL, which syncs what it acknowledges."""


@dataclass(slots=True, kw_only=True)
class Cluster:
    """Six processes in *folder*; :func:`cluster` starts them."""

    folder: Path
    postgres: Server
    database: str
    agency: str = "lab"
    numbers: Mapping[str, int] = field(default_factory=dict)
    """The port of each part; its gRPC twin is 10000 higher."""
    running: dict[str, Child] = field(default_factory=dict)

    def start(self) -> None:
        """Run all parts; returns when the agency's buckets are there and take objects."""
        self._prepare()
        for part in PARTS:
            self.start_part(part)
        self._wait()
        self.shell(_SYNCED)

    def start_part(self, part: str) -> None:
        """Run *part*, which does not run."""
        command = [str(find_program()), f"-logdir=log/{part}", *_QUIET, *self._arguments(part)]
        self.running[part] = Child(
            command,
            folder=self.folder,
            environment=hardening.environment(self.folder),
            console=self.folder / "log" / f"{part}.console",
        )

    def kill(self, part: str) -> None:
        """End *part* as a power cut of its machine would, but for the disk."""
        child = self.running.pop(part)
        os.kill(child.pid, signal.SIGKILL)
        child.stop(grace=10)

    def stop(self) -> None:
        """End all parts that run, the last one first."""
        for part in reversed(PARTS):
            if part in self.running:
                self.running.pop(part).stop(grace=3)
            number = self.numbers[part] + ports.GRPC_OFFSET
            socket = f"seaweedfs-{_kind(part)}-grpc-{number}.sock"
            (hardening._SOCKETS / socket).unlink(missing_ok=True)

    def settings(self, identity: Identity, names: Mapping[Bucket, str] | None = None) -> S3Settings:
        """How *identity* reaches the store."""
        pair = hardening.keys(self.folder).of(identity)
        return S3Settings(
            endpoint=f"http://{_IP}:{self.numbers['s3']}",
            access_key=pair.access_key,
            secret_key=pair.secret_key,
            buckets=names or buckets.names(self.agency),
            durability="declared",
        )

    def shell(self, commands: str, folder: Path | None = None) -> str:
        """What the cluster's own shell prints, with its certificate or with what *folder* holds."""
        where, patience = (folder, "3") if folder else (self.folder, "30")
        servers = f"-master={self._at('master')}", f"-filer={self._at('filer')}"
        ran = subprocess.run(
            ["timeout", patience, str(find_program()), "shell", *servers],
            input=f"{commands}\nexit\n".encode(),
            cwd=where,
            env=hardening.environment(where),
            capture_output=True,
            check=False,
        )
        return ran.stdout.decode("utf-8", "replace")

    def _prepare(self) -> None:
        self.numbers = self.numbers or _free_ports()
        for part in PARTS:
            (self.folder / "log" / part).mkdir(parents=True, exist_ok=True)
            (self.folder / "data" / part).mkdir(parents=True, exist_ok=True)
        authority.issue(self.folder, SystemClock().now())
        hardening.write_configuration(self.folder, hardening.keys(self.folder))
        filer = self.folder / "filer.toml"
        filer.touch(mode=0o600)
        filer.write_text(self._filer_toml(), encoding="utf-8")

    def _filer_toml(self) -> str:
        sockets = msgspec.json.encode(str(self.postgres.folder / "sockets")).decode()
        known = {"SOCKETS": sockets, "OWNER": OWNER, "DATABASE": self.database}
        text = _FILER
        for name, value in known.items():
            text = text.replace(name, value)
        return text

    def _arguments(self, part: str) -> list[str]:
        kind, own = _kind(part), []
        if kind == "master":
            own = [
                f"-mdir=data/{part}",
                f"-ip={_IP}",
                "-disableHttp",
                "-telemetry=false",
                "-volumePreallocate=false",
                "-volumeSizeLimitMB=256",
                f"-defaultReplication={REPLICATION}",
            ]
        elif kind == "volume":
            own = [f"-dir=data/{part}", f"-ip={_IP}", f"-max={_VOLUMES}", "-preStopSeconds=0"]
            own += [f"-master={self._at('master')}"]
        elif kind == "filer":
            own = [f"-ip={_IP}", "-disableHttp", "-localSocket=filer.sock"]
            own += [f"-master={self._at('master')}", f"-defaultReplicaPlacement={REPLICATION}"]
        else:
            own = [
                "-iam=false",
                "-port.iceberg=0",
                "-port.lance=0",
                "-autoCreateBucket=false",
                "-allowDeleteBucketNotEmpty=false",
                "-config=identities.json",
                "-localSocket=s3.sock",
                f"-filer={self._at('filer')}",
            ]
        number = self.numbers[part]
        listening = [f"-ip.bind={_IP}", f"-port={number}"]
        return [kind, *own, *listening, f"-port.grpc={number + ports.GRPC_OFFSET}"]

    def _at(self, part: str) -> str:
        return f"{_IP}:{self.numbers[part]}"

    def _wait(self) -> None:
        root = S3Vault(self.settings(Identity.ROOT))
        end = time.monotonic() + _ANSWERS_WITHIN
        while True:
            with suppress(VaultUnreachable):
                buckets.prepare(root)
                _store_and_read_back(root)
                return
            dead = [part for part, child in self.running.items() if not child.alive]
            if dead or time.monotonic() > end:
                raise RuntimeError(f"the cluster does not answer; ended: {dead}; {self.folder}/log")
            time.sleep(0.05)


def _kind(part: str) -> str:
    """What kind of process *part* is, in SeaweedFS's words."""
    return "volume" if part in VOLUME_SERVERS else part


@contextmanager
def cluster(folder: Path, postgres: Server) -> Iterator[Cluster]:
    """A running cluster whose filer has a database of its own on *postgres*."""
    with postgres.database(tables=False) as database:
        made = Cluster(folder=folder, postgres=postgres, database=database)
        try:
            made.start()
            yield made
        finally:
            made.stop()


def _free_ports() -> dict[str, int]:
    """As many free ports in a row, with free gRPC twins, as there are parts."""
    for first in range(10_240 + os.getpid() % 5000, 19_900, len(PARTS)):
        if all(ports._free(first + turn) for turn in range(len(PARTS))):
            return {part: first + turn for turn, part in enumerate(PARTS)}
    raise RuntimeError("no free ports for a cluster")
