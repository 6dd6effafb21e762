"""What each step of a clip's journey costs: the product's own functions, one after another."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from archive import originals
from archive.log.key import load_or_make_signer
from archive.log.log import Log
from archive.log.store import TileStore
from bench.home import BenchHome
from bench.process import Process
from bench.report import Cost
from bench.rounds import WrongResult
from bench.supply import cool, make_file
from evidence import durable
from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.digests import Digests
from evidence.receipt import verify_receipt
from evidence.vault import Bucket, StoredVersion
from evidence.vault.s3 import S3Settings, S3Vault
from evidence.wire import WireRequest
from ingest.pull import pull
from ingest.staging import Staging
from ingest.stretch import Stretch
from ingest.vault_put import put
from ingest.verify import verify
from ingest.watch import Watch
from station.card import FolderCard

_PUT_LIFE = 900


@dataclass(slots=True, kw_only=True)
class _Meter:
    """CPU of this process and of the store, step by step."""

    bytes: int
    engine: Process
    costs: list[Cost] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Charge what the block costs to the step *name*."""
        ours, store = time.process_time(), self.engine.cpu
        yield
        spent = Cost(
            step=name,
            bytes=self.bytes,
            ours=time.process_time() - ours,
            other=self.engine.cpu - store,
        )
        self.costs.append(spent)


def costs_by_step(home: BenchHome, folder: Path, size: int) -> list[Cost]:
    """CPU of each step for one file of *size* bytes, sent to the store of *home*."""
    made = make_file(folder / "alone", Path("clip.mp4"), size, (size,))
    cool(folder / "alone" / made.relative)
    staging = Staging(folder=folder / "alone-staging")
    durable.make_folder(staging.folder)
    meter = _Meter(bytes=size, engine=home.engine)
    vault, sha256 = _vault(home), Sha256.from_hex(made.sha256)
    card = FolderCard(folder / "alone")
    (listed,) = card.listing()
    with meter.step("pull"):
        pull(card, listed, staging, "clip", Watch(lambda _bytes: None, SystemClock()))
    with meter.step("verify"):
        verify(staging.whole("clip"), digests=Digests(sha256=sha256), size=size)
    with meter.step("send"):
        version = asyncio.run(_send(vault, staging.whole("clip"), sha256, size))
    with meter.step("read back"):
        originals.see_same(vault, version, originals.Bytes(sha256=sha256, size=size))
    with meter.step("barrier"):
        vault.barrier()
    with meter.step("receipt"):
        _receipt(folder / "alone-log")
    card.close()
    vault.delete_version(version.bucket, version.key, version.version_id)
    return meter.costs


def _vault(home: BenchHome) -> S3Vault:
    """The home's store for its owner, whose bucket without lock is written to."""
    store = home.store()
    return S3Vault(
        S3Settings(
            endpoint=store.endpoint,
            access_key=store.access_key,
            secret_key=store.secret_key,
            region=store.region,
            buckets={Bucket.DERIVED: store.bucket},
            durability=home.folder,
        )
    )


async def _send(vault: S3Vault, staged: Path, sha256: Sha256, size: int) -> StoredVersion:
    key = f"bench/{secrets.token_hex(8)}"
    signed = vault.sign_put(
        Bucket.DERIVED,
        key,
        size=size,
        sha256=sha256,
        lock=None,
        create_only=True,
        content_type="application/octet-stream",
        seconds=_PUT_LIFE,
    )
    async with aiohttp.ClientSession() as session:
        await put(session, WireRequest.of(signed), Stretch(path=staged, size=size))
    found = vault.find(Bucket.DERIVED, key)
    if found is None:
        raise WrongResult(f"{key} was acknowledged and is not there")
    return found


def _receipt(folder: Path) -> None:
    """One entry signed for and proven, as the archive does it."""
    durable.make_folder(folder)
    signer = load_or_make_signer(folder / "log.key", "bench.example")
    log = Log.open(TileStore(folder / "log"), signer)
    log.integrate([b"{}"])
    verify_receipt(log.receipt(0), b"{}", [signer.key])
