"""``evidock witness``: be a witness of logs (C2SP tlog-witness), on a machine that is not theirs.

``init`` makes one, ``trust`` tells it a log, ``serve`` answers over HTTP, ``sign`` answers one
request that was carried here, ``show`` says what it saw.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path

import uvloop

from evidence.clock import SystemClock, stamp
from evidence.cosignature import Kind
from evidence.errors import LogBroken, SetupError
from evidence.note import VerifierKey
from evidock import carried
from evidock.commands.arguments import Commands, add_json, folder
from evidock.stopping import stop_signal
from evidock.witness.folder import WitnessFolder
from evidock.witness.memory import Seen
from evidock.witness.server import serving
from evidock.witness.witness import OK, Witness, is_ahead

PORT = 7450


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("witness", help="be a witness of logs (docs/witnesses.md)")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    init = _verb(verbs, "init", "make a witness and print its key")
    init.add_argument("--name", required=True, help="such as court.example/witness")
    init.add_argument("--ml-dsa", action="store_true", help="an ML-DSA-44 key, not an Ed25519 one")
    init.set_defaults(run=made)
    trust = _verb(verbs, "trust", "know a log from now on")
    trust.add_argument("key", metavar="VKEY", help="the log's key, name+hash+base64")
    trust.set_defaults(run=trusted)
    serve = _verb(verbs, "serve", "answer over HTTP until SIGTERM")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=PORT, help=f"0: a free one (default: {PORT})")
    serve.set_defaults(run=served)
    sign = _verb(verbs, "sign", "answer one request that was carried here")
    sign.add_argument("request", type=Path, metavar="REQUEST", help="its file, or - for stdin")
    sign.add_argument("--out", type=Path, metavar="FILE", help="a file; .svg, .png: a QR code")
    sign.add_argument("--qr", action="store_true", help="a QR code in the terminal")
    sign.set_defaults(run=signed)
    show = _verb(verbs, "show", "print its key, what it saw and what it kept")
    add_json(show)
    show.set_defaults(run=shown)


def _verb(verbs: Commands, name: str, help_: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=help_)
    parser.add_argument(
        "--dir", type=folder, required=True, metavar="DIR", help="folder of the witness"
    )
    return parser


def made(chosen: argparse.Namespace) -> int:
    """Make a witness; prints its key; 0."""
    kind = Kind.ML_DSA_44 if chosen.ml_dsa else Kind.ED25519
    print(WitnessFolder(chosen.dir).make(chosen.name, kind))
    return 0


def trusted(chosen: argparse.Namespace) -> int:
    """Know the log; 0."""
    try:
        key = VerifierKey.parse(chosen.key)
    except ValueError as error:
        raise SetupError(f"that is no key of a log: {error}") from error
    where = WitnessFolder(chosen.dir)
    with where.locked():
        new = where.trust(key)
    print(f"{'now knows' if new else 'knew already'} a key of {key.name}", file=sys.stderr)
    return 0


def served(chosen: argparse.Namespace) -> int:
    """Answer until SIGTERM or SIGINT; the first line of stdout is JSON; 0."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    where = WitnessFolder(chosen.dir)
    with where.locked():
        witness = Witness.open(where, SystemClock())
        return uvloop.run(_serve(witness, chosen.host, chosen.port))


async def _serve(witness: Witness, host: str, port: int) -> int:
    async with stop_signal() as stopped, serving(witness, host, port) as url:
        ready = {"ready": True, "url": url, "key": str(witness.signer.key), "pid": os.getpid()}
        print(json.dumps(ready), flush=True)
        await stopped.wait()
    return 0


def signed(chosen: argparse.Namespace) -> int:
    """Answer the request with the cosigned checkpoint; 0, or LogBroken if it is refused."""
    body = carried.read(chosen.request)
    where = WitnessFolder(chosen.dir)
    with where.locked():
        answer = Witness.open(where, SystemClock()).answer(body)
    if answer.status != OK or answer.note is None:
        said = answer.body.decode().strip()
        raise LogBroken(
            f"not cosigned ({answer.status}): {said}",
            advice="With 409 the number is the size that was seen last; the agency asks anew from"
            " there (--since). With 422, or 409 at that very size, the log may have two histories:"
            " what was kept is listed by `evidock witness show`.",
        )
    if chosen.qr:
        carried.show(answer.note)
    if chosen.out is not None or not chosen.qr:
        carried.write(answer.note, chosen.out)
    return 0


def shown(chosen: argparse.Namespace) -> int:
    """Print what the witness saw; 0."""
    where = WitnessFolder(chosen.dir)
    key = where.key()
    logs = [
        _log_shown(origin, where.memory.last(origin, key))
        for origin in dict.fromkeys(each.name for each in where.known())
    ]
    kept = [
        {"kind": each.kind, "origin": each.origin, "file": str(each.file)}
        for each in where.misconduct.all()
    ]
    if chosen.json:
        print(json.dumps({"key": str(key), "logs": logs, "kept": kept}))
        return 0
    print(key)
    for log in logs:
        seen_ = "nothing yet" if log["at"] is None else f"{log['size']} entries at {log['at']}"
        ahead = ", ahead of the clock here: it cosigns nothing before then" if log["ahead"] else ""
        print(f"{log['origin']}: {seen_}{ahead}")
    for each in kept:
        print(f"kept: {each['kind']} of {each['origin']}: {each['file']}")
    return 0


def _log_shown(origin: str, seen: Seen | None) -> dict[str, object]:
    if seen is None:
        return {"origin": origin, "size": None, "at": None, "ahead": False}
    ahead = is_ahead(seen, SystemClock().now())
    return {"origin": origin, "size": seen.checkpoint.size, "at": stamp(seen.at), "ahead": ahead}
