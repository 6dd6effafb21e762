"""``evidock doctor``: what this machine has, and what is missing for a station or an archive."""

from __future__ import annotations

import argparse
import json
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from archive.log.witnesses import problems_in
from evidence.clock import SystemClock
from evidence.digests import by_hashlib, sm3_maker
from evidence.errors import EvidenceError, HomeBusy, SetupError
from evidence.law import shelf
from evidence.note import VerifierKey
from evidence.vault.embedded.engine import find_program
from evidock.commands.arguments import Commands, add_json, folder
from evidock.databases import NAMES, stand
from evidock.encrypting import ENCRYPTION, in_lines
from evidock.fixity_operations import STATUS
from evidock.home import Home
from evidock.lease_health import lease_health
from evidock.notices import Notices
from evidock.resting import ask_if_running
from evidock.tables import shown_bytes
from evidock.vaults import external_settings, must_be_another, same_store
from ingest.rendition.cage import NoCage
from ingest.rendition.tools import Tools
from station.postage import Postage
from station.usb.fitness import Machine, look

_LITTLE_ROOM = 20 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: *ok* or not, and what it means."""

    name: str
    ok: bool
    detail: str


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help="look at this machine and say what is missing")
    parser.add_argument(
        "--home", type=folder, default=Path(), metavar="DIR", help="disk to look at"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the findings; 0 if all are well, 40 if something is missing."""
    findings = list(examine(chosen.home))
    if chosen.json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            print(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.name}: {finding.detail}")
    return 0 if all(finding.ok for finding in findings) else SetupError.exit_code


def examine(folder: Path) -> Iterator[Finding]:
    """Look at everything the product needs of a machine."""
    yield _system()
    yield _found("object store", lambda: str(find_program()))
    yield _found("ffmpeg", lambda: Tools.find().describe())
    yield _cage()
    yield Finding(
        name="setpriv",
        ok=shutil.which("setpriv") is not None,
        detail="ends our child processes when we are killed (Debian package util-linux)",
    )
    home = Home(folder)
    yield _sm3(home)
    if not home.is_new:
        yield from _databases(home)
        yield _second_vault(home)
        yield _encryption(home)
        yield _witnesses(home)
        yield _mail(home)
        yield _notices(home)
        yield from _retention(home)
    yield from _cameras(home)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    yield Finding(
        name="disk",
        ok=free > _LITTLE_ROOM,
        detail=f"{shown_bytes(free)} free under {folder.resolve()}",
    )


def _witnesses(home: Home) -> Finding:
    """Who else sees how the home's log grows, and what is wrong with that."""
    name = "witnesses"
    try:
        settings = home.settings().witnesses
        if not settings.policy:
            advice = "nobody outside sees how the log grows (docs/witnesses.md)"
            return Finding(name=name, ok=True, detail=f"none: {advice}")
        key = VerifierKey.parse((home.public / "log.vkey").read_text(encoding="utf-8").strip())
        problems = problems_in(home.archive, settings, key, SystemClock())
    except EvidenceError as error:
        return Finding(name=name, ok=False, detail=f"{error} {error.advice}")
    except (OSError, ValueError) as error:
        return Finding(name=name, ok=True, detail=f"the home has not run yet ({error})")
    return Finding(name=name, ok=not problems, detail="; ".join(problems) or "they cosign the log")


def _retention(home: Home) -> Iterator[Finding]:
    """By what rules the home keeps footage, and whether its locks are renewed."""
    try:
        book = shelf.rulebook(home.settings().archive)
    except SetupError as error:
        yield Finding(name="law", ok=False, detail=f"{error} {error.advice}")
        return
    packs = ", ".join(each.reference for each in (book.law, *book.rule_sets))
    yield Finding(name="law", ok=True, detail=f"{packs}: {book.law.title}")
    try:
        found = lease_health(home, SystemClock().now())
    except EvidenceError as error:
        yield Finding(name="leases", ok=False, detail=f"{error} {error.advice}")
    except (OSError, ValueError) as error:
        yield Finding(name="leases", ok=True, detail=f"the home has not run yet ({error})")
    else:
        yield Finding(name="leases", ok=found.ok, detail=found.detail)


def _second_vault(home: Home) -> Finding:
    """Whether copies lie in another failure domain, and how far they are; it is not spoken to."""
    name = "second vault"
    try:
        settings = home.settings()
        if settings.second_vault.kind == "none":
            advice = "each original lies in one vault only (docs/second-vault.md)"
            return Finding(name=name, ok=True, detail=f"none: {advice}")
        second = external_settings(settings.second_vault, "second_vault")
        if settings.vault.kind == "s3":
            first = external_settings(settings.vault)
            must_be_another(second, first)
            if same_store(first.endpoint, second.endpoint):
                detail = f"{second.endpoint} is the first one's store: what takes one takes both"
                return Finding(name=name, ok=False, detail=detail)
        told = ask_if_running(home, STATUS)
    except EvidenceError as error:
        return Finding(name=name, ok=False, detail=f"{error} {error.advice}")
    if told is None:
        return Finding(name=name, ok=True, detail=f"{second.endpoint}; the home does not run")
    words, problems = (msgspec.convert(told[each], list[str]) for each in ("words", "problems"))
    return Finding(name=name, ok=not problems, detail="; ".join(problems or words))


