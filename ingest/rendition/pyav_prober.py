"""A stand-in for ffprobe where only pip packages are: ``pyav_prober.py [ffprobe's options] URL``.

Run as a child process, never imported: PyAV parses hostile media inside the process that calls it.
It prints what ``probe.py`` asks ffprobe for, in ffprobe's own words, and understands no more.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from fractions import Fraction

import av
from av.container import InputContainer
from av.stream import Stream

_WHITELISTS = ("format_whitelist", "protocol_whitelist", "codec_whitelist")


def main() -> int:
    """Probe as the arguments say; 1 if the file cannot be read."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for option in ("-v", "-f", "-fflags", "-max_alloc", *(f"-{name}" for name in _WHITELISTS)):
        parser.add_argument(option)
    parser.add_argument("-of")
    parser.add_argument("-show_entries")
    parser.add_argument("-select_streams", type=int)
    parser.add_argument("url")
    asked = parser.parse_args()
    guards = {name: getattr(asked, name) for name in _WHITELISTS} | {"fflags": asked.fflags or ""}
    try:
        with av.open(
            asked.url, format=asked.f, options=guards, metadata_errors="replace"
        ) as container:
            if asked.select_streams is None:
                _print_streams(container)
            else:
                sys.stdout.writelines(_packets(container, asked.select_streams))
    except (av.FFmpegError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _print_streams(container: InputContainer) -> None:
    duration = container.duration
    known = {} if duration is None else {"duration": f"{duration / av.time_base:.6f}"}
    document = {
        "streams": [_stream(stream) for stream in container.streams],
        "format": {**known, "tags": dict(container.metadata)},
    }
    json.dump(document, sys.stdout)


def _stream(stream: Stream) -> dict[str, object]:
    codec = stream.codec_context
    attached = bool(stream.disposition & av.stream.Disposition.attached_pic)
    document: dict[str, object] = {
        "index": stream.index,
        "codec_type": stream.type,
        "time_base": "/".join(map(str, (stream.time_base or Fraction(0)).as_integer_ratio())),
        "disposition": {"attached_pic": int(attached)},
    }
    if codec is None:
        return document
    document["codec_name"] = codec.codec.canonical_name
    for field in ("pix_fmt", "width", "height", "sample_rate"):
        value = getattr(codec, field, None)
        if value is not None:
            document[field] = str(value) if field == "sample_rate" else value
    return document


def _packets(container: InputContainer, index: int) -> Iterator[str]:
    for packet in container.demux(container.streams[index]):
        if packet.size == 0 and packet.pts is None:
            continue  # PyAV's own end mark
        pts = "N/A" if packet.pts is None else packet.pts
        key = "K" if packet.is_keyframe else "_"
        discard = "D" if packet.is_discard else "_"
        yield f"pts={pts}|size={packet.size}|flags={key}{discard}\n"


if __name__ == "__main__":
    sys.exit(main())
