"""What a device says it is: its descriptors, as the kernel keeps them in ``/sys``.

Source: Universal Serial Bus Specification, revision 2.0, section 9.6.  They are a stranger's claim:
one that contradicts itself is refused, never repaired.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_DEVICE, _CONFIGURATION, _INTERFACE = 1, 2, 4
_DEVICE_LENGTH, _CONFIGURATION_LENGTH, _INTERFACE_LENGTH = 18, 9, 9
MOST = 64 * 1024
"""Bytes of all descriptors that are read: a configuration has 65,535 at most, and few devices have
more than one."""


class DescriptorsBroken(ValueError):
    """The descriptors contradict themselves; the text says where."""


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """Class, subclass and protocol of an interface."""

    major: int
    minor: int
    protocol: int

    def __str__(self) -> str:
        return f"{self.major:02x}:{self.minor:02x}:{self.protocol:02x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptors:
    """One device."""

    vendor: int
    product: int
    release: int
    """The device's own version (bcdDevice)."""
    kind: Kind
    """Of the device itself; 0 where its interfaces say it."""
    interfaces: frozenset[Kind]
    """Of all interfaces, whatever configuration and alternate setting they are of."""

    @classmethod
    def of(cls, raw: bytes) -> Descriptors:
        """Read the file ``descriptors`` of a device in ``/sys``; DescriptorsBroken if it is false.

        The device's descriptor, then each configuration with all that belongs to it.
        """
        if len(raw) > MOST:
            raise DescriptorsBroken(f"more than {MOST:,} bytes of descriptors")
        if len(raw) < _DEVICE_LENGTH or raw[:2] != bytes([_DEVICE_LENGTH, _DEVICE]):
            raise DescriptorsBroken("there is no device descriptor")
        major, minor, protocol = raw[4:7]
        vendor, product, release = struct.unpack_from("<HHH", raw, 8)
        interfaces = frozenset(_interfaces(raw[_DEVICE_LENGTH:], raw[17]))
        if not interfaces:
            raise DescriptorsBroken("it has no interface")
        return cls(
            vendor=vendor,
            product=product,
            release=release,
            kind=Kind(major, minor, protocol),
            interfaces=interfaces,
        )

    @property
    def name(self) -> str:
        """``vendor:product``, as ``lsusb`` writes it."""
        return f"{self.vendor:04x}:{self.product:04x}"


def _interfaces(raw: bytes, configurations: int) -> Iterator[Kind]:
    """The kinds of all interfaces in *configurations* of them, each as long as it says."""
    at = 0
    for number in range(1, configurations + 1):
        head = raw[at : at + _CONFIGURATION_LENGTH]
        if len(head) < _CONFIGURATION_LENGTH or head[1] != _CONFIGURATION:
            raise DescriptorsBroken(f"configuration {number} is missing")
        (length,) = struct.unpack_from("<H", head, 2)
        if not _CONFIGURATION_LENGTH <= length <= len(raw) - at:
            raise DescriptorsBroken(f"configuration {number} is not as long as it says")
        yield from _within(raw[at : at + length], number)
        at += length
    if at != len(raw):
        raise DescriptorsBroken("something follows the last configuration")


def _within(configuration: bytes, number: int) -> Iterator[Kind]:
    at, numbers = 0, set[int]()
    while at < len(configuration):
        length = configuration[at]
        if length < 2 or at + length > len(configuration):  # noqa: PLR2004  length and type
            raise DescriptorsBroken(f"a descriptor of configuration {number} has a false length")
        if configuration[at + 1] == _INTERFACE:
            if length < _INTERFACE_LENGTH:
                raise DescriptorsBroken(f"an interface of configuration {number} is too short")
            numbers.add(configuration[at + 2])
            yield Kind(*configuration[at + 5 : at + 8])
        at += length
    if len(numbers) != configuration[4]:
        raise DescriptorsBroken(
            f"configuration {number} claims {configuration[4]} interfaces and shows {len(numbers)}"
        )
