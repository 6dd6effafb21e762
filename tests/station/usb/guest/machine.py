"""A guest machine whose Debian kernel has USB, which the kernels of CI have not.

QEMU emulates it, so neither root nor a processor's help is needed.  It has no disk: its root is
this machine's, read-only, with what it writes kept in its memory; so it runs this very checkout.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.station.usb.guest import emulator

ROOT = Path(__file__).parents[4]
BUILT = ROOT / "var" / "usb-guest"
"""Kept from run to run: the kernel takes a minute to fetch and unpack."""
_DRIVERS = (
    *("virtio_pci", "9pnet_virtio", "9p", "overlay"),
    *("xhci_pci", "vhci_hcd", "usb_storage", "sd_mod", "usbhid", "hid_generic"),
    *("vfat", "exfat", "nls_cp437", "nls_ascii", "nls_iso8859-1", "nls_utf8"),
)
Argv = Sequence[str | Path]
_KERNEL = "linux-image-amd64"
WITHIN = 1200
"""Seconds for one run of the guest: five times what a free processor takes."""
_SEARCHED = "/usr/bin:/usr/sbin:/bin:/sbin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What was said."""

    says: list[dict[str, Any]]
    """By what ran in the guest."""
    told: list[dict[str, Any]]
    """By the emulator, to what the guest asked of it (``emulator.py``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A kernel and its first file system, ready to be started."""

    kernel: Path
    first: Path

    def run(self, *argvs: Argv) -> Console:
        """What *argvs*, run there one after another at the root of this checkout, say.

        Fails with the end of its console if they do not all end well WITHIN its seconds.
        """
        script = " && ".join(shlex.join(map(str, argv)) for argv in argvs)
        with tempfile.TemporaryDirectory(prefix="evidock-guest-") as held:
            folder = Path(held)
            folder.chmod(0o755)
            (folder / "source").symlink_to(ROOT)
            (folder / "command").write_text(script + "\n")
            monitor, log = folder / "monitor", BUILT / "console.log"
            qemu = self._qemu(folder)
            lines = list(emulator.run(qemu, monitor=monitor, log=log, seconds=WITHIN))
        assert "ENDED 0" in lines, "\n".join(lines[-60:])
        return Console(says=_after("SAYS ", lines), told=_after("TOLD ", lines))

    def _qemu(self, folder: Path) -> list[str]:
        words = f"console=ttyS0 quiet panic=-1 mitigations=off nokaslr evidock.folder={folder}"
        share = "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
        return [
            *("qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "max", "-smp", "1"),
            *("-m", "1536", "-nographic", "-no-reboot", "-nic", "none"),
            *("-kernel", str(self.kernel), "-initrd", str(self.first), "-append", words),
            *("-virtfs", share, "-device", "qemu-xhci,id=xhci"),
        ]


def _after(word: str, lines: Iterable[str]) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix(word)) for line in lines if line.startswith(word)]


def build() -> Guest:
    """The guest; made if it was not made before."""
    kernel_package = BUILT / "kernel"
    if not kernel_package.is_dir():
        _fetch_kernel(kernel_package)
    (kernel,) = (kernel_package / "boot").glob("vmlinuz-*")
    first = BUILT / "first.gz"
    first.write_bytes(_first_file_system(kernel_package))
    return Guest(kernel=kernel, first=first)


def _fetch_kernel(into: Path) -> None:
    assert platform.machine() == "x86_64", "the guest is an x86_64 machine"
    BUILT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILT) as held:
        fetched = Path(held)
        if not _kernels(fetched) and os.geteuid() == 0:
            _run("apt-get", "update", cwd=fetched)  # this machine's lists are empty
        (name,) = _kernels(fetched)
        _run("apt-get", "download", name, cwd=fetched)
        (package,) = fetched.glob("*.deb")
        _run("dpkg-deb", "-x", str(package), "unpacked", cwd=fetched)
        (version,) = (fetched / "unpacked/lib/modules").iterdir()
        _run("depmod", "-b", str(fetched / "unpacked"), version.name, cwd=fetched)
        (fetched / "unpacked").rename(into)


def _kernels(folder: Path) -> list[str]:
    """The kernel that this Debian has; none if apt's lists are empty."""
    told = _run("apt-cache", "search", "--names-only", f"^{_KERNEL}$", cwd=folder)
    if not told:
        return []
    told = _run("apt-cache", "depends", _KERNEL, cwd=folder)
    return re.findall(r"Depends: (linux-image-\S+)", told)


def _first_file_system(kernel_package: Path) -> bytes:
    """An archive of busybox, the drivers in the order in which they need one another, and init."""
    (version,) = (kernel_package / "lib/modules").iterdir()
    with tempfile.TemporaryDirectory() as held:
        root = Path(held)
        for name in ("bin", "proc", "sys", "dev", "drivers", "host", "written", "root"):
            (root / name).mkdir()
        shutil.copy("/bin/busybox", root / "bin/busybox")
        shutil.copy(Path(__file__).with_name("init"), root / "init")
        (root / "init").chmod(0o755)
        for number, driver in enumerate(_in_order(version)):
            shutil.copy(version / driver, root / f"drivers/{number:02}-{Path(driver).name}")
        names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
        packed = subprocess.run(
            ("/bin/busybox", "cpio", "-o", "-H", "newc"),
            cwd=root, input=names.encode(), capture_output=True, check=True,
        ).stdout  # fmt: skip
    return gzip.compress(packed, 1)


def _in_order(version: Path) -> list[str]:
    needs: dict[str, list[str]] = {}
    for line in (version / "modules.dep").read_text().splitlines():
        driver, _, needed = line.partition(":")
        needs[driver] = needed.split()
    named = {Path(driver).stem.replace("-", "_"): driver for driver in needs}
    built_in = {
        Path(line).stem.replace("-", "_")
        for line in (version / "modules.builtin").read_text().splitlines()
    }
    ordered: list[str] = []

    def add(driver: str) -> None:
        for needed in reversed(needs[driver]):
            add(needed)
        if driver not in ordered:
            ordered.append(driver)

    for name in (each.replace("-", "_") for each in _DRIVERS):
        assert name in named or name in built_in, f"this kernel has no driver {name}"
        if name in named:
            add(named[name])
    return ordered


def _run(*argv: str, cwd: Path) -> str:
    done = subprocess.run(
        argv,
        cwd=cwd,
        env={**os.environ, "PATH": _SEARCHED, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{shlex.join(argv)}: {done.stderr or done.stdout}"
    return done.stdout
