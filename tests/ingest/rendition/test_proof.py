"""What proves a rendition is what was asked for, not what was left lying about."""

from __future__ import annotations

from pathlib import Path

from ingest.rendition.ffmpeg import Source
from ingest.rendition.proof import original_digests
from ingest.rendition.run import Limits
from ingest.rendition.tools import Tools
from ingest.rendition.transcode import Plan


async def test_an_audio_hash_that_nobody_asked_for_is_not_believed(
    clips: Path, tmp_path: Path, tools: Tools
) -> None:
    planted = tmp_path / "audio.hash"
    planted.write_text(f"0,a,SHA256={'ab' * 32}\n")
    source = Source(path=clips / "plain.mp4", demuxer="mov")
    nothing = Plan(video=None, audio=None, copy_video=False, copy_audio=False)

    found = await original_digests(tools, source, nothing, tmp_path, Limits(seconds=9, written=0))

    assert (found.picture, found.audio) == (None, None)
    assert not planted.exists()
