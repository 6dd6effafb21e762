"""What is said, and what is answered: numbers of PTP and MTP.

One rule: an operation that is not listed here cannot be said, and none of these changes anything on
the device.

Source: ISO 15740:2013 (PTP), "Media Transfer Protocol" 1.1 (USB-IF), and Android's
``frameworks/av/media/mtp/mtp.h`` for the last one.
"""

from __future__ import annotations

from enum import IntEnum


class Operation(IntEnum):
    """All that is ever asked of a device."""

    GET_DEVICE_INFO = 0x1001
    OPEN_SESSION = 0x1002
    CLOSE_SESSION = 0x1003
    GET_STORAGE_IDS = 0x1004
    GET_STORAGE_INFO = 0x1005
    GET_OBJECT_HANDLES = 0x1007
    GET_OBJECT_INFO = 0x1008
    GET_OBJECT = 0x1009
    GET_PARTIAL_OBJECT = 0x101B
    GET_OBJECT_PROP_VALUE = 0x9803
    GET_PARTIAL_OBJECT_64 = 0x95C1
    """Android's: an offset of 64 bits."""


class Kind(IntEnum):
    """What a container is."""

    COMMAND = 1
    DATA = 2
    RESPONSE = 3


OK = 0x2001
SESSION_OPEN = 0x201E
WORDS = {
    0x2002: "general error",
    0x2003: "no session",
    0x2005: "it does not know that",
    0x2006: "it does not know such a parameter",
    0x2007: "it did not give all",
    0x2008: "it has no such storage",
    0x2009: "it has no such object",
    0x200B: "it has no such format",
    0x200F: "access denied",
    0x2013: "its storage is not there",
    0x2019: "it is busy",
    0x201F: "it gave up",
}
"""Response codes, for people."""

FOLDER = 0x3001
"""Format of an object that holds others (association)."""
OBJECT_SIZE, PERSISTENT_ID = 0xDC04, 0xDC41
"""Properties of an object: bytes (64 bits), and an id that outlives the session (128 bits)."""
ROOT = 0xFFFFFFFF
"""As a parent: of what lies in no folder."""
UNKNOWN = 0xFFFFFFFF
"""As a size of 32 bits: it does not fit, or is not known."""
