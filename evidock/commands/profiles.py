"""``evidock profiles``: what is known of cameras, and whether a profile of one's own is right."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from evidence.clock import stamp
from evidence.errors import EvidenceError, SetupError
from evidence.names import shown
from evidence.settings import StationSettings
from evidock.commands import profile_signing
from evidock.commands.arguments import Commands, add_json, folder
from evidock.home import Home
from evidock.tables import table
from ingest.source import Listed, Sort
from station.accompanying import accompanied
from station.approval import ALL, Approved, approvals
from station.card import FolderCard
from station.claims import Claims, read_card
from station.joining import recordings
from station.numbering import missing
from station.profile import Profile, best, fallback, load_profiles, read_profile
from station.profile.segments import Segments

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
    profile_signing.add_to(chosen)
    listing.add_argument("--home", type=folder, metavar="DIR", help="those that this home uses")
    listing.add_argument(
        "--trust", action="append", default=[], metavar="KEY", help="see whether KEY signed them"
    )
    for each, run in ((listing, _list), (checking, _check), (trying, _try)):
        add_json(each)
        each.set_defaults(run=run)
    for each in (listing, trying):
        each.add_argument(
            "--profiles", type=folder, metavar="DIR", help="a folder of profiles of your own"
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
    with closing(FolderCard(chosen.card)) as card:
        listing = card.listing()
        reader = read_card(
            card,
            listing,
            chosen.card.resolve().name.encode("utf-8", "surrogateescape"),
            profile=profile,
            fallback=fallback(profiles),
            offset=timedelta(minutes=StationSettings().camera_utc_offset_minutes),
        )
        beside = accompanied(reader, listing)
    files = [
        _tried(each, profile, reader.claims(each))
        | {"accompanies": shown(beside[each.path]) if each.path in beside else None}
        for each in listing
    ]
    paths = [each.path for each in listing if each.sort is Sort.FILE]
    told: dict[str, object] = {
        "profile": profile.id,
        "chosen_by_station": best([*profiles, profile], listing).id,
        "files": files,
        "missing": missing(paths, []),
        "recordings": _joined(paths, profile.segments),
    }
    print(json.dumps(told) if chosen.json else _in_words(told, files))
    return 0


def _joined(paths: Sequence[bytes], segments: Segments | None) -> list[dict[str, object]]:
    """The recordings that stand in several files, or of which a part lacks."""
    found = () if segments is None else recordings(paths, segments)
    return [
        {"parts": [shown(part) for part in each.parts], "lacks": list(each.lacks)}
        for each in found
        if len(each.parts) > 1 or each.lacks
    ]


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


def _tried(listed: Listed, profile: Profile, claims: Claims) -> dict[str, object]:
    left_out = (
        listed.sort is Sort.FILE
        and profile.scope is not None
        and not profile.scope.holds(listed.path)
    )
    return {
        "path": shown(listed.path),
        "taken": listed.sort is Sort.FILE and not left_out,
        "why_not": "out of scope" if left_out else None,
        "camera": claims.camera,
        "camera_told": claims.camera_told.value,
        "officer": claims.officer,
        "officer_told": None if claims.officer_told is None else claims.officer_told.value,
        "started": None if claims.started is None else stamp(claims.started),
        "important": claims.important,
    }


def _in_words(told: dict[str, object], files: list[dict[str, object]]) -> str:
    rows = [
        [
            str(each["path"]),
            "yes" if each["taken"] else str(each["why_not"] or "no file"),
            f"{each['camera']} ({each['camera_told']})",
            f"{each['officer']} ({each['officer_told']})" if each["officer"] else "",
            str(each["started"] or ""),
            "yes" if each["important"] else "",
            str(each["accompanies"] or ""),
        ]
        for each in files
    ]
    lines = [
        table(["file", "taken", "camera", "officer", "started", "important", "accompanies"], rows),
        "",
        (
            f"{len(files)} files by profile {told['profile']};"
            f" the station would choose {told['chosen_by_station']} for this card"
            f"; numbers that lack: {', '.join(map(str, told['missing'])) or 'none'}"  # type: ignore[call-overload]
        ),
    ]
    for recording in told["recordings"]:  # type: ignore[attr-defined]
        lines.append("one recording: " + ", ".join(recording["parts"]))
        lines.extend(f"  lacks {each}" for each in recording["lacks"])
    return "\n".join(lines)
