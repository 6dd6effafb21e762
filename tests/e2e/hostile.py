"""Cards with everything on them that a camera, or somebody with a laptop, may have left there."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES: tuple[bytes, ...] = (
    b"line\nbreak.mp4",
    "\U0001f4f9 caméra 记录仪.mp4".encode(),
    b"n" * 251 + b".mp4",
    b"\xff\xfe\x80.mp4",
    b"-rf.mp4",
    b".hidden.mp4",
    b" leading and trailing .mp4 ",
    b"quote'\"`$(touch x);&|.mp4",
    b"file:http.mp4",
    b"%d%s%n.mp4",
    "\u202egnp.exe.mp4".encode(),
)


@dataclass(frozen=True, slots=True)
class Original:
    """One file on a card as it was before anything docked."""

    sha256: str
    size: int
    mtime_ns: int


def make_footage(path: Path, seconds: int = 2, codec: str = "libx264") -> bytes:
    """A short real recording at *path*; its bytes."""
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-nostdin",
         "-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:d={seconds}",
         "-f", "lavfi", "-i", f"sine=f=330:d={seconds}",
         "-c:v", codec, "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac", str(path)],
        check=True,
    )  # fmt: skip
    return path.read_bytes()


def hostile_cards(root: Path, footage: bytes) -> None:
    """Fill the dock root *root* with two cards; *footage* is a sound recording."""
    card = root / "card-one"
    card.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        _write(card, name, footage + number.to_bytes(2, "big"))
    _write(card, b"empty.mp4", b"")
    _write(card, b"truncated.mp4", footage[: len(footage) // 3])
    _write(card, b"text.mp4", b"this is not a recording\n" * 20)
    _write(card, b"playlist.mp4", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    _write(card, b"noise.avi", os.urandom(50_000))
    (card / "deep" / "er").mkdir(parents=True)
    _write(card, b"deep/er/REC_0001.mp4", footage)
    other = root / "card two"
    other.mkdir()
    _write(other, b"REC_0001.mp4", footage + b"other")
    _write(other, b"empty.mp4", b"")
    _place_what_is_no_file(card, root)


def _place_what_is_no_file(card: Path, root: Path) -> None:
    (card / "link-to-file.mp4").symlink_to("/etc/passwd")
    (card / "link-to-folder").symlink_to(root)
    (card / "dangling.mp4").symlink_to("nowhere")
    os.mkfifo(card / "pipe.mp4")


def _write(card: Path, name: bytes, data: bytes) -> None:
    with open(os.path.join(os.fsencode(card), name), "wb") as stream:
        stream.write(data)


def originals(root: Path) -> dict[str, Original]:
    """Every regular file below *root*, by its path from there (surrogates for odd bytes)."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            held = os.stat(path)
            found[os.path.relpath(path, root)] = Original(digest, held.st_size, held.st_mtime_ns)
    return found
