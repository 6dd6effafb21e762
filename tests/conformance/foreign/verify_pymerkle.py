"""Checks receipts and logs with pymerkle (RFC 9162 trees), which knows nothing of Evidock.

    verify_pymerkle.py receipt KEY RECEIPT ENTRY
    verify_pymerkle.py log     KEY FOLDER

Exit 0: true.  Exit 1: not, and why on stderr.  Nothing of the product is imported: the few lines of
a checkpoint are read here, and its signature is checked by ``cryptography``.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InclusionProof, InmemoryTree, verify_inclusion
from pymerkle.core import _inclusion_path_layout

WIDTH = 256


def opened(key: str, note: str) -> tuple[int, bytes]:
    """Size and root of a signed checkpoint."""
    name, number, encoded = key.split("+", 2)
    text, _, lines = note.rpartition("\n\n")
    origin, size, root = text.split("\n")
    assert origin == name, "another origin"
    wanted = [line.split(" ")[2] for line in lines.splitlines() if line.startswith(f"— {name} ")]
    signatures = [base64.b64decode(each, validate=True) for each in wanted]
    (signature,) = [each[4:] for each in signatures if each[:4].hex() == number]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
    public.verify(signature, f"{text}\n".encode())
    return int(size), base64.b64decode(root, validate=True)


def check_receipt(key: str, receipt: Path, entry: Path) -> None:
    head, _, note = receipt.read_text(encoding="utf-8").partition("\n\n")
    header, index, *hashes = head.split("\n")
    assert header == "c2sp.org/tlog-proof@v1", "no receipt"
    number = int(index.removeprefix("index ")) + 1
    size, root = opened(key, note)
    assert 0 < number <= size, "the tree has no such entry"
    base = hashlib.sha256(b"\0" + entry.read_bytes()).digest()
    proof = InclusionProof(
        algorithm="sha256",
        security=True,
        size=size,
        index=number,
        rule=_inclusion_path_layout(number, size)[0],
        path=[base, *(base64.b64decode(each, validate=True) for each in hashes)],
    )
    verify_inclusion(base, root, proof, index=number, size=size, algorithm="sha256")


def check_log(key: str, folder: Path) -> None:
    size, root = opened(key, (folder / "checkpoint").read_text(encoding="utf-8"))
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries(folder, size):
        tree.append_entry(entry)
    assert tree.get_size() == size, "entries are missing"
    assert tree.get_state() == root, "the entries give another root"


def entries(folder: Path, size: int) -> Iterator[bytes]:
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        place = f"{number:03d}" if number < 1000 else f"x{number // 1000:03d}/{number % 1000:03d}"
        partial = "" if width == WIDTH else f".p/{width}"
        data = (folder / f"tile/entries/{place}{partial}").read_bytes()
        while data:
            length = int.from_bytes(data[:2], "big")
            assert len(data) >= 2 + length, "a torn bundle"
            yield data[2 : 2 + length]
            data = data[2 + length :]


if __name__ == "__main__":
    command, key, *files = sys.argv[1:]
    try:
        if command == "receipt":
            check_receipt(key, Path(files[0]), Path(files[1]))
        else:
            check_log(key, Path(files[0]))
    except Exception as error:  # noqa: BLE001  whatever it is, it is a no
        sys.exit(f"no: {error!r}")