def _encryption(home: Home) -> Finding:
    """How the vaults are encrypted at rest, and whether that is what was decided."""
    name = "encryption at rest"
    try:
        settings = home.settings()
        words = "; ".join(in_lines(home, settings))
        on_record = ask_if_running(home, ENCRYPTION)
    except EvidenceError as error:
        return Finding(name=name, ok=False, detail=f"{error} {error.advice}")
    if on_record is None:
        return Finding(name=name, ok=True, detail=words)
    record = ", ".join(f"{which} {each}" for which, each in sorted(on_record.items()))
    return Finding(name=name, ok=True, detail=f"{words}; on record: {record or 'nothing yet'}")


def _sm3(home: Home) -> Finding:
    """Whether this machine can take SM3, and whether the home's station or archive is to."""
    maker = sm3_maker()
    try:
        settings = home.settings()
        is_wanted = settings.station.also_sm3 or settings.archive.also_sm3
    except SetupError:  # which is told of with the cameras
        is_wanted = False
    wanted = (
        "taken beside SHA-256" if is_wanted else "not taken (also_sm3 of [station] and [archive])"
    )
    if maker is None:
        lack = "no library here has it: entries and packages that hold one cannot be compared"
        return Finding(name="SM3", ok=not is_wanted, detail=f"{wanted}; {lack}")
    by = "Python's OpenSSL" if maker is by_hashlib else "the cryptography package"
    return Finding(name="SM3", ok=True, detail=f"{wanted}; {by} has it")


def _mail(home: Home) -> Finding:
    """Whether the settings are such that receipts can be mailed; the server is not spoken to."""
    name = "mail"
    try:
        settings = home.settings().mail
        postage = Postage.of(settings, home.settings().notices.to)
    except SetupError as error:
        return Finding(name=name, ok=False, detail=f"{error} {error.advice}")
    if postage is None:
        return Finding(name=name, ok=True, detail="none: receipts are mailed to nobody")
    server = f"{settings.host}:{settings.port} ({settings.tls})"
    boxes = ", ".join(settings.to)
    return Finding(name=name, ok=True, detail=f"{server}, not spoken to now; to {boxes}")


def _notices(home: Home) -> Finding:
    """Whether people can be told that clips' time ends, as the settings say; nobody is told now."""
    name = "notices"
    try:
        told = Notices.of(home.settings(), SystemClock())
    except SetupError as error:
        return Finding(name=name, ok=False, detail=f"{error} {error.advice}")
    ways = [f"mail to {', '.join(told.boxes)}"] if told.boxes else []
    ways += [f"webhook {told.webhook.where}"] if told.webhook is not None else []
    if not ways:
        advice = "who wants to know looks at the queue (docs/disposal.md)"
        return Finding(name=name, ok=True, detail=f"none are sent: {advice}")
    return Finding(name=name, ok=True, detail=f"{'; '.join(ways)}, not spoken to now")


def _cameras(home: Home) -> Iterator[Finding]:
    """What cameras at USB ports need, if the home takes them in."""
    try:
        settings = home.settings().station
    except SetupError as error:
        yield Finding(name="settings", ok=False, detail=f"{error} ({error.advice})")
        return
    for answer in look(settings, Machine()):
        yield Finding(name=answer.name, ok=answer.ok, detail=answer.detail)


def _cage() -> Finding:
    try:
        cage = Tools.find().cage
    except SetupError as error:
        return Finding(name="media cage", ok=False, detail=f"not tried: {error}")
    if isinstance(cage, NoCage):
        detail = f'{cage.reason}; media is opened without it unless [media] cage = "required"'
        return Finding(name="media cage", ok=False, detail=f"{detail} (docs/media-cage.md)")
    user = "a user of its own" if cage.is_root else "this user, with no right"
    advice = "" if cage.program else "; as root: apt-get install libseccomp2"
    detail = f"{cage.words}: it holds, as {user}{advice}"
    return Finding(name="media cage", ok=cage.program is not None, detail=detail)


def _databases(home: Home) -> Iterator[Finding]:
    """How the home's databases stand; one of SQLite is not opened while somebody else has it."""
    try:
        with home.locked():
            for name in NAMES:
                yield _database(home, name)
    except HomeBusy as error:
        yield Finding(name="databases", ok=True, detail=f"not looked at: {error}")


def _database(home: Home, name: str) -> Finding:
    try:
        one = stand(home, name)
    except EvidenceError as error:
        return Finding(name=name, ok=False, detail=f"{error} {error.advice}")
    alone = one.may_change and one.kept_by.startswith("PostgreSQL")
    warning = "; its role owns the tables, docs/database.md says how to use two" if alone else ""
    return Finding(
        name=name,
        ok=one.usable,
        detail=f"{one.kept_by or 'not made yet'}; revision {one.revision} of {one.head}{warning}",
    )


def _system() -> Finding:
    return Finding(
        name="system",
        ok=platform.system() == "Linux",
        detail=f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
    )


def _found(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name=name, ok=True, detail=look())
    except SetupError as error:
        return Finding(name=name, ok=False, detail=f"{error} {error.advice}")
