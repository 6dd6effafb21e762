"""The gate: whether a device on the bus may be used at all.

A keyboard that calls itself a camera types; a network card answers for the archive.  So every
device stays switched off (``authorized`` 0) until its descriptors have passed here, and one that
comes back as another device, as cameras do when they become a disk, passes anew.  Decisions, in
order:

1. Its descriptors are whole.
2. A hub that is nothing else passes: whatever is plugged into it stays off until it passed, too.
3. A profile names its vendor and product.
4. Every interface it has, in any configuration, is one that such a profile lists.

It does no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from station.profile import Profile
from station.profile.identity import Identity
from station.usb.descriptors import Descriptors, DescriptorsBroken, Kind

_HUB = 0x09
_CLASSES = {
    0x01: "sound",
    0x02: "modem or network",
    0x03: "keyboard or mouse",
    0x06: "still image",
    0x07: "printer",
    0x08: "storage",
    0x09: "hub",
    0x0A: "modem or network data",
    0x0B: "smart card",
    0x0D: "content security",
    0x0E: "video",
    0xDC: "diagnostic",
    0xE0: "wireless",
    0xEF: "miscellaneous",
    0xFE: "application specific",
    0xFF: "vendor's own",
}
"""USB-IF, "Defined Class Codes"."""


class Reason(StrEnum):
    """Why a device is left off."""

    BROKEN = "descriptors-broken"
    UNKNOWN = "unknown-device"
    INTERFACE = "extra-interface"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A profile that may be the device's, and the identity by which it is."""

    profile: Profile
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The device may be switched on."""

    device: Descriptors
    candidates: tuple[Candidate, ...]
    """The most particular first.  Two cameras may show the same identity: a probe tells them
    apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The device is a hub and nothing else; it may be switched on."""

    device: Descriptors


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """The device stays off."""

    reason: Reason
    words: str
    """For people here; the record gets no words of a device."""
    extra: frozenset[Kind] = frozenset()
    """Interfaces that are none of a camera's."""


def judge(raw: bytes, profiles: Sequence[Profile]) -> Admitted | Hub | Turned:
    """Whether the device with the descriptors *raw* may be used."""
    try:
        device = Descriptors.of(raw)
    except DescriptorsBroken as error:
        return Turned(reason=Reason.BROKEN, words=f"its descriptors contradict themselves: {error}")
    if {device.kind.major, *(kind.major for kind in device.interfaces)} == {_HUB}:
        return Hub(device=device)
    named = [each for each in _candidates(profiles) if each.identity.names(device)]
    if not named:
        words = f"no profile names {device.name}"
        return Turned(reason=Reason.UNKNOWN, words=words, extra=device.interfaces)
    fit = [each for each in named if not _extra(device, [each])]
    if not fit:
        extra = frozenset(_extra(device, named))
        told = ", ".join(map(_told, sorted(extra)))
        words = f"{device.name} has an interface that is none of a camera's: {told}"
        return Turned(reason=Reason.INTERFACE, words=words, extra=extra)
    ordered = sorted(fit, key=lambda each: each.identity.particular, reverse=True)
    return Admitted(device=device, candidates=tuple(ordered))


def _candidates(profiles: Iterable[Profile]) -> Iterable[Candidate]:
    for profile in profiles:
        for identity in profile.usb:
            yield Candidate(profile=profile, identity=identity)


def _extra(device: Descriptors, candidates: Sequence[Candidate]) -> set[Kind]:
    """The interfaces of *device* that none of *candidates* lists."""
    return {
        kind
        for kind in device.interfaces
        if not any(each.identity.lists(str(kind)) for each in candidates)
    }


def _told(kind: Kind) -> str:
    return f"{_CLASSES.get(kind.major, 'unknown class')} ({kind})"
