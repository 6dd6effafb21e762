"""What a tool says that a hostile file has taken over costs a rendition, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import RenditionFailed
from ingest.rendition.cage import CageRule, NoCage
from ingest.rendition.ffmpeg import Source, progress_sink
from ingest.rendition.lines import MOST_LINE, Lines, integer
from ingest.rendition.probe import packets, probe
from ingest.rendition.tools import Tools

Said = Callable[[str], Tools]

STREAM = '{"index": 0, "codec_type": "audio", "time_base": "1/8000"}'


@pytest.fixture
def said(tools: Tools) -> Said:
    """``said(script)``: tools whose prober runs the Python *script* on ``out``, its pipe."""

    def made(script: str) -> Tools:
        start = "import sys; out = sys.stdout.buffer; "
        bare = NoCage(reason="what is said is tested alone here", rule=CageRule.WHEN_POSSIBLE)
        return replace(tools, cage=bare, prober=(sys.executable, "-c", start + script))

    return made


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(path=tmp_path / "a.mp4", demuxer="mov")


def test_lines_come_out_whole_however_the_pieces_fall() -> None:
    lines = Lines()

    assert [lines.feed(piece) for piece in (b"a", b"b\nc\n", b"", b"d\n")] == [
        [], [b"ab", b"c"], [], [b"d"]
    ]  # fmt: skip


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_is_no_longer_than_4096_bytes(end: bytes) -> None:
    lines = Lines()
    lines.feed(b"x" * MOST_LINE + end)

    with pytest.raises(RenditionFailed, match="a line of more than 4096 bytes"):
        lines.feed(b"x" * (MOST_LINE + 1) + end)


@pytest.mark.parametrize("number", [b"9" * 4000, b"-9223372036854775809", b"1_0", b"", b"1e9"])
def test_a_number_beyond_64_bits_is_refused(number: bytes) -> None:
    with pytest.raises(RenditionFailed, match="64 bits"):
        integer(number)

    assert integer(b"-9223372036854775808") == -(1 << 63)


async def test_a_progress_without_end_or_measure_is_refused() -> None:
    told: list[float] = []
    sink = progress_sink(told.append)
    await sink(b"out_time_us=N/A\nout_time_us=10000")
    await sink(b"00\n")

    with pytest.raises(RenditionFailed, match="64 bits"):
        await sink(b"out_time_us=" + b"9" * 4000 + b"\n")
    with pytest.raises(RenditionFailed, match="a line of"):
        await sink(b"x" * 5000)
    assert told == [1.0]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("out.write(bytes(1 << 20)); out.flush(); sys.stdin.read()", "a line of"),
        ("out.write(b'pts=' + b'9' * 4000 + b'|size=1|flags=K_' + b'\\n')", "64 bits"),
    ],
)
async def test_packets_that_no_file_holds_are_refused(
    script: str, reason: str, said: Said, source: Source, tmp_path: Path
) -> None:
    with pytest.raises(RenditionFailed, match=reason):
        await packets(said(script), source, 0, tmp_path)


@pytest.mark.parametrize("length", ["1e999999999", "9" * 4000, "1/3", "-1", "N/A", "1e2"])
async def test_a_length_that_is_no_plain_number_is_no_claim(
    length: str, said: Said, source: Source, tmp_path: Path
) -> None:
    answer = f'{{"streams": [{STREAM}], "format": {{"duration": "{length}"}}}}'

    assert (await probe(said(f"print({answer!r})"), source, tmp_path)).seconds is None


@pytest.mark.parametrize("tick", ["1/" + "9" * 4000, "1/0", "0/1", "1e9/1", "-1/5", "1"])
async def test_a_time_base_that_is_none_is_refused(
    tick: str, said: Said, source: Source, tmp_path: Path
) -> None:
    answer = f'{{"streams": [{STREAM.replace("1/8000", tick)}]}}'

    with pytest.raises(RenditionFailed, match="claims the time base"):
        await probe(said(f"print({answer!r})"), source, tmp_path)


@pytest.mark.parametrize(
    "answer",
    ["[" * 100_000, '{"streams": ' + "[" * 100_000, '{"x": ' + '{"x": ' * 100_000, "", "[]"],
)
async def test_an_answer_that_is_none_is_refused(
    answer: str, said: Said, source: Source, tmp_path: Path
) -> None:
    script = f"print({answer[:20]!r} + {answer[20:26]!r} * {len(answer) // 6})"

    with pytest.raises(RenditionFailed, match="makes no sense"):
        await probe(said(script), source, tmp_path)
