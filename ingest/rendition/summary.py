"""``rendition.json``: what was made of which original, how, and what differs; and its dataclass."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.camera_signature import CameraSignature
from evidence.clock import stamp
from evidence.digest import Sha256
from ingest.rendition.probe import Probe
from ingest.rendition.rendition import Rendition, RenditionKind
from ingest.rendition.workbench import Workbench

NAME = "rendition.json"
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the maker of a rendition found out."""

    kind: RenditionKind
    codec: str
    width: int
    height: int
    frames: int
    original_frames: int | None = None
    segments: int = 0
    duration_ms: int = 0
    picture: Sha256 | None = None
    parameters: Sha256 | None = None
    pts: Sha256 | None = None
    audio: Sha256 | None = None
    signatures: frozenset[CameraSignature] | None = None
    notes: tuple[str, ...] = ()


def finish(bench: Workbench, probed: Probe, found: Summary) -> Rendition:
    """Write ``rendition.json``, the last file of every rendition, and return the whole."""
    kinds = ", ".join(sorted(probed.left_out))
    extra = (f"left out: the original also holds streams of {kinds}",) if kinds else ()
    notes = (*found.notes, *extra)
    bench.write_document(NAME, _document(bench, probed, found, notes))
    bench.tell(1.0)
    return Rendition(
        kind=found.kind,
        segments=found.segments,
        duration_ms=found.duration_ms,
        width=found.width,
        height=found.height,
        frames=found.frames,
        original_codec=found.codec,
        claimed_start=probed.claimed_start,
        picture_digest=found.picture,
        parameter_digest=found.parameters,
        pts_digest=found.pts,
        audio_digest=found.audio,
        signatures=None if found.signatures is None else tuple(sorted(found.signatures)),
        notes=notes,
        files=tuple(bench.files),
    )


def _document(
    bench: Workbench, probed: Probe, found: Summary, notes: tuple[str, ...]
) -> dict[str, object]:
    start = probed.claimed_start
    digests = {
        "audio": found.audio,
        "parameters": found.parameters,
        "picture": found.picture,
        "pts": found.pts,
    }
    return {
        "claims": {"place": probed.claimed_place, "start": start and stamp(start)},
        "commands": bench.commands,
        "digests": {name: digest and digest.hex for name, digest in digests.items()},
        "duration_ms": found.duration_ms,
        "files": [
            {"name": f.name, "sha256": f.sha256.hex, "size": f.size, "type": f.content_type}
            for f in bench.files
        ],
        "frames": found.frames,
        "height": found.height,
        "kind": found.kind.value,
        "notes": list(notes),
        "original": {
            "camera_signatures": None if found.signatures is None else sorted(found.signatures),
            "codec": found.codec,
            "demuxer": bench.source.demuxer,
            "frames": found.original_frames,
        },
        "segments": found.segments,
        "tools": {
            "cage": bench.tools.cage.words,
            "ffmpeg": bench.tools.ffmpeg_version,
            "prober": bench.tools.prober_version,
            "route": bench.tools.route.value,
        },
        "version": _VERSION,
        "width": found.width,
    }
