"""Footage as a camera writes it: H.264 with sound, as long as is wanted."""

from __future__ import annotations

from pathlib import Path

from bench import tools

_SECONDS = 10
"""Of footage that are encoded; longer recordings repeat them."""
_QUIET = ("ffmpeg", "-nostdin", "-v", "error", "-y")


def make_footage(path: Path, size: int) -> None:
    """Write 720p30 H.264 and AAC of about *size* bytes, at about 9 Mb/s, to *path*."""
    piece = path.with_name("piece.mp4")
    picture = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=440"]
    noise = ["-t", str(_SECONDS), "-vf", "noise=alls=30:allf=t"]
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-b:v", "8M"]
    tools.run([*_QUIET, *picture, *sound, *noise, *video, "-c:a", "aac", piece])
    again = str(size // piece.stat().st_size)
    tools.run([*_QUIET, "-stream_loop", again, "-i", piece, "-c", "copy", "-fs", str(size), path])
    piece.unlink()


def stream_copy(source: Path, target: Path) -> None:
    """What people type: one fragmented MP4 with the same coded pictures and sound."""
    flags = "+frag_keyframe+empty_moov+default_base_moof"
    tools.run([*_QUIET, "-i", source, "-c", "copy", "-movflags", flags, "-f", "mp4", target])


def stream_hash(source: Path) -> str:
    """The digest of each coded stream, as ffmpeg computes it."""
    coded = ["-i", str(source), "-map", "0:v", "-map", "0:a", "-c", "copy"]
    return tools.run([*_QUIET, *coded, "-f", "streamhash", "-hash", "sha256", "-"])


def tile_sheet(source: Path, target: Path) -> None:
    """A hundred key frames on one picture."""
    shown = ["-vf", "scale=160:-2,tile=10x10", "-frames:v", "1"]
    tools.run([*_QUIET, "-skip_frame", "nokey", "-i", source, *shown, target])
