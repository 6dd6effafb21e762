"""Hostile media, made and not downloaded: mutants, bombs, playlists and polyglots, by a seed."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BASES = (
    *("plain.mp4", "b_frames.mp4", "b_frames.ts", "b_frames.mkv", "fragmented.mp4", "pcm.mov"),
    *("edited.mp4", "hevc.mp4", "motion_jpeg.avi", "voice.wav", "photo.jpg", "photo.png"),
)
"""What mutants are made of (see ``conftest.py``)."""

_HEAD = 8192
"""Where the structure of most files lies: lies told there are believed furthest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bait:
    """What hostile files reach for."""

    secret: Path
    """A file of another case; its bytes must turn up nowhere."""
    footage: Path
    """Footage of another case; none of it may be shown."""
    port: int
    """A listener on this machine; nobody may knock."""


def mutants(clips: Path, number: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """*number* malformed files as (name, bytes), every base and every damage in turn."""
    chance = random.Random(seed)
    for index in range(number):
        base = BASES[index % len(BASES)]
        damage = _DAMAGES[(index // len(BASES)) % len(_DAMAGES)]
        data = damage((clips / base).read_bytes(), chance)
        yield f"{index:03}-{damage.__name__.strip('_')}-{base}", data


def _bits(data: bytes, chance: random.Random) -> bytes:
    """Some bits flipped anywhere."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 8, 64, 512))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _head_bits(data: bytes, chance: random.Random) -> bytes:
    """Bits flipped where the structure is."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 4, 16))):
        changed[chance.randrange(16, min(len(changed), _HEAD))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _lies(data: bytes, chance: random.Random) -> bytes:
    """Numbers of the structure replaced by ones that hurt."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 9))):
        at = chance.randrange(0, min(len(changed), _HEAD) - 8) & ~3
        bad = chance.choice((0, 1, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0))
        changed[at : at + 4] = struct.pack(chance.choice(("<I", ">I")), bad)
    return bytes(changed)


def _cut(data: bytes, chance: random.Random) -> bytes:
    """Cut off anywhere."""
    return data[: chance.randrange(1, len(data))]


def _hole(data: bytes, chance: random.Random) -> bytes:
    """A piece missing."""
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randrange(1, 5000) :]


def _twice(data: bytes, chance: random.Random) -> bytes:
    """A piece there twice."""
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randrange(1, 5000)]
    return data[:start] + piece + data[start:]


def _zeros(data: bytes, chance: random.Random) -> bytes:
    """A piece never written."""
    start, size = chance.randrange(len(data)), chance.randrange(1, 20_000)
    return data[:start] + bytes(len(data[start : start + size])) + data[start + size :]


def _noise(data: bytes, chance: random.Random) -> bytes:
    """A piece of noise."""
    start, size = chance.randrange(len(data)), chance.randrange(1, 20_000)
    return data[:start] + chance.randbytes(len(data[start : start + size])) + data[start + size :]


def _swapped(data: bytes, chance: random.Random) -> bytes:
    """Two halves in the wrong order."""
    middle = chance.randrange(len(data))
    return data[middle:] + data[:middle]


_DAMAGES = (_bits, _head_bits, _lies, _cut, _hole, _twice, _zeros, _noise, _swapped)


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data) + 8, kind) + data


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress(bytes((width * 3 + 1) * min(height, 2000)), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bombs(clips: Path) -> Iterator[tuple[str, bytes]]:
    """Files that are small and ask for much."""
    whole = (clips / "plain.mp4").read_bytes()
    nested = b""
    for _ in range(3000):
        nested = box(b"moov", nested)
    ftyp = box(b"ftyp", b"isom\0\0\2\0isomiso2")
    yield "nested.mp4", ftyp + nested
    yield "stsz.mp4", _patched(whole, b"stsz", 8, struct.pack(">II", 1, 0xFFFFFFF0))
    yield "stts.mp4", _patched(whole, b"stts", 4, struct.pack(">III", 1, 0xFFFFFFFF, 1))
    yield "stco.mp4", _patched(whole, b"stco", 4, struct.pack(">I", 0x3FFFFFFF))
    yield "wide.mp4", _patched(whole, b"avc1", 24, struct.pack(">HH", 65535, 65535))
    yield "long.mp4", _patched(whole, b"mvhd", 12, struct.pack(">II", 1, 0xFFFFFFFF))
    yield "turned.mp4", _patched(whole, b"tkhd", 40, struct.pack(">iiii", -(2**31), -(2**31), 0, 1))
    yield "mdat64.mp4", ftyp + struct.pack(">I4sQ", 1, b"mdat", 2**62) + whole[40:4000]
    yield "moov_of_4_GiB.mp4", ftyp + struct.pack(">I4s", 0xFFFFFFFF, b"moov") + whole[40:4000]
    yield "bomb.png", _png(60_000, 60_000)
    yield "big.png", _png(30_000, 2_000)
    jpeg = (clips / "photo.jpg").read_bytes()
    at = jpeg.index(b"\xff\xc0")
    yield "wide.jpg", jpeg[: at + 5] + struct.pack(">HH", 65500, 65500) + jpeg[at + 9 :]
    wave = (clips / "voice.wav").read_bytes()
    yield "lying.wav", wave[:22] + struct.pack("<HII", 65535, 2**31 - 1, 2**32 - 1) + wave[32:]
    yield "unknown_size.mkv", bytes.fromhex("1a45dfa301ffffffffffffff") + bytes(5000)
    yield "gif.gif", b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(2000)


def _patched(data: bytes, kind: bytes, offset: int, new: bytes) -> bytes:
    """*data* with *new* written *offset* bytes after the name of its first *kind* box."""
    at = data.index(kind) + 4 + offset
    return data[:at] + new + data[at + len(new) :]


def playlists(clips: Path, bait: Bait) -> Iterator[tuple[str, bytes]]:
    """Files that make a player open others: as they are, and in the skin of media."""
    http = f"http://127.0.0.1:{bait.port}/x.ts"
    names = ("mp4", "avi", "ts", "mkv", "mov", "jpg")
    targets = (
        *(f"file://{bait.secret}", str(bait.secret), bait.secret.name, f"file:{bait.footage}"),
        *(http, f"concat:{bait.footage}|{bait.secret}", f"crypto:{bait.footage}"),
        f"subfile,,start,0,end,64,,:{bait.secret}",
        "data:text/plain,x",
    )
    for index, target in enumerate(targets):
        named = names[index % len(names)]
        yield f"hls-{index}.{named}", _hls(target)
        yield f"concat-{index}.{named}", f"ffconcat version 1.0\nfile '{target}'\n".encode()
        yield f"skinned-{index}.avi", _riff(b"AVI ", _hls(target))
        yield f"tail-{index}.mp4", (clips / "plain.mp4").read_bytes()[:600] + _hls(target)
    text = {
        "dash.mp4": f'<?xml version="1.0"?><MPD><BaseURL>{http}</BaseURL></MPD>',
        "sdp.mp4": f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video {bait.port} RTP/AVP 96\r\n",
        "meta.mp3": f";FFMETADATA1\ntitle={bait.secret}\n",
        "sami.avi": f"<SAMI><BODY><SYNC Start=1>{bait.secret}</SYNC></BODY></SAMI>",
        "smil.mp4": f'<smil><body><video src="{http}"/></body></smil>',
        "pls.mp3": f"[playlist]\nFile1={http}\n",
        "lrc.txt": f"[00:00.00]{bait.secret}",
        "pattern.jpg": f"{bait.secret.parent}/%03d.jpg",
        "mpl.avi": f"[0][10]{bait.secret}",
        "vtt.mp4": f"WEBVTT\n\n00:00.000 --> 00:09.000\n{bait.secret}\n",
        "xbin.avi": "XBIN\x1a" + "\x01\x00" * 20 + str(bait.secret),
        "imf.mp4": f'<?xml version="1.0"?><CompositionPlaylist>{http}</CompositionPlaylist>',
    }
    for name, content in text.items():
        yield name, content.encode("latin-1")
    yield "dref.mov", _with_data_elsewhere(clips, bait)
    yield "gab2.avi", _riff(b"AVI ", _list(b"hdrl", b"strhtxts") + _chunk(b"GAB2", _hls(http)))


def polyglots(clips: Path, bait: Bait) -> Iterator[tuple[str, bytes]]:
    """Files that are footage and a playlist at once: what they show must be their own."""
    playlist = _hls(f"file:{bait.footage}")
    stream, film = (clips / "b_frames.ts").read_bytes(), (clips / "plain.mp4").read_bytes()
    room, rest = divmod(len(playlist), 188)
    yield "first-packet.ts", playlist[:186].ljust(186, b"#") + b"\0" + stream
    yield "whole-packets.ts", stream + playlist + bytes((room + bool(rest)) * 188 - len(playlist))
    yield "free.mp4", film + box(b"free", playlist)
    yield "tail.mp4", film + playlist
    yield "tail.avi", (clips / "motion_jpeg.avi").read_bytes() + playlist
    yield "tail.jpg", (clips / "photo.jpg").read_bytes() + playlist


def _hls(target: str) -> bytes:
    head = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:9\n#EXTINF:9.0,\n"
    return f"{head}{target}\n#EXT-X-ENDLIST\n".encode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _list(kind: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", kind + data)


def _riff(kind: bytes, data: bytes) -> bytes:
    return _chunk(b"RIFF", kind + data)


def _with_data_elsewhere(clips: Path, bait: Bait) -> bytes:
    """A QuickTime file whose pictures lie in another file: its data reference leads there."""
    whole = (clips / "pcm.mov").read_bytes()
    at = whole.index(b"dref")
    place = f"file://{bait.footage}".encode()
    elsewhere = box(b"dref", struct.pack(">II", 0, 1) + box(b"url ", bytes(4) + place + b"\0"))
    length = struct.unpack(">I", whole[at - 4 : at])[0]
    changed = bytearray(whole[: at - 4])
    for above in (b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        start = changed.rindex(above) - 4
        grown = struct.unpack_from(">I", changed, start)[0] + len(elsewhere) - length
        struct.pack_into(">I", changed, start, grown)
    return bytes(changed) + elsewhere + whole[at - 4 + length :]
