"""Cards whose names were written by somebody who wishes the station ill.

No file system of a kernel's would write them.  An exFAT card gets them from our own writer; on a
FAT card they take the place of harmless names of the same length that mtools wrote.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Sequence
from pathlib import Path

from tests.station.disk.exfat_image import SIZE, Builder
from tests.station.disk.images import SIZES, run

LONGEST = 255
"""UTF-16 units of a name, on both."""
_PIECE = 13

_PATHS = (
    *("..", ".", "...", "../..", "../../../../etc/passwd", "/etc/cron.d/x", "//server/share"),
    *("..\\..\\windows\\system32", "C:\\autoexec.bat", "~", "~root", "a/../b.mp4", "/", "//", "./"),
    *("dev/null", "\\\\.\\PhysicalDrive0", "file:///etc/shadow", "staging/../journal.sqlite"),
    *("..\u2215..\u2215etc", "\uff0e\uff0e\uff0fetc", "%2e%2e%2f", "a%2Fb", "a/b", "%00", "%"),
)
_CONTROLS = (
    *(chr(code) for code in range(1, 32)),
    *("\x7f", "\x85", "line\nbreak.mp4", "line\r\nbreak.mp4", "\x1b[2J\x1b[31mred.mp4", "\t", "\b"),
    *("a\0b.mp4", "\0", "\u2028.mp4", "\u2029.mp4", "bell\x07.mp4", "\x1b]0;title\x07.mp4"),
)
_LOOKS = (
    *("\u202egnp.exe.mp4", "\u2066a\u2069.mp4", "\u200b", "\u200d.mp4", "\ufeffbom.mp4", "\u00ad"),
    *(
        "cafe\u0301.mp4",
        "caf\u00e9.mp4",
        "\u0430dmin.mp4",
        "\U0001f4f9\U0001f46e.mp4",
        "记录 仪.mp4",
    ),
    *("\u0e33" * 40, "Z\u0351\u0352" * 30, "\ufdd0", "\uffff", "\ufffe", "\U0010ffff", "\ue000"),
)
_SURROGATES = ("\ud800", "\udfff.mp4", "a\ud83d.mp4", "\udcff\udcfe", "\udc00\ud800", "\ud800" * 85)
_SHELLS = (
    *("-rf", "--help", "-", "--", "-o /etc/x.mp4", "quote'\"`$(touch x);&|.mp4", "$(reboot).mp4"),
    *(
        "`id`.mp4",
        "; rm -rf *.mp4",
        "*",
        "?",
        "[a-z]",
        "{a,b}",
        "a|b",
        "a>b",
        "#",
        "!x",
        "x\\",
        "&",
    ),
    *("%d%s%n.mp4", "{0.__class__}", "{}", "%(x)s", "$HOME.mp4", "${PATH}", "\\n", "\\x00", "%n%n"),
)
_TALK = (
    *("'; DROP TABLE clips; --", '" OR 1=1 --', "<script>alert(1)</script>", "<img src=x>.mp4"),
    *(
        "{{7*7}}",
        "javascript:alert(1)",
        "]]>",
        "<!--",
        "&amp;.mp4",
        "@import 'x'",
        "=1+1",
        "+x.csv",
    ),
    *(
        "concat:a|b.mp4",
        "http:evil.mp4",
        "pipe:0",
        "data:,x",
        "x\u0000.mp4.exe",
        "null",
        "None",
        "-1",
    ),
)
_SYSTEMS = (
    *("CON", "NUL", "aux.mp4", "COM1", "LPT1.mp4", "PRN", "con.mp4", "trailing.", "trailing..."),
    *(
        " leading.mp4",
        "trailing ",
        " ",
        "  .  ",
        ".hidden",
        ".evidock-erase~x.mp4",
        "x.part",
        "c-1",
    ),
    *(
        "FOUND.000",
        "$MFT",
        "desktop.ini",
        "Thumbs.db",
        ".git",
        "volume-2",
        "journal.sqlite",
        "lock",
    ),
    *("n" * LONGEST, "长" * LONGEST, "\U0001f4f9" * 127, "x" * 251 + ".mp4", "." * LONGEST),
)
_CHANCE = random.Random(4)
_NOISE = (
    "".join(chr(_CHANCE.randrange(1, 0x10000)) for _ in range(_CHANCE.randrange(1, 60)))
    for _ in range(40)
)
NAMES: Sequence[str] = tuple(
    dict.fromkeys(
        (*_PATHS, *_CONTROLS, *_LOOKS, *_SURROGATES, *_SHELLS, *_TALK, *_SYSTEMS, *_NOISE)
    )
)
NAMES_ON_FAT: Sequence[str] = tuple(
    name for name in NAMES if len(name.encode("utf-16-le", "surrogatepass")) <= 2 * 240
)
"""mtools makes no room for longer ones."""


def exfat_of_names(image: Path, names: Sequence[str] = NAMES) -> Sequence[bytes]:
    """Make *image* an exFAT card with one file of each of *names*; their contents.

    A last file's entry has a wrong checksum: it cannot be read.
    """
    image.touch()
    os.truncate(image, SIZE)
    run("mkfs.exfat", "-c", "4K", image)
    card, held = Builder(bytearray(image.read_bytes())), _contents("exfat", names)
    slots = [card.file(name, data) for name, data in zip(names, held, strict=True)]
    broken = bytearray(card.file("broken.mp4", b"never read"))
    broken[2] ^= 1
    card.into_root(card.folder("DCIM", [*slots, bytes(broken)]))
    image.write_bytes(card.data)
    return held


def fat_of_names(image: Path, names: Sequence[str] = NAMES_ON_FAT) -> Sequence[bytes]:
    """Make *image* a FAT12 card with one file of each of *names*; their contents.

    A last file begins at a cluster that does not exist: it cannot be read.
    """
    image.touch()
    os.truncate(image, SIZES["FAT12"])
    run("mkfs.vfat", "-F", "12", image)
    held, folder = _contents("fat", names), image.with_suffix(".files")
    folder.mkdir()
    harmless = [_harmless(number, name) for number, name in enumerate(names)]
    for name, data in zip([*harmless, "BROKEN.MP4"], [*held, b"never read"], strict=True):
        (folder / name).write_bytes(data)
    run("mmd", "-i", image, "::DCIM")
    run("mcopy", "-i", image, *sorted(folder.iterdir()), "::DCIM")
    raw = bytearray(image.read_bytes())
    for old, new in zip(harmless, names, strict=True):
        _rename(raw, old, new)
    at = raw.index(b"BROKEN  MP4")
    raw[at + 26 : at + 28] = b"\xee\x0e"
    image.write_bytes(raw)
    return held


def _contents(kind: str, names: Sequence[str]) -> Sequence[bytes]:
    """For each of *names* bytes that no other file has."""
    return [f"{kind} {number}\n".encode() * (1 + 7 * number) for number in range(len(names))]


def _units(name: str) -> bytes:
    return name.encode("utf-16-le", "surrogatepass")


def _harmless(number: int, name: str) -> str:
    """A name with as many UTF-16 units as *name* has, which FAT keeps as a long one."""
    length = len(_units(name)) // 2
    if length < _PIECE:
        return chr(0x4E00 + number).ljust(length, "q")
    return (f"{number:03}".ljust(_PIECE, "q") * length)[:length]


def _rename(raw: bytearray, old: str, new: str) -> None:
    """Write *new* where mtools wrote *old*, slot by slot; all bear the checksum of the first."""
    last, bears = -(-len(_units(old)) // (2 * _PIECE)) - 1, b"."
    for number in range(last + 1):
        slot = bytes([number + 1 | (0x40 if number == last else 0)])
        before, after = _piece(old, number), _piece(new, number)
        pattern = (
            re.escape(slot + before[:10] + b"\x0f\0")
            + bears
            + re.escape(before[10:22] + b"\0\0" + before[22:])
        )
        (at,) = (found.start() for found in re.finditer(pattern, raw, re.DOTALL))
        bears = re.escape(bytes(raw[at + 13 : at + 14]))
        raw[at + 1 : at + 11] = after[:10]
        raw[at + 14 : at + 26] = after[10:22]
        raw[at + 28 : at + 32] = after[22:]


def _piece(name: str, number: int) -> bytes:
    """The units that a long name's slot of *number* holds: ended by a zero, then filled up."""
    whole = _units(name)
    if len(whole) % (2 * _PIECE):
        whole = (whole + b"\0\0").ljust(len(whole) + 2 * _PIECE, b"\xff")
    return whole[number * 2 * _PIECE :][: 2 * _PIECE]
