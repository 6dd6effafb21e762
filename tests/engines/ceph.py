"""Ceph on this machine, from Debian's packages: a monitor, one OSD, and a RADOS gateway.

One copy of everything, and no manager: enough to ask the gateway what it does, nothing to keep
evidence on.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from evidence.errors import VaultUnreachable
from evidence.vault import Bucket
from evidence.vault.embedded import buckets
from evidence.vault.embedded.child import Child
from evidence.vault.embedded.engine import _store_and_read_back
from evidence.vault.s3 import S3Settings, S3Vault
from tests.engines.policy import least_rights

PACKAGES = ("ceph-mon", "ceph-osd", "radosgw", "ceph-common")
_PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "ceph", "radosgw-admin", "monmaptool")
_ANSWERS_WITHIN = 90.0
_OWNER = ("root", "EVIDOCKROOT", "ceph-owner-of-the-buckets")
_ARCHIVE = ("archive", "EVIDOCKARCHIVE", "ceph-archive-of-an-agency")


def missing() -> str:
    """What to install before Ceph can be started here; empty if nothing."""
    lacking = [name for name in _PROGRAMS if shutil.which(name) is None]
    return f"apt-get install -y --no-install-recommends {' '.join(PACKAGES)}" if lacking else ""


@dataclass(slots=True, kw_only=True)
class Ceph:
    """Three processes in *folder*, whose path is short: sockets lie in it."""

    folder: Path
    agency: str = "lab"
    fsid: str = field(default_factory=lambda: str(uuid.uuid4()))
    running: list[Child] = field(default_factory=list)
    _gateway: int = 0

    def start(self) -> None:
        """Run it; returns when the agency's buckets are there and take objects."""
        monitor, self._gateway = _free_port(), _free_port()
        (self.folder / "ceph.conf").write_text(self._configuration(monitor), encoding="utf-8")
        self._start_monitor(monitor)
        self._start_osd()
        self._start_gateway()
        self._wait()
        policy = least_rights(buckets.names(self.agency), _ARCHIVE[0])
        root = S3Vault(self.root())
        for bucket, text in policy.items():
            root._store.client.put_bucket_policy(Bucket=root.bucket_name(bucket), Policy=text)

    def stop(self) -> None:
        """End all that runs, the gateway first."""
        while self.running:
            self.running.pop().stop(grace=3)

    def root(self) -> S3Settings:
        """The owner of the buckets."""
        return self._settings(_OWNER, buckets.names(self.agency))

    def archive(self) -> S3Settings:
        """The archive's identity, with the rights that docs/engines.md gives it."""
        return self._settings(_ARCHIVE, buckets.names(self.agency))

    def version(self) -> str:
        """What ``ceph --version`` says."""
        return self._said("ceph", "--version")

    def _settings(self, user: tuple[str, str, str], names: Mapping[Bucket, str]) -> S3Settings:
        return S3Settings(
            endpoint=f"http://127.0.0.1:{self._gateway}",
            access_key=user[1],
            secret_key=user[2],
            buckets=names,
            durability="declared",
        )

    def _configuration(self, monitor: int) -> str:
        own = self.folder
        return f"""\
[global]
fsid = {self.fsid}
mon host = [v2:127.0.0.1:{monitor}/0]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = {own}/keyring
mon data = {own}/mon
osd data = {own}/osd
admin socket = {own}/$name.asok
run dir = {own}
crash dir = {own}/crash
log file = {own}/$name.log
mon cluster log file = {own}/cluster.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
osd objectstore = bluestore
bluestore block size = {8 * 1024**3}
osd memory target = 1073741824
rgw enable apis = s3
rgw frontends = beast endpoint=127.0.0.1:{self._gateway}
rgw data = {own}/gateway
"""

    def _start_monitor(self, port: int) -> None:
        ring = str(self.folder / "keyring")
        allow = [each for kind in ("mon", "osd", "mgr") for each in ("--cap", kind, "allow *")]
        self._said("ceph-authtool", "--create-keyring", ring, "--gen-key", "-n", "mon.",
                   "--cap", "mon", "allow *")  # fmt: skip
        self._said("ceph-authtool", ring, "--gen-key", "-n", "client.admin", *allow)
        chart, address = str(self.folder / "monmap"), f"[v2:127.0.0.1:{port}/0]"
        self._said("monmaptool", "--create", "--addv", "a", address, "--fsid", self.fsid, chart)
        self._said("ceph-mon", "--mkfs", "-i", "a", "--monmap", chart, "--keyring", ring)
        self._run("ceph-mon", "-f", "-i", "a")

    def _start_osd(self) -> None:
        made = str(uuid.uuid4())
        number = self._asked("osd", "create", made)
        (self.folder / "osd").mkdir()
        rights = ("mon", "allow profile osd", "osd", "allow *")
        ring = str(self.folder / "osd" / "keyring")
        self._asked("auth", "get-or-create", f"osd.{number}", *rights, "-o", ring)
        own = ("-i", number, "--keyring", ring)
        self._said("ceph-osd", *own, "--mkfs", "--osd-uuid", made)
        self._run("ceph-osd", "-f", *own)

    def _start_gateway(self) -> None:
        (self.folder / "gateway").mkdir()
        self._run("radosgw", "-f", "-n", "client.admin")
        for name, access, secret in (_OWNER, _ARCHIVE):
            self._said(
                "radosgw-admin", "user", "create", f"--uid={name}", f"--display-name={name}",
                f"--access-key={access}", f"--secret-key={secret}",
            )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        path = shutil.which(program)
        assert path is not None
        child = Child(
            [path, "-c", str(self.folder / "ceph.conf"), *arguments],
            folder=self.folder,
            environment={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
            console=self.folder / f"{program}.console",
        )
        self.running.append(child)

    def _asked(self, *words: str) -> str:
        """What the monitor answers to *words*."""
        return self._said("ceph", "--connect-timeout", "30", *words)

    def _said(self, program: str, *arguments: str) -> str:
        own = (
            [] if program in {"ceph-authtool", "monmaptool"} else ["-c", f"{self.folder}/ceph.conf"]
        )
        ran = subprocess.run(
            [program, *own, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if ran.returncode:
            raise RuntimeError(f"{program} {arguments}: {ran.stderr}\n{ran.stdout}")
        return ran.stdout.strip()

    def _wait(self) -> None:
        root, end = S3Vault(self.root()), time.monotonic() + _ANSWERS_WITHIN
        while True:
            with suppress(VaultUnreachable):
                buckets.prepare(root)
                _store_and_read_back(root)
                return
            if time.monotonic() > end or not all(child.alive for child in self.running):
                raise RuntimeError(f"Ceph does not answer; see {self.folder}/*.log and *.console")
            time.sleep(0.2)


@contextmanager
def ceph(folder: Path) -> Iterator[Ceph]:
    """Ceph, running in *folder*."""
    made = Ceph(folder=folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
