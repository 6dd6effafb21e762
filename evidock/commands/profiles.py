"""``evidock profiles``: what is known of cameras, and whether a profile of one's own is right."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from evidence.errors import EvidenceError, SetupError
from evidence.settings import StationSettings
from evidock.card_trial import Trial, in_words
from evidock.commands import profile_signing
from evidock.commands.arguments import Commands, add_json, folder
from evidock.home import Home
from evidock.profile_rehearsal import INDEPENDENT, rehearse
from evidock.tables import table
from station.approval import ALL, Approved, approvals
from station.card import FolderCard
from station.profile import Profile, load_profiles, read_profile

_WRONG = 1
_UNSIGNED: Mapping[object, str] = {True: "shipped, unsigned", False: "unsigned"}


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("profiles", help="list, check and try camera profiles")
    chosen = parser.add_subparsers(dest="what", required=True)
    listing = chosen.add_parser("list", help="the profiles, and what each was held against")
    checking = chosen.add_parser("check", help="tell the mistakes in profiles of your own")
    checking.add_argument("paths", nargs="+", type=folder, metavar="FILE-OR-FOLDER")
    trying = chosen.add_parser("try", help="what a profile makes of the files of a card")
    trying.add_argument("profile", metavar="PROFILE", help="an id, or a file")
    trying.add_argument("card", type=folder, metavar="FOLDER", help="a card, or a copy; only read")
    simulating = chosen.add_parser("simulate", help="rehearse a profile with a simulated camera")
    simulating.add_argument("profile", metavar="PROFILE", help="an id, or a file")
    _add_simulation(simulating)
    profile_signing.add_to(chosen)
    listing.add_argument("--home", type=folder, metavar="DIR", help="those that this home uses")
    listing.add_argument(
        "--trust", action="append", default=[], metavar="KEY", help="see whether KEY signed them"
    )
    for each, run in (
        (listing, _list),
        (checking, _check),
        (trying, _try),
        (simulating, _simulate),
    ):
        add_json(each)
        each.set_defaults(run=run)
    for each in (listing, trying, simulating):
        each.add_argument(
            "--profiles", type=folder, metavar="DIR", help="a folder of profiles of your own"
        )


def _add_simulation(parser: argparse.ArgumentParser) -> None:
    """What the rehearsal is told beside its profile."""
    parser.add_argument(
        "--card", type=folder, metavar="FOLDER", help="what is on its card; made an exFAT image"
    )
    parser.add_argument(
        "--passwords",
        default="",
        metavar="FILE",
        help='what cameras are logged in to with, as [station] camera_passwords: profile = "word"',
    )
    parser.add_argument(
        "--camera",
        choices=sorted(INDEPENDENT),
        help="ask this camera instead, which was written from public sources and not from profiles",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show the bytes that were said and answered"
    )


def _list(chosen: argparse.Namespace) -> int:
    """Print the profiles; 0."""
    known = approvals(_wanted(chosen))
    found = [_told(each.profile) | _signature(each) for each in known.used]
    for reason in known.left_out:
        print(f"evidock: {reason}", file=sys.stderr)
    if known.not_listed:
        print(f"evidock: not used: {', '.join(known.not_listed)}", file=sys.stderr)
    if chosen.json:
        print(json.dumps(found))
    else:
        columns = ["profile", "verified", "signature", "title", "on the bus", "asked for"]
        print(table(columns, _rows(found)))
    return 0


def _wanted(chosen: argparse.Namespace) -> StationSettings:
    """The settings of the home, or those that the arguments stand for."""
    if chosen.home is not None:
        return Home(chosen.home).existing().settings().station
    return StationSettings(
        profiles="" if chosen.profiles is None else str(chosen.profiles),
        profile_keys=tuple(chosen.trust),
        shipped_profiles=(ALL,),
    )


def _signature(each: Approved) -> dict[str, object]:
    return {"shipped": each.shipped, "signed_by": each.signed_by}


def _rows(found: list[dict[str, object]]) -> list[list[str]]:
    return [
        [
            str(each["id"]),
            str(each["verified"]),
            f"signed by {each['signed_by']}" if each["signed_by"] else _UNSIGNED[each["shipped"]],
            str(each["title"]),
            ", ".join(map(str, each["usb"])),  # type: ignore[call-overload]
            ", ".join(map(str, each["verbs"])),  # type: ignore[call-overload]
        ]
        for each in found
    ]


def _told(profile: Profile) -> dict[str, object]:
    identities = {
        f"{_number(each.vendor)}:{_number(each.product)} {each.mode}" for each in profile.usb
    }
    return {
        "id": profile.id,
        "title": profile.title,
        "verified": profile.verified.value,
        "usb": sorted(identities),
        "verbs": [each.value for each in profile.verbs],
        "scope": profile.scope is not None,
        "sources": profile.sources,
    }


def _number(number: int | None) -> str:
    return "*" if number is None else f"{number:04x}"


def _check(chosen: argparse.Namespace) -> int:
    """Tell what is wrong with each profile; 0 if nothing is."""
    results = [(str(file), _mistake(file)) for file in _files(chosen.paths)]
    if chosen.json:
        print(json.dumps([{"file": file, "problem": problem} for file, problem in results]))
    else:
        print("\n".join(problem or f"{file}: right" for file, problem in results))
    return _WRONG if any(problem for _file, problem in results) else 0


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        found = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not found:
            raise SetupError(f"{path} holds no profile: none of its files ends in .toml")
        yield from found


def _mistake(file: Path) -> str | None:
    try:
        read_profile(file)
    except EvidenceError as error:
        return str(error)
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}"
    return None


def _try(chosen: argparse.Namespace) -> int:
    """Print what the station would find on a card; 0."""
    profiles = load_profiles(chosen.profiles)
    profile = _named(chosen.profile, profiles)
    name = chosen.card.resolve().name.encode("utf-8", "surrogateescape")
    with closing(FolderCard(chosen.card)) as card:
        told = Trial(profile=profile, profiles=profiles, name=name).of(card, card.listing())
    print(json.dumps(told) if chosen.json else in_words(told))
    return 0


def _simulate(chosen: argparse.Namespace) -> int:
    """Print how a camera made of the profile gets on with the station."""
    profiles = load_profiles(chosen.profiles)
    profile = _named(chosen.profile, profiles)
    others = [each for each in profiles if each.id != profile.id]
    return rehearse(chosen, profile, [*others, profile])


def _named(wanted: str, profiles: tuple[Profile, ...]) -> Profile:
    """The profile of this id, or in this file; SetupError if there is none."""
    if wanted.endswith(".toml"):
        return read_profile(Path(wanted))
    for profile in profiles:
        if profile.id == wanted:
            return profile
    raise SetupError(
        f"there is no profile {wanted!r}",
        advice="`evidock profiles list` shows those there are; a file of yours ends in .toml.",
    )
