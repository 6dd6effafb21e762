"""From the approval on nobody is given the clip any more, and is told why and who can help."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.errors import OutOfTurn
from evidence.rights import Role
from evidence.wire import ClipDetail, ReleaseWanted, ThumbnailsWanted, WatchRequest
from tests.archive.disposal.ending import Ending
from tests.archive.export.packages import Package, export
from tests.archive.house import Footage, Person

DAY = "2026-11-23"


async def sealed(end: Ending) -> tuple[str, Person]:
    """A clip that can be watched and is to go, and a reviewer."""
    clip = await end.archive()
    await (await end.station()).derive(clip)
    await end.agreed(clip)
    return clip, await end.door.person(Role.REVIEWER)


async def test_nobody_watches_it(end: Ending) -> None:
    clip, reviewer = await sealed(end)

    watched = await reviewer.post(f"/v1/clips/{clip}/views", WatchRequest(reason="C-9"))
    glanced = await reviewer.post("/v1/thumbnails", ThumbnailsWanted(clips=[clip]))

    assert (watched.status, watched.title) == (409, "OutOfTurn")
    assert b"can withdraw that proposal" in watched.body
    assert glanced.status == 404
    assert await end.entries("view") == []


async def test_thumbnails_of_the_others_are_shown(end: Ending) -> None:
    clip, reviewer = await sealed(end)
    other = await end.archive(Footage(data=b"another", path=b"O.MP4"))
    await (await end.station()).derive(other)

    glanced = await reviewer.post("/v1/thumbnails", ThumbnailsWanted(clips=[clip, other]))

    assert glanced.status == 201
    (entry,) = await end.entries("view.list")
    assert entry["clips"] == [other]


@pytest.mark.parametrize("kind", ["clips", "officer-day"])
async def test_no_selection_holds_it_and_a_whole_package_does(
    end: Ending, tmp_path: Path, kind: str
) -> None:
    clip, _ = await sealed(end)
    named = {"clips": [clip]} if kind == "clips" else {"subject": "4711", "day": DAY}

    with pytest.raises(OutOfTurn, match="is sealed"):
        await export(end.door, tmp_path / "some", kind, **named)
    await export(end.door, tmp_path / "all")

    assert not (tmp_path / "some").exists()
    (held,) = Package(folder=tmp_path / "all").statement.clips
    assert (held.clip, held.without) == (clip, None)


async def test_who_withdraws_gives_it_back(end: Ending, tmp_path: Path) -> None:
    clip = await end.archive()
    await (await end.station()).derive(clip)
    proposal, reviewer = await end.agreed(clip), await end.door.person(Role.REVIEWER)

    await end.withdraw(proposal)

    watched = await reviewer.post(f"/v1/clips/{clip}/views", WatchRequest(reason="C-9"))
    assert watched.status == 201
    await export(end.door, tmp_path / "one", "clips", clips=[clip])


async def test_what_is_gone_is_shown_as_gone_and_given_to_nobody(end: Ending) -> None:
    clip, reviewer = await sealed(end)
    await end.walk()

    shown = (await reviewer.get(f"/v1/clips/{clip}")).as_(ClipDetail)
    watched = await reviewer.post(f"/v1/clips/{clip}/views", WatchRequest(reason="C-9"))
    station, wanted = await end.station(), ReleaseWanted(challenge="00" * 16)
    released = await station.post(f"/v1/clips/{clip}/release", wanted)

    assert (shown.summary.state, shown.vault, shown.summary.camera) == ("DISPOSED", None, "")
    assert (watched.status, released.status) == (409, 409)
    assert b"was disposed of" in watched.body
    (listed,) = await end.door.archive.clips()
    assert listed.summary.id == clip
