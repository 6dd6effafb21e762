from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from evidence.custody import EntryKind
from evidence.digest import Sha256
from player.clip import Watching
from tests.player.reader import Answer, Reader
from tests.player.window import Window


async def watching(reader: Reader, clip: str) -> Watching:
    """What the player's script is told when it opens *clip*."""
    await reader.get(f"/clips/{clip}")
    answer = await reader.watch(clip)
    assert answer.status == 201, answer.text
    return msgspec.json.decode(answer.body, type=Watching)


def views(window: Window, clip: str) -> list[int]:
    """The log indices of the clip's ``view`` entries, as the archive itself holds them."""
    details = {each.summary.id: each for each in window.run(window.archive.clips())}
    return [e.index for e in details[clip].entries if e.kind == EntryKind.VIEWED]


async def test_a_view_is_in_the_log_before_the_first_byte(rita: Reader, window: Window) -> None:
    clip = window.clips["h264.mp4"]
    before = views(window, clip)

    given = await watching(rita, clip)

    assert given.act is not None
    assert views(window, clip) == [*before, given.act.index]
    assert (await rita.get(f"{given.folder}media.mp4")).status == 200


async def test_the_media_are_the_bytes_the_archive_holds(rita: Reader, window: Window) -> None:
    given = await watching(rita, window.clips["h264.mp4"])

    media = await rita.get(f"{given.folder}media.mp4")
    manifest = await rita.get(f"{given.folder}segments.json")

    init = msgspec.json.decode(manifest.body)["init"]
    assert Sha256.of(media.body[: init["length"]]).hex == init["sha256"]
    assert media.headers["Cache-Control"] == "no-store"
    assert media.headers["Content-Type"] == "video/mp4"


async def test_another_session_cannot_use_a_grant(
    rita: Reader, new_reader: Callable[[], Reader], window: Window
) -> None:
    other = new_reader()
    await other.sign_in("rita")
    given = await watching(rita, window.clips["h264.mp4"])

    assert_nothing_given(await other.get(f"{given.folder}media.mp4"), 404)
    assert_nothing_given(await new_reader().get(f"{given.folder}media.mp4"), 404)


async def test_a_grant_ends_with_its_time(rita: Reader, window: Window) -> None:
    given = await watching(rita, window.clips["h264.mp4"])

    window.clock.ahead = timedelta(hours=1)
    late = await rita.get(f"{given.folder}media.mp4")
    window.clock.ahead = timedelta(0)

    assert_nothing_given(late, 403)


async def test_a_grant_ends_with_its_session(rita: Reader, window: Window) -> None:
    given = await watching(rita, window.clips["h264.mp4"])

    await rita.post("/sign-out")
    await rita.sign_in("rita")

    assert_nothing_given(await rita.get(f"{given.folder}media.mp4"), 404)


@pytest.mark.parametrize("path", ["/media/g-0/media.mp4", "/media/../../etc/passwd", "/media/x"])
async def test_a_made_up_grant_gives_nothing(rita: Reader, path: str) -> None:
    assert_nothing_given(await rita.get(path), 404)


async def test_a_grant_gives_nothing_but_its_own_objects(rita: Reader, window: Window) -> None:
    given = await watching(rita, window.clips["h264.mp4"])

    assert_nothing_given(await rita.get(f"{given.folder}picture.jpg"), 404)


async def test_asking_again_is_a_view_of_its_own(rita: Reader, window: Window) -> None:
    clip = window.clips["hevc.mp4"]

    first, second = await watching(rita, clip), await watching(rita, clip)

    assert first.folder != second.folder
    assert len(views(window, clip)) >= 2


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=-10", -10, -1), ("bytes=5-", 5, -1)],
)
async def test_a_byte_range_is_exactly_that_range(
    rita: Reader, window: Window, asked: str, first: int, last: int
) -> None:
    given = await watching(rita, window.clips["h264.mp4"])
    whole = (await rita.get(f"{given.folder}media.mp4")).body

    part = await rita.get(f"{given.folder}media.mp4", Range=asked)

    assert part.status == 206
    start, end = first % len(whole), last % len(whole)
    assert part.body == whole[start : end + 1]
    assert part.headers["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=999999999-", "bytes=x"])
async def test_a_range_that_cannot_be_given_is_refused(
    rita: Reader, window: Window, asked: str
) -> None:
    given = await watching(rita, window.clips["h264.mp4"])

    assert (await rita.get(f"{given.folder}media.mp4", Range=asked)).status == 416


async def test_a_list_shows_its_pictures_by_a_grant_too(rita: Reader) -> None:
    listed = await rita.get("/?clip_class=image")
    source = listed.text.split('<img src="')[1].split('"')[0]

    picture = await rita.get(source)

    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.body.startswith(b"\xff\xd8\xff")


def assert_nothing_given(answer: Answer, status: int) -> None:
    assert answer.status == status
    assert "video/mp4" not in answer.headers["Content-Type"]
    assert b"ftyp" not in answer.body
