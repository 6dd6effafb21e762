"""What is said to a camera, and what it answers, as a profile writes it: bytes with holes in them.

A template is a row of words: pairs of hexadecimal digits, ``'text'`` in ASCII, and holes ``{name}``
with a form.  The forms are::

    {battery:u8} {year:u16be} {at:u32le}   a number, so many bits, big or little end first
    {password:ascii*6}                     text of at most so many bytes, filled up with NUL
    {name:gb18030*32}                      the same in another encoding that Python knows
    {data:bytes*64}                        at most so many bytes as they are, filled up with NUL
    {now:%Y%m%d%H%M%S}                     a time, as ``strftime`` writes it
    {_:u8} {_:ascii*5}                     bytes that do not matter: zeros where they are sent

For example ``A1 B2 C3 D4 00 E1 00 10 00 {password:ascii*6}`` and ``'@Sdt;8;' {now:%Y%m%d} ';#'``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Value = int | str | bytes | datetime
"""What fills a hole."""

_WORD = re.compile(
    r"\s*(?:(?P<hex>(?:[0-9A-Fa-f]{2})+)(?![^\s{'])|'(?P<text>[^']*)'|\{(?P<name>\w+):(?P<form>[^}]+)\})"
)
_NUMBER = re.compile(r"u(8|16|32)(be|le)?")
_TEXT = re.compile(r"([a-z0-9_-]+)\*(\d{1,4})")


IGNORED = "_"
"""The name of a hole whose content does not matter."""


class TemplateWrong(ValueError):
    """A template cannot be understood, or a value does not fit into it; the text says why."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Bytes that are always the same."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Number:
    """A hole for a number without sign."""

    name: str
    size: int
    """Bytes."""
    big: bool

    def put(self, value: Value) -> bytes:
        if not isinstance(value, int) or not 0 <= value < 1 << 8 * self.size:
            # The value itself may be a password: it is not repeated, here and below.
            raise TemplateWrong(f"{self.name} is no number of {self.size} bytes")
        return value.to_bytes(self.size, "big" if self.big else "little")

    def take(self, data: bytes) -> Value:
        return int.from_bytes(data, "big" if self.big else "little")


@dataclass(frozen=True, slots=True)
class Text:
    """A hole for text, filled up with NUL."""

    name: str
    size: int
    encoding: str

    def put(self, value: Value) -> bytes:
        try:
            data = value.encode(self.encoding) if isinstance(value, str) else None
        except UnicodeEncodeError:
            data = None
        if data is None or len(data) > self.size or b"\0" in data:
            raise TemplateWrong(f"{self.name} is no {self.encoding} text of {self.size} bytes")
        return data.ljust(self.size, b"\0")

    def take(self, data: bytes) -> Value:
        whole = data.partition(b"\0")[0].rstrip(b" \xff")
        return whole.decode(self.encoding, "backslashreplace")


@dataclass(frozen=True, slots=True)
class Raw:
    """A hole for bytes as they are, filled up with NUL."""

    name: str
    size: int

    def put(self, value: Value) -> bytes:
        if not isinstance(value, bytes) or len(value) > self.size:
            raise TemplateWrong(f"{self.name} is not at most {self.size} bytes")
        return value.ljust(self.size, b"\0")

    def take(self, data: bytes) -> Value:
        return data


@dataclass(frozen=True, slots=True)
class Moment:
    """A hole for a time, written as text."""

    name: str
    form: str

    @property
    def size(self) -> int:
        return len(self.put(datetime(2026, 11, 24, 12, 34, 56)))  # noqa: DTZ001  any will do

    def put(self, value: Value) -> bytes:
        if not isinstance(value, datetime):
            raise TemplateWrong(f"{self.name} is no time")
        try:
            return value.strftime(self.form).encode("ascii")
        except UnicodeEncodeError as error:
            raise TemplateWrong(f"{self.name}: {self.form!r} is not ASCII") from error

    def take(self, data: bytes) -> Value:
        try:
            return datetime.strptime(data.decode("ascii"), self.form)  # noqa: DTZ007  the camera's
        except ValueError as error:
            raise TemplateWrong(f"{self.name}: {data!r} is no time as {self.form!r}") from error


Piece = Fixed | Number | Text | Raw | Moment


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template."""

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, text: str) -> Template:
        """Parse *text*; TemplateWrong says at which character it cannot be understood."""
        pieces, at = [], 0
        while text[at:].strip():
            word = _WORD.match(text, at)
            if word is None:
                raise TemplateWrong(f"character {at + 1} of {text!r} cannot be understood")
            pieces.append(_piece(word))
            at = word.end()
        return cls(tuple(pieces))

    @property
    def size(self) -> int:
        """Bytes of what it makes."""
        return sum(piece.size for piece in self.pieces)

    @property
    def names(self) -> frozenset[str]:
        """Its holes."""
        return frozenset(piece.name for piece in self.pieces if not isinstance(piece, Fixed))

    def put(self, values: Mapping[str, Value]) -> bytes:
        """The bytes with *values* in its holes; TemplateWrong names one that does not fit."""
        return b"".join(_put(piece, values) for piece in self.pieces)

    def take(self, data: bytes) -> Mapping[str, Value]:
        """What stands in the holes of *data*; what follows its end does not matter.

        TemplateWrong if *data* is too short, or has other bytes where the template fixes them.
        """
        if len(data) < self.size:
            raise TemplateWrong(f"{len(data)} bytes came where {self.size} were due")
        values, at = dict[str, Value](), 0
        for piece in self.pieces:
            part = data[at : at + piece.size]
            if not isinstance(piece, Fixed):
                values |= {} if piece.name == IGNORED else {piece.name: piece.take(part)}
            elif part != piece.data:
                raise TemplateWrong(f"{part.hex(' ')} came where {piece.data.hex(' ')} was due")
            at += piece.size
        return values


def _put(piece: Piece, values: Mapping[str, Value]) -> bytes:
    if isinstance(piece, Fixed):
        return piece.data
    if piece.name == IGNORED:
        return bytes(piece.size)
    if piece.name not in values:
        raise TemplateWrong(f"nothing was given for {piece.name}")
    return piece.put(values[piece.name])


def _piece(word: re.Match[str]) -> Piece:
    if word["hex"] is not None:
        return Fixed(bytes.fromhex(word["hex"]))
    if word["text"] is not None:
        return Fixed(
            word["text"].encode("ascii", "strict") if word["text"].isascii() else _no(word)
        )
    name, form = word["name"], word["form"]
    if number := _NUMBER.fullmatch(form):
        bits, end = int(number[1]), number[2]
        if (end is None) != (bits == 8):  # noqa: PLR2004
            raise TemplateWrong(f"{name}: {form!r} must say which end is first, be or le")
        return Number(name, bits // 8, end != "le")
    if text := _TEXT.fullmatch(form):
        return _text(name, text[1], int(text[2]))
    if "%" in form:
        return Moment(name, form)
    raise TemplateWrong(f"{name}: {form!r} is no form of a hole")


def _text(name: str, encoding: str, size: int) -> Text | Raw:
    if encoding == "bytes":
        return Raw(name, size)
    try:
        "".encode(encoding)
    except LookupError as error:
        raise TemplateWrong(f"{name}: {error}") from error
    return Text(name, size, encoding)


def _no(word: re.Match[str]) -> bytes:
    raise TemplateWrong(f"{word['text']!r} is not ASCII; write its bytes in hexadecimal")
