"""``evidock receipt``: the receipt of one clip, as files, as a page and as QR codes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evidence.errors import SetupError
from evidence.vault.encryption import in_words
from evidock.commands.arguments import Commands, add_home, add_json, folder
from evidock.home import Home
from evidock.receipt_page import cosigned_by
from evidock.receipts import receipt_of, why_no_page

PICTURES = {".svg", ".png"}


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("receipt", help="the receipt of a clip: file, PDF, QR codes")
    parser.add_argument("clip", metavar="CLIP", help="its id")
    parser.add_argument("--out", type=folder, default=Path(), metavar="DIR", help="default: here")
    parser.add_argument("--pdf", action="store_true", help="a page for people, too")
    parser.add_argument("--qr", type=Path, metavar="FILE", help="QR codes: FILE.svg or FILE.png")
    add_home(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Write it and print the paths; 0, whether witnesses have seen it or not."""
    if chosen.qr is not None and chosen.qr.suffix.lower() not in PICTURES:
        raise SetupError(f"--qr {chosen.qr} ends in neither of {', '.join(sorted(PICTURES))}")
    if chosen.pdf and (why := why_no_page()):
        raise SetupError(f"there can be no PDF: {why}")
    found = receipt_of(Home(chosen.home).existing(), chosen.clip)
    files = found.write(chosen.out, is_page_wanted=chosen.pdf)
    if chosen.qr is not None:
        files += found.draw(chosen.qr)
    said = cosigned_by(found.proven, found.policy)
    if chosen.json:
        told = {
            "clip": chosen.clip,
            "index": found.proven.index,
            "size": found.proven.checkpoint.size,
            "root": found.proven.checkpoint.root.hex(),
            "cosigned_by": [{"witness": name, "at": at} for name, at in said],
            "quorum": found.is_quorum if found.policy.witnesses else None,
            "encryption": found.encryption,
            "files": [str(path) for path in files],
        }
        print(json.dumps(told))
    else:
        print("\n".join(map(str, files)))
    print(f"receipt: at rest: {in_words(found.encryption)[1]}", file=sys.stderr)
    if not found.is_quorum:
        print("receipt: not enough witnesses have seen it yet; ask again later", file=sys.stderr)
    return 0
