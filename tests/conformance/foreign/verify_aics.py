# mypy: ignore-errors
# Python 3.12 and what it needs are not where our types are checked.
"""Checks receipts and logs with aics-tlog (PyPI, Python 3.12), which knows nothing of Evidock.

    verify_aics.py receipt     KEY RECEIPT ENTRY
    verify_aics.py log         KEY FOLDER
    verify_aics.py consistency KEY CHECKPOINT FOLDER

Exit 0: true.  Exit 1: not, and why on stderr.
"""

import base64
import sys
from pathlib import Path

from aics_tlog import (
    FileSystemTileReader,
    audit_tiles,
    consistency_proof_from_tiles,
    parse_note,
    parse_vkey,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
)


def opened(key, note):
    found = verify_checkpoint(parse_note(note.decode()), parse_vkey(key))
    assert found.ok, found
    return found


def check_receipt(key, receipt, entry):
    head, _, note = receipt.read_bytes().partition(b"\n\n")
    header, index, *hashes = head.decode().split("\n")
    assert header == "c2sp.org/tlog-proof@v1", "no receipt"
    tree = opened(key, note)
    path = [base64.b64decode(each, validate=True) for each in hashes]
    number = int(index.removeprefix("index "))
    assert verify_leaf_inclusion(entry.read_bytes(), number, tree.size, path, tree.root), (
        "not in the tree"
    )


def check_log(key, folder):
    tree = opened(key, (folder / "checkpoint").read_bytes())
    audit_tiles(FileSystemTileReader(str(folder)), tree.size, tree.root)


def check_consistency(key, old, folder):
    before, after = opened(key, old.read_bytes()), opened(key, (folder / "checkpoint").read_bytes())
    reader = FileSystemTileReader(str(folder))
    proof = consistency_proof_from_tiles(reader, before.size, after.size)
    assert verify_consistency(before.size, after.size, before.root, after.root, proof), (
        "the log did not only grow"
    )


if __name__ == "__main__":
    command, key, *files = sys.argv[1:]
    checks = {"receipt": check_receipt, "log": check_log, "consistency": check_consistency}
    try:
        checks[command](key, *map(Path, files))
    except Exception as error:  # noqa: BLE001  whatever it is, it is a no
        sys.exit(f"no: {error!r}")
