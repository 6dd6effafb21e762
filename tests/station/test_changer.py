"""What is written to a camera, when, and what stays of it on record."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest

from evidence.clip import ClipClass
from evidence.clock import SetClock
from evidence.digest import Sha256
from evidence.errors import CardGone
from station.change import Change, Outcome, Wearer, What
from station.changer import Changer
from station.continuity import Continuity
from station.desk import Desk
from station.heard import Heard
from station.journal.journal import Journal
from station.notary import Notary
from station.signed import Kind
from station.supplies import Order, Supplies
from station.usb.changing import write_change
from tests.station.signing import signed, signer
from tests.station.test_journal import ARCHIVED, KEY, NOW, PULLED, entries, finding
from tests.station.test_journal import HEARD as TOLD
from tests.station.usb.test_changing import DATA
from tests.station.usb.writable import Writable, camera, profile

HEARD = msgspec.structs.replace(TOLD, footage=0)


@dataclass(kw_only=True)
class Scene:
    """A station, and a camera at its port 1-2."""

    folder: Path
    journal: Journal
    changer: Changer
    model: Writable = field(default_factory=Writable)
    orders_then: list[int] = field(default_factory=list)
    """How many orders stood while it was written to."""

    async def say(self, change: Change) -> Outcome:
        self.orders_then.append(len(self.changer.supplies.orders()))
        return write_change(camera(self.model), change)

    def order(self, what: Kind = Kind.FIRMWARE, data: bytes = DATA) -> None:
        file = self.folder / "file"
        file.write_bytes(data)
        note = signed(file, signer(), what, profile="amba-control", before="V1", after="V2")
        kept = self.changer.supplies
        supply = kept.take(file, note, kind=what, profile="amba-control")
        kept.order("cam-7", supply.id, "2026-11-27T00:00:00.000Z")

    async def change(self, heard: Heard = HEARD) -> tuple[What, ...]:
        return await self.changer.change("1-2", heard, self.say)

    def dock(self, *, archived: bool = True, erased: bool = True, undocked: bool = True) -> None:
        """The camera was here before, with one file."""
        self.journal.told(TOLD, "1-2")
        docking = self.journal.dock(b"slot", "1-2", TOLD).id
        clip = self.journal.found(finding(self.journal)).id
        self.journal.pulled(clip, finding(self.journal).key, PULLED, ClipClass.VIDEO)
        self.journal.verified(clip)
        if archived:
            self.journal.archived(clip, ARCHIVED)
            self.journal.receipt_stored(clip)
        if erased:
            self.erase(clip, docking)
        if undocked:
            self.journal.undock(docking, Continuity())

    def erase(self, clip: str, docking: str) -> None:
        with self.journal._page() as page:
            page.db.exec_driver_sql(
                "INSERT INTO erasure (docking, path, clip, done) VALUES (?, ?, ?, 1)",
                (docking, b"a.mp4", clip),
            )

    @property
    def acts(self) -> list[dict[str, object]]:
        return [each for each in entries(self.journal) if each["kind"] == "camera.change"]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    journal = Journal.open(tmp_path / "journal.sqlite", KEY, SetClock(NOW))
    async with Desk(journal) as desk:
        changer = Changer(
            notary=Notary(desk, SetClock(NOW)),
            supplies=Supplies(folder=tmp_path / "supplies", keys=(signer().key,)),
            profiles=(profile(),),
        )
        yield Scene(folder=tmp_path, journal=journal, changer=changer)


async def test_firmware_is_written_once_and_both_ends_are_on_record(scene: Scene) -> None:
    scene.dock()
    assert not await scene.changer.is_needed()
    scene.order()
    assert await scene.changer.is_needed()

    assert [await scene.change() for _ in range(2)] == [(What.FIRMWARE,), ()]

    assert (scene.model.flash, scene.orders_then) == (DATA, [0])
    begun, done = scene.acts
    assert (begun["how"], begun["what"], begun["told"]) == ("begun", "firmware", HEARD.id)
    assert (done["how"], done["change"]) == ("done", begun["change"])
    assert {"sha256", "statement", "port", "profile", "commitments"} <= begun.keys()
    assert "cam-7" not in json.dumps(scene.acts)
    told = scene.journal.last_change("cam-7")
    assert told is not None
    assert told.told == "firmware V2 (file): done"


@pytest.mark.parametrize(
    ("fact", "docked", "heard"),
    [
        (4, {}, {"firmware": "V0"}),
        (5, None, {}),
        (5, {"undocked": False}, {}),
        (6, {"archived": False, "erased": True}, {}),
        (7, {"erased": False}, {}),
        (8, {}, {"footage": 2}),
        (8, {}, {"footage": None}),
    ],
)
async def test_without_a_fact_nothing_is_written_and_the_order_stands(
    scene: Scene, fact: int, docked: dict[str, bool] | None, heard: dict[str, object]
) -> None:
    if docked is not None:
        scene.dock(**docked)
    scene.order()

    assert await scene.change(msgspec.structs.replace(HEARD, **heard)) == ()

    (act,) = scene.acts
    assert (act["how"], act["fact"]) == ("refused", fact)
    assert (scene.model.heard, len(scene.changer.supplies.orders())) == ([], 1)


async def test_a_later_docking_that_was_cut_short_counts_not_the_one_before(scene: Scene) -> None:
    scene.dock()
    scene.order()
    scene.journal._clock.advance(60)  # type: ignore[attr-defined]
    later = msgspec.structs.replace(TOLD, id="t-" + 32 * "1")
    scene.journal.told(later, "1-2")
    scene.journal.undock(scene.journal.dock(b"slot", "1-3", later).id, Continuity())

    assert await scene.change() == ()
    assert scene.acts[0]["fact"] == 5


async def test_a_file_of_it_that_waits_for_its_card_is_in_the_way(scene: Scene) -> None:
    scene.dock()
    scene.order()
    what = finding(scene.journal, path=b"b.mp4", camera="cam-7", size=9)
    named = replace(what.claims, camera="cam-7")
    scene.journal.found(replace(what, claims=named))
    scene.journal.undock_all_but(frozenset())

    await scene.change()

    assert scene.acts[0]["fact"] == 6
    assert scene.model.flash == b""


async def test_a_file_of_it_that_was_seen_since_where_it_was_not_heard_is_in_the_way(
    scene: Scene,
) -> None:
    scene.dock()
    scene.order()
    scene.journal._clock.advance(60)  # type: ignore[attr-defined]
    what = finding(scene.journal, path=b"b.mp4", camera="cam-7", size=9)
    clip = scene.journal.found(replace(what, claims=replace(what.claims, camera="cam-7"))).id
    other = replace(PULLED, sha256=Sha256.of(b"another"), size=9)
    scene.journal.pulled(clip, what.key, other, ClipClass.VIDEO)
    scene.journal.verified(clip)
    scene.journal.archived(clip, ARCHIVED)
    scene.journal.receipt_stored(clip)
    scene.journal.undock(what.docking, Continuity())

    assert await scene.change() == ()
    assert scene.acts[0]["fact"] == 7

    scene.erase(clip, what.docking)
    assert await scene.change() == (What.FIRMWARE,)


async def test_what_was_changed_on_disk_is_refused_with_the_first_fact(scene: Scene) -> None:
    scene.dock()
    scene.order()
    for content in scene.changer.supplies.folder.glob("*/content"):
        content.write_bytes(b"\x00" + DATA[1:] + b"!")

    assert await scene.change() == ()
    (act,) = scene.acts
    assert (act["what"], act["how"], act["fact"]) == ("firmware", "refused", 1)
    told = scene.journal.last_change("cam-7")
    assert told is not None
    assert told.told.startswith("firmware: refused")


async def test_what_fails_in_the_middle_is_on_record_and_not_tried_again(scene: Scene) -> None:
    scene.dock()
    scene.order()
    scene.model.full_at = 16

    assert [await scene.change() for _ in range(2)] == [(What.FIRMWARE,), ()]
    assert [act["how"] for act in scene.acts] == ["begun", "failed"]


async def test_what_could_not_begin_is_refused_and_the_camera_goes_on(scene: Scene) -> None:
    scene.dock()
    scene.order()
    scene.model.footage = 1  # it told none a moment ago

    assert await scene.change() == ()
    assert [act["how"] for act in scene.acts] == ["begun", "refused"]
    assert scene.model.flash == b""


async def test_a_port_that_hangs_is_a_failure(scene: Scene) -> None:
    scene.dock()
    scene.order()

    async def hangs(_change: Change) -> Outcome:
        raise CardGone("USB port 1-2: writing to the camera hung")

    assert await scene.changer.change("1-2", HEARD, hangs) == (What.FIRMWARE,)
    told = scene.journal.last_change("cam-7")
    assert told is not None
    assert told.how == "failed"
    assert "hung" in told.told


async def test_a_station_that_was_killed_meanwhile_tells_a_beginning_without_an_end(
    scene: Scene,
) -> None:
    scene.dock()
    scene.order()

    async def killed(_change: Change) -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await scene.changer.change("1-2", HEARD, killed)

    assert await scene.change() == ()
    assert [act["how"] for act in scene.acts] == ["begun"]
    told = scene.journal.last_change("cam-7")
    assert told is not None
    assert "its end is not known" in told.told


async def test_of_two_cameras_that_bear_one_number_one_gets_what_was_ordered(scene: Scene) -> None:
    scene.dock()
    scene.order()
    both = threading.Barrier(2)
    claim = scene.changer.supplies.claim

    class Together(Supplies):
        """Both stand before the order in the same moment."""

        def claim(self, order: Order) -> bool:
            both.wait(10)
            return claim(order)

    kept = scene.changer.supplies
    scene.changer = replace(scene.changer, supplies=Together(folder=kept.folder, keys=kept.keys))

    said = await asyncio.gather(scene.change(), scene.change())

    assert sorted(said) == [(), (What.FIRMWARE,)]
    assert sorted(str(act["how"]) for act in scene.acts) == ["begun", "begun", "done", "refused"]
    assert scene.model.flash == DATA


async def test_what_is_ordered_anew_meanwhile_is_not_withdrawn(scene: Scene) -> None:
    scene.dock()
    scene.order()
    (old,) = scene.changer.supplies.orders()
    scene.order(Kind.CONFIG, b'gps = "on"')

    assert not scene.changer.supplies.claim(old)
    assert len(scene.changer.supplies.orders()) == 1


@pytest.mark.parametrize(
    "heard",
    [
        msgspec.structs.replace(HEARD, camera=None),
        msgspec.structs.replace(HEARD, camera="cam-8"),
        msgspec.structs.replace(HEARD, was_silent=True),
    ],
)
async def test_another_camera_or_one_that_was_silent_is_only_read(
    scene: Scene, heard: Heard
) -> None:
    scene.dock()
    scene.order()

    assert await scene.change(heard) == ()
    assert (scene.acts, scene.model.heard) == ([], [])


async def test_whoever_assigns_cameras_may_say_who_wears_one(scene: Scene) -> None:
    async def wang(_heard: Heard) -> Wearer:
        return Wearer(officer="PO654321", name="王芳")

    scene.changer = replace(scene.changer, wearer_of=wang)
    assert await scene.changer.is_needed()

    assert await scene.change() == (What.OFFICER,)

    begun, done = scene.acts
    assert set(begun["commitments"]) == {"camera", "officer"}  # type: ignore[call-overload]
    assert (done["how"], done["read_back"]) == ("done", True)
    assert "PO654321" not in json.dumps(scene.acts)
    assert camera(scene.model).info()["name"] == "王芳"
    same = msgspec.structs.replace(HEARD, officer="PO654321")
    assert await scene.change(same) == ()


async def test_orders_that_cannot_be_read_keep_no_camera_from_being_read(scene: Scene) -> None:
    scene.order()
    for place in (scene.changer.supplies.folder / "orders").iterdir():
        place.write_text("{}")

    assert not await scene.changer.is_needed()
    assert await scene.change() == ()
