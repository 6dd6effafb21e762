"""Which camera profiles a station uses: all there are, or those that a key of the settings signed.

One rule: with ``[station] profile_keys`` no byte of a profile is understood before its signature
was.  One that nobody signed is left out and told, and stops no station: its cameras are then taken
by another profile that fits them, or stay switched off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from evidence.errors import LogBroken, SetupError
from evidence.note import VerifierKey
from evidence.settings import StationSettings
from station.profile import (
    ENDING,
    FALLBACK,
    Profile,
    own_files,
    parse_profile,
    read_profile,
    shipped_files,
)
from station.signed import SUFFIX, Kind, keys_of, opened, see_same

ALL = "*"
UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A profile that is used, and on whose word."""

    profile: Profile
    shipped: bool
    """It came with the product, and is covered by whatever covers that."""
    signed_by: str | None = None
    """Names of the keys; None: of nobody whose signature was checked."""

    @property
    def words(self) -> str:
        """The same for people."""
        return UNSIGNED if self.signed_by is None else f"signed by {self.signed_by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """All profiles of a station."""

    used: tuple[Approved, ...]
    left_out: tuple[str, ...] = ()
    """Files of one's own that are not used, each with the reason."""
    not_listed: tuple[str, ...] = ()
    """Ids of shipped profiles that nobody signed or listed."""

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return tuple(each.profile for each in self.used)

    def signature(self, profile: str) -> str | None:
        """Whose signature of the profile of this id was checked, ``""`` if nobody's.

        None if it is none of these.
        """
        found = (each for each in self.used if each.profile.id == profile)
        return next((each.signed_by or "" for each in found), None)


def approvals(settings: StationSettings) -> Approvals:
    """The profiles that a station with these *settings* uses.

    SetupError naming file and key for a mistake in one of them, in a key or in the folder.
    """
    keys = keys_of(settings.profile_keys)
    listed = frozenset(settings.shipped_profiles)
    used: dict[str, Approved] = {}
    not_listed, left_out = [], []
    for file in shipped_files():
        profile = read_profile(file)
        takes_less = profile.id == FALLBACK or profile.scope is not None
        if keys and not listed & {ALL, profile.id} and not takes_less:
            not_listed.append(profile.id)
        else:
            used[profile.id] = Approved(profile=profile, shipped=True)
    _see_known(listed, used)
    for file in own_files(Path(settings.profiles) if settings.profiles else None):
        try:
            own = _own(file, keys)
        except _NotSigned as reason:
            left_out.append(f"{file} is not used: {reason}; {_ITS_CAMERAS}")
        else:
            used[own.profile.id] = own
    replaced = [each for each in not_listed if each not in used]
    return Approvals(
        used=tuple(used.values()), left_out=tuple(left_out), not_listed=tuple(replaced)
    )


_ITS_CAMERAS = (
    "its cameras go by another profile that fits them, or stay switched off"
    " (sign it: evidock profiles sign)"
)


class _NotSigned(Exception):
    """Why a profile is left out."""


def _own(file: Traversable, keys: Sequence[VerifierKey]) -> Approved:
    try:
        data = file.read_bytes()
    except OSError as error:
        problem = f"{file} cannot be read: {error.strerror}"
        if keys:
            raise _NotSigned(problem) from error
        raise SetupError(f"[station] profiles: {problem}") from error
    by = _signer(file, data, keys) if keys else None
    return Approved(profile=parse_profile(data, str(file)), shipped=False, signed_by=by)


def _signer(file: Traversable, data: bytes, keys: Sequence[VerifierKey]) -> str:
    """Who of *keys* signed *data*, which was read from *file*."""
    names = ", ".join(key.name for key in keys)
    try:
        note = Path(f"{file}{SUFFIX}").read_bytes()
    except FileNotFoundError:
        raise _NotSigned(
            f"{file.name}{SUFFIX} is not beside it, and [station] profile_keys wants a signature"
            f" of {names}"
        ) from None
    except OSError as error:
        raise _NotSigned(f"{file.name}{SUFFIX} cannot be read: {error.strerror}") from error
    try:
        signed = opened(note, keys)
        see_same(signed.said, Kind.PROFILE, data, file.name)
    except (LogBroken, ValueError) as error:
        raise _NotSigned(f"{file.name}{SUFFIX}: {error}") from error
    return signed.by


def _see_known(listed: frozenset[str], used: dict[str, Approved]) -> None:
    """SetupError if a name in *listed* is that of no shipped profile."""
    if unknown := sorted(listed - used.keys() - {ALL}):
        shipped = {file.name.removesuffix(ENDING) for file in shipped_files()}
        raise SetupError(
            f"[station] shipped_profiles names {', '.join(unknown)}, and none such is shipped",
            advice=f"Shipped are: {', '.join(sorted(shipped))}.",
        )
