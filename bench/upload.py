"""The peers of ingest: the same bytes to the same store with rclone, bare and with care."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench import tools
from bench.home import Store
from bench.rounds import WrongResult
from bench.supply import Supply
from evidence.settings import StationSettings

TRANSFERS = str(StationSettings().parallel_uploads)
"""Files at the same time: as many as the station sends."""
_ONE_PUT = "5G"
"""Files below are sent in one PUT, as the station does; in parts the store is slower."""


@dataclass(slots=True, kw_only=True)
class Rclone:
    """rclone with *store* as its only remote."""

    store: Store

    def run(self, *words: str | Path) -> str:
        """Run one rclone command."""
        quick = ["--s3-no-check-bucket", "--s3-disable-checksum", "--s3-no-head"]
        options = ["--s3-upload-cutoff", _ONE_PUT, "--transfers", TRANSFERS, *quick]
        return tools.run(["rclone", *words, *options], self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of rclone; it reads no file."""
        return {
            "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CONFIG_STORE_TYPE": "s3",
            "RCLONE_CONFIG_STORE_PROVIDER": "Other",
            "RCLONE_CONFIG_STORE_ENDPOINT": self.store.endpoint,
            "RCLONE_CONFIG_STORE_ACCESS_KEY_ID": self.store.access_key,
            "RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY": self.store.secret_key,
            "RCLONE_CONFIG_STORE_REGION": self.store.region,
        }

    def remote(self, name: str) -> str:
        """How rclone calls the folder *name* of the bucket."""
        return f"store:{self.store.bucket}/{name}"


@dataclass(slots=True, kw_only=True)
class BareUpload:
    """Upload and nothing else: no checksum, no look at what arrived, nothing synced."""

    rclone: Rclone
    supply: Supply
    name: str = "rclone copy"

    def prepare(self, number: int) -> None:
        self.supply.make(number)

    def run(self) -> None:
        self.rclone.run("copy", self.supply.folder, self.rclone.remote("bare"))

    def check(self) -> None:
        sizes = self._sizes()
        wanted = sorted(made.size for made in self.supply.made)
        if sorted(map(int, sizes.split())) != wanted:
            raise WrongResult(f"rclone stored {sizes.split()}")
        self.rclone.run("purge", self.rclone.remote("bare"))

    def _sizes(self) -> str:
        listing = ["lsf", "--recursive", "--files-only", "--format", "s"]
        return self.rclone.run(*listing, self.rclone.remote("bare"))


@dataclass(slots=True, kw_only=True)
class CarefulUpload:
    """What a careful person types: cp, sync, sha256sum, upload, read back and sha256sum again."""

    rclone: Rclone
    supply: Supply
    staging: Path
    name: str = "cp + sync + sha256sum + rclone copy + read-back"
    _said: list[Sequence[str]] = field(default_factory=list)

    def prepare(self, number: int) -> None:
        self.supply.make(number)

    def run(self) -> None:
        tools.run(["cp", "-r", self.supply.folder, self.staging])
        tools.run(["sync", "-f", self.staging])
        files = [self.staging / made.relative for made in self.supply.made]
        self._said = [tools.run(["sha256sum", *files]).split()[::2]]
        self.rclone.run("copy", self.staging, self.rclone.remote("careful"))
        remotes = [self.rclone.remote(f"careful/{made.relative}") for made in self.supply.made]
        self._said.append(self._read_back(remotes))

    def check(self) -> None:
        wanted = sorted(made.sha256 for made in self.supply.made)
        if any(sorted(said) != wanted for said in self._said):
            raise WrongResult("sha256sum says other digests than were made")
        self.rclone.run("purge", self.rclone.remote("careful"))
        tools.run(["rm", "-rf", self.staging])

    def _read_back(self, remotes: Sequence[str]) -> list[str]:
        """The digests of *remotes*, as many read at the same time as were sent."""
        with ThreadPoolExecutor(int(TRANSFERS)) as threads:
            return list(threads.map(self._digest, remotes))

    def _digest(self, remote: str) -> str:
        argv = ["sh", "-c", 'rclone cat "$1" | sha256sum', "sh", remote]
        return tools.run(argv, self.rclone.environment).split()[0]
