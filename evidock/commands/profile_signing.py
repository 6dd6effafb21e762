"""``evidock profiles keygen`` and ``sign``: a force signs what its stations may use for cameras.

One rule: a profile with a mistake is not signed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from evidence import durable
from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.key_file import load_or_make
from evidence.note import FileSigner, VerifierKey
from evidock.commands.arguments import Commands, folder
from station.profile import parse_profile
from station.signed import ANY, SUFFIX, Kind, Statement, sign

_PUBLIC = ".pub"


def add_to(chosen: Commands) -> None:
    """Declare the two below ``evidock profiles``."""
    keygen = chosen.add_parser("keygen", help="make a key that signs profiles, settings, firmware")
    keygen.add_argument("key", type=folder, metavar="KEY", help="the new file; keep it offline")
    keygen.add_argument(
        "--name", required=True, help="what it signs as, such as police.example/profiles"
    )
    keygen.set_defaults(run=_keygen)
    signing = chosen.add_parser("sign", help="sign profiles, or what is staged for cameras")
    signing.add_argument("files", nargs="+", type=folder, metavar="FILE")
    signing.add_argument("--key", required=True, type=folder, metavar="KEY")
    signing.add_argument(
        "--as",
        dest="kind",
        type=Kind,
        choices=list(Kind),
        default=Kind.PROFILE,
        help="what FILE is (default: a profile)",
    )
    signing.add_argument("--profile", default="", help="whose cameras it is for, by profile id")
    signing.add_argument("--from", dest="before", default=ANY, help="the firmware that must run")
    signing.add_argument("--to", dest="after", default="", help="the firmware it makes")
    signing.set_defaults(run=_sign)


def _keygen(chosen: argparse.Namespace) -> int:
    """Make the key, and print its public half; 0."""
    key: Path = chosen.key
    public = key.with_name(key.name + _PUBLIC)
    if key.exists() or public.exists():
        raise SetupError(
            f"{key} or {public.name} is there already, and no key is ever written over",
            advice="Name another file; `cat KEY.pub` shows the public half of a key.",
        )
    try:
        VerifierKey(name=chosen.name, public=bytes(32))
    except ValueError as error:
        raise SetupError(f"--name: {error}") from error
    signer = FileSigner(chosen.name, load_or_make(key))
    durable.create(public, f"{signer.key}\n".encode())
    print(signer.key)
    return 0


def _sign(chosen: argparse.Namespace) -> int:
    """Write a signature beside each file; 0."""
    signer = _signer(chosen.key)
    makes = _said_of_profile if chosen.kind is Kind.PROFILE else _said_of_staged
    notes = [(file, _note(makes, chosen, file, signer)) for file in chosen.files]
    for file, note in notes:
        beside = file.with_name(file.name + SUFFIX)
        durable.replace(beside, note)
        print(beside)
    return 0


def _note(
    makes: Callable[[argparse.Namespace, Path, bytes], Statement],
    chosen: argparse.Namespace,
    file: Path,
    signer: FileSigner,
) -> bytes:
    try:
        return sign(makes(chosen, file, file.read_bytes()), signer)
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SetupError(f"{file} cannot be signed: {error}") from error


def _said_of_profile(_chosen: argparse.Namespace, file: Path, data: bytes) -> Statement:
    parse_profile(data, str(file))
    return Statement(kind=Kind.PROFILE, name=file.name, sha256=Sha256.of(data))


def _said_of_staged(chosen: argparse.Namespace, file: Path, data: bytes) -> Statement:
    if not chosen.profile:
        raise SetupError(f"--as {chosen.kind} needs --profile: whose cameras take {file.name}?")
    if chosen.kind is Kind.FIRMWARE and not chosen.after:
        raise SetupError(f"--as firmware needs --to: what do cameras run with {file.name}?")
    return Statement(
        kind=chosen.kind,
        name=file.name,
        sha256=Sha256.of(data),
        profile=chosen.profile,
        before=chosen.before,
        after=chosen.after or chosen.before,
    )


def _signer(key: Path) -> FileSigner:
    """The key in the file *key*, with the name that stands beside it."""
    public = key.with_name(key.name + _PUBLIC)
    try:
        known = VerifierKey.parse(public.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise SetupError(
            f"{public}, which says what {key.name} signs as, cannot be read: {error}",
            advice="`evidock profiles keygen` writes the two; keep them together.",
        ) from error
    if not key.exists():
        raise SetupError(f"there is no key {key}")
    signer = FileSigner(known.name, load_or_make(key))
    if signer.key != known:
        raise SetupError(f"{public} is the public half of another key than {key}")
    return signer
