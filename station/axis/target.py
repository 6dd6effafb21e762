"""What a request of a System Controller is about, and the file name that stands for it.

One rule: a name from outside becomes one file name, one to one, that leads nowhere: no slash, no
leading dot, no ``~``; so neither a path nor our own names beside it can be forged.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote

ACCOUNT = "/v1/evidock"
"""Path of the one account; its address is told with each token (``X-Storage-Url``)."""

LONGEST = 240
"""Bytes of a file name; 15 are left for what is written beside it."""

REGISTERS = frozenset({"System", "Users", "Devices"})
"""Containers that tell of controllers, people and cameras; they hold no footage."""

_RECORDING = re.compile(
    r"(?P<user>[^_]{1,64})_(?P<device>[0-9A-Za-z-]{1,64})_(?P<date>\d{8})[_T]?(?P<time>\d{6})Z?"
)
"""<UserID>_<BWCSerialNumber>_<TriggerOnTime>: README.md "File Upload API", EXAMPLE.md."""


_SERIAL = re.compile(r"[0-9A-Za-z-]{1,64}")


class BadName(ValueError):
    """A name that no container or object of ours can bear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A container, or an object in one; names as the controller wrote them."""

    container: str
    object: str | None = None

    @property
    def is_register(self) -> bool:
        """Whether it tells of people and things, and holds no footage."""
        return self.container in REGISTERS


def target_of(raw_path: str) -> Target:
    """What the percent-encoded *raw_path* of a request names.

    Raises BadName, saying why, if that is nothing in our account.
    """
    head, _, rest = raw_path.partition(ACCOUNT + "/")
    if head or not rest:
        raise BadName(f"only containers and objects below {ACCOUNT} are kept here")
    container, _, name = rest.partition("/")
    found = Target(container=_decoded(container), object=_decoded(name) if name else None)
    file_name(found.container)
    if found.object is not None:
        file_name(found.object)
    return found


def file_name(name: str) -> str:
    """The one file name that stands for *name*; BadName if it is too long for one."""
    made = quote(name, safe=":").replace("~", "%7E")
    if made.startswith("."):
        made = "%2E" + made[1:]
    if len(made) > LONGEST:
        raise BadName(f"a name takes {len(made)} bytes as a file name; {LONGEST} at most are kept")
    return made


def name_of(file: str) -> str:
    """The name that the file name *file* stands for."""
    return unquote(file)


def is_serial(text: str) -> bool:
    """Whether *text* may be a camera's serial number."""
    return _SERIAL.fullmatch(text) is not None


def wearer_and_device(container: str) -> tuple[str | None, str | None]:
    """User and serial number in the name of a recording's *container*, if it is named so."""
    found = _RECORDING.fullmatch(container)
    return (found["user"], found["device"]) if found else (None, None)


def _decoded(text: str) -> str:
    try:
        name = unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise BadName("a name is not UTF-8") from error
    if not name or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in name):
        raise BadName("a name is empty or holds control characters")
    return name
