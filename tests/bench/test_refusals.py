from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.conftest import Bench, Needs

Peers = Callable[..., Path]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ingest", "rclone rclone"),
        ("pull", "cp coreutils"),
        ("rendition", "ffmpeg ffmpeg"),
        ("serve", "nginx nginx-light"),
        ("custody", "go golang-go"),
    ],
)
def test_a_missing_tool_is_named_with_its_package(
    bench: Bench, needs: Needs, peers: Peers, name: str, words: str
) -> None:
    lacking, package = words.split()
    there = ["ffmpeg"] if name == "serve" else []
    needs(*there)

    outcome = bench(name, peers=peers(*there))

    said = f"bench.{name}: the peer needs {lacking}, which is not here."
    assert outcome.code == 2
    assert outcome.stderr == f"{said} As root: apt-get install {package}\n"
    assert outcome.stdout == ""


def test_digests_of_other_bytes_are_no_result(bench: Bench, needs: Needs, peers: Peers) -> None:
    real = ("cp", "sync", "sh", "mkfs.vfat", "mcopy")
    needs(*real)

    outcome = bench("pull", peers=peers(*real, sha256sum='for f; do echo "0 $f"; done'))

    assert outcome.code == 1
    assert "sha256sum says other digests than were made" in outcome.stderr
    assert outcome.stdout == ""


@pytest.mark.slow
def test_a_copy_with_other_pictures_is_no_result(bench: Bench, needs: Needs, peers: Peers) -> None:
    needs("ffmpeg", "ffprobe")
    script = 'case "$*" in *streamhash*) /bin/date +%N;; *) exec /usr/bin/ffmpeg "$@";; esac'

    outcome = bench("rendition", peers=peers("ffprobe", "sha256sum", "sync", ffmpeg=script))

    assert outcome.code == 1
    assert "the copy's coded streams are not the original's" in outcome.stderr


@pytest.mark.slow
def test_an_upload_that_stored_nothing_is_no_result(bench: Bench, peers: Peers) -> None:
    tools = ("cp", "sync", "sha256sum", "rm", "sh")

    outcome = bench("ingest", peers=peers(*tools, rclone="exit 0"))

    assert outcome.code == 1
    assert "rclone stored []" in outcome.stderr
