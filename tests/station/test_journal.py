from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.acquisition import Acquisition
from evidence.clip import ClipClass, ClipState
from evidence.clock import SetClock
from evidence.commitment import check_opening
from evidence.custody import station_act_message
from evidence.digest import Sha256
from evidence.wire import Archived, VaultFacts
from ingest.archive_client import StationKey
from ingest.pull import Pulled
from ingest.source import FileKey
from station.claims import Claims, Told
from station.continuity import Continuity
from station.heard import ClockSeen, Heard, Refusal
from station.journal.journal import Journal
from station.journal.records import ClipRecord, Finding, Kept, SameAs

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = StationKey(station="s-1", private=Ed25519PrivateKey.generate())
PULLED = Pulled(sha256=Sha256.of(b"footage"), size=7)
ARCHIVED = Archived(
    clip="c-theirs",
    vault=VaultFacts(bucket="b", key="k", version_id="v", mode="COMPLIANCE", lock_until="x"),
    retain_until="x",
    retain_rule="default",
    entry=3,
    entry_text="{}",
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.open(tmp_path / "journal.sqlite", KEY, SetClock(NOW))
    yield journal
    journal.close()


def finding(journal: Journal, path: bytes = b"a.mp4", **key: object) -> Finding:
    held = FileKey(
        camera="cam", serial="", path=path, size=7, mtime_ns=1, head=Sha256.of(b"footage")
    )
    return Finding(
        docking=journal.dock(b"slot", "1-2").id,
        folder=b"slot",
        key=replace(held, **key),  # type: ignore[arg-type]
        claims=Claims(camera="cam", camera_told=Told.FOLDER, officer="P1", started=NOW),
        clip_class=ClipClass.VIDEO,
        profile="generic-dcim",
        acquisition=Acquisition.DOCKED,
    )


def entries(journal: Journal) -> list[dict[str, object]]:
    return [json.loads(act.raw) for act in journal.acts_after(0, 1000)]


def archived(journal: Journal) -> ClipRecord:
    clip = journal.found(finding(journal)).id
    journal.pulled(clip, finding(journal).key, PULLED, ClipClass.VIDEO)
    journal.verified(clip)
    journal.archived(clip, ARCHIVED)
    return journal.clip(clip)


def test_a_journey_is_a_gapless_row_of_signed_entries(journal: Journal) -> None:
    clip = archived(journal)

    acts = journal.acts_after(0, 100)

    assert [act.number for act in acts] == [1, 2, 3, 4]
    kinds = [entry["kind"] for entry in entries(journal)]
    assert kinds == ["clip.found", "clip.pulled", "clip.verified", "clip.archived"]
    assert {entry["clip"] for entry in entries(journal)} == {clip.id}
    for act in acts:
        message = station_act_message("s-1", act.number, act.raw.encode())
        KEY.private.public_key().verify(bytes.fromhex(act.signature), message)


def test_entries_tell_no_name_and_no_number_in_the_clear(journal: Journal) -> None:
    journal.found(finding(journal, path=b"secret-name.mp4", camera="BWC-777"))

    raw = journal.acts_after(0, 1)[0].raw

    assert not any(told in raw for told in ("secret-name", "P1", "2026-01-01T00:00:00.000Z,"))
    assert "BWC-777" not in raw


def test_the_openings_open_what_the_pulled_entry_commits_to(journal: Journal) -> None:
    clip = archived(journal)

    (pulled,) = [entry for entry in entries(journal) if entry["kind"] == "clip.pulled"]

    committed = pulled["commitments"]
    assert isinstance(committed, dict)
    openings = journal.openings(clip.id)
    assert set(committed) == set(openings) == {"path", "camera", "officer", "started"}
    for name, opening in openings.items():
        check_opening(name, opening, Sha256.from_hex(committed[name]))


def test_every_verb_may_be_repeated(journal: Journal) -> None:
    clip = archived(journal)
    before = journal.last_number()

    again = journal.found(finding(journal))
    journal.pulled(clip.id, finding(journal).key, PULLED, ClipClass.VIDEO)
    journal.verified(clip.id)
    journal.archived(clip.id, ARCHIVED)
    journal.partial(clip.id, reason="card-gone", problem="", got=0)

    assert (again, journal.last_number()) == (clip, before)


def test_a_known_file_at_a_new_docking_is_seen_once(journal: Journal) -> None:
    clip = archived(journal)
    journal.undock(journal.dock(b"slot", "1-2").id, Continuity())
    docking = journal.dock(b"slot", "1-2")

    for _ in range(3):
        assert journal.found(finding(journal)).id == clip.id

    assert [entry["kind"] for entry in entries(journal)][4:] == ["dock.end", "dock.seen"]
    assert not docking.continued


def test_a_file_that_was_only_begun_is_seen_at_a_new_docking_too(journal: Journal) -> None:
    clip = journal.found(finding(journal))
    journal.undock(journal.dock(b"slot", "1-2").id, Continuity())

    assert journal.found(finding(journal)) == clip

    assert [entry["kind"] for entry in entries(journal)] == ["clip.found", "dock.end", "dock.seen"]


def test_a_card_that_never_left_is_not_docked_anew(journal: Journal) -> None:
    clip = archived(journal)

    docking = journal.dock(b"slot", "1-2")

    assert journal.found(finding(journal)).id == clip.id
    assert docking.continued
    assert journal.last_number() == 4


def test_the_same_bytes_under_the_same_name_are_the_same_clip(journal: Journal) -> None:
    clip = archived(journal)
    copied = journal.found(finding(journal, mtime_ns=2))

    kept = journal.pulled(copied.id, finding(journal, mtime_ns=2).key, PULLED, ClipClass.VIDEO)

    assert kept == SameAs(clip=clip.id)
    assert journal.found(finding(journal, mtime_ns=2)).id == clip.id
    assert [item.id for item in journal.items()] == ["c-theirs"]
    assert entries(journal)[-1]["kind"] == "dock.seen"


def test_other_bytes_under_the_same_name_are_a_second_clip_and_an_alarm(journal: Journal) -> None:
    clip = archived(journal)
    what = finding(journal, mtime_ns=2, head=Sha256.of(b"other"))
    second = journal.found(what).id

    other = Pulled(sha256=Sha256.of(b"x"), size=7)
    kept = journal.pulled(second, what.key, other, ClipClass.VIDEO)

    assert isinstance(kept, Kept)
    assert kept.alarm is not None
    assert "both are kept" in kept.alarm
    assert entries(journal)[-1]["other_bytes_of"] == [clip.id]
    assert len(journal.items()) == 2


def test_the_same_bytes_on_another_camera_are_another_clip(journal: Journal) -> None:
    archived(journal)
    other = journal.found(finding(journal, camera="cam-2"))

    assert journal.pulled(
        other.id, finding(journal, camera="cam-2").key, PULLED, ClipClass.VIDEO
    ) == Kept(clip=other.id, alarm=None)


def test_a_card_that_leaves_makes_a_clip_partial_until_it_is_whole(journal: Journal) -> None:
    clip = journal.found(finding(journal)).id

    for _ in range(2):
        journal.partial(clip, reason="card-gone", problem="gone", got=3)
    partial = journal.clip(clip)
    journal.pulled(clip, finding(journal).key, PULLED, ClipClass.VIDEO)

    assert (partial.clip_class, partial.state, partial.got) == (
        ClipClass.PARTIAL,
        ClipState.FOUND,
        3,
    )
    assert journal.clip(clip).clip_class is ClipClass.VIDEO
    assert [entry["kind"] for entry in entries(journal)][1:] == ["clip.partial", "clip.pulled"]


def test_a_file_that_grew_before_anything_was_kept_is_the_same_clip(journal: Journal) -> None:
    first = journal.found(finding(journal)).id

    second = journal.found(finding(journal, size=9, mtime_ns=2, head=Sha256.of(b"footage.."))).id

    assert (second, journal.clip(first).size) == (first, 9)


def test_two_files_of_one_name_at_once_become_two_clips(journal: Journal) -> None:
    one, other = finding(journal), finding(journal, mtime_ns=2, head=Sha256.of(b"other"))
    clip = journal.found(one).id
    assert journal.found(other).id == clip

    journal.pulled(clip, one.key, PULLED, ClipClass.VIDEO)

    assert journal.found(one).id == clip
    assert journal.found(other).id != clip


def test_what_was_kept_of_another_recording_of_that_name_stays_its_own(journal: Journal) -> None:
    first = journal.found(finding(journal)).id
    journal.partial(first, reason="card-gone", problem="gone", got=3)

    second = journal.found(finding(journal, mtime_ns=2, head=Sha256.of(b"other"))).id

    assert second != first
    assert [held.id for held in journal.waiting_for_card(b"slot")] == [first, second]


def test_a_refused_name_is_listed_with_its_reason(journal: Journal) -> None:
    what = replace(finding(journal), clip_class=ClipClass.REFUSED, reason="fifo", problem="a fifo")

    journal.found(what)

    (item,) = journal.items()
    assert (item.clip_class, item.problem, item.sha256) == (ClipClass.REFUSED, "a fifo", None)
    assert entries(journal)[0]["kind"] == "clip.refused"
    assert journal.waiting_for_card() == []


def test_the_database_refuses_a_change_without_its_entry(journal: Journal) -> None:
    clip = archived(journal).id

    with pytest.raises(Exception, match="unrecorded"), journal._engine.begin() as db:
        db.exec_driver_sql("UPDATE clip SET state = 'RELEASED' WHERE id = ?", (clip,))


def test_the_journey_is_over_when_everything_is_noted(journal: Journal) -> None:
    clip = archived(journal).id

    journal.receipt_stored(clip)
    journal.rendition_decided(clip, "copy", 4)
    journal.freed(clip)

    assert journal.travelling() == []
    assert (journal.totals().finished, journal.totals().archived) == (1, 1)
    (item,) = journal.items()
    assert (item.receipt, item.rendition, item.segments) == ("c-theirs.tlog-proof", "copy", 4)


def test_what_was_stopped_gets_another_chance_at_the_next_start(journal: Journal) -> None:
    clip = journal.found(finding(journal)).id
    journal.pulled(clip, finding(journal).key, PULLED, ClipClass.VIDEO)
    journal.stop(clip, "rotten")
    stopped = journal.travelling()

    journal.try_stopped_again()

    assert stopped == []
    assert [held.id for held in journal.travelling()] == [clip]


CLOCK = ClockSeen(
    shown="2026-01-01T08:02:00", at="2026-01-01T00:00:00.000Z", offset_ms=120_000, within_ms=700
)
HEARD = Heard(
    id="t-" + 32 * "0",
    profile="amba-control",
    camera="cam-7",
    officer="PO9",
    battery=87,
    firmware="V1",
    clock=CLOCK,
    unanswered={"read_info": "it said 'secret'"},
)


def test_what_a_camera_told_is_an_act_without_names_and_the_offset_of_its_clips(
    journal: Journal,
) -> None:
    for _ in range(2):
        journal.told(HEARD, "1-2")
    docking = journal.dock(b"slot", "1-2", HEARD)
    clip = journal.found(finding(journal))

    told, docked, found = entries(journal)
    assert (told["kind"], told["told"], told["clock_offset_ms"]) == (
        *("camera.told", HEARD.id),
        120_000,
    )
    assert (told["unanswered"], told["battery"]) == (["read-info"], 87)
    assert (docked["kind"], docked["docking"], docked["told"]) == (
        *("camera.dock", docking.id),
        HEARD.id,
    )
    assert (found["clock_offset_ms"], clip.clock_offset_ms) == (120_000, 120_000)
    raw = "".join(act.raw for act in journal.acts_after(0, 10))
    assert not any(word in raw for word in ("cam-7", "PO9", "secret", "V1"))


def test_a_docking_remembers_what_was_heard_when_the_station_starts_again(
    journal: Journal,
) -> None:
    journal.told(HEARD, "1-2")
    journal.dock(b"slot", "1-2", HEARD)

    again = journal.dock(b"slot", "1-2")

    assert (again.continued, again.heard) == (True, HEARD)


def test_a_card_that_was_opened_anew_is_still_the_camera_that_was_heard(journal: Journal) -> None:
    journal.told(HEARD, "1-2")
    journal.undock(journal.dock(b"slot", "1-2", HEARD).id, Continuity())

    again = journal.dock(b"slot", "1-2", HEARD)

    assert (again.continued, again.heard) == (False, HEARD)
    assert journal.found(finding(journal)).clock_offset_ms == 120_000


def test_a_later_offset_says_nothing_of_a_file_that_was_found_before(journal: Journal) -> None:
    first = journal.found(finding(journal))
    journal.undock(journal.dock(b"slot", "1-2").id, Continuity())
    journal.told(HEARD, "1-2")
    journal.dock(b"slot", "1-2", HEARD)

    again = journal.found(finding(journal))
    new = journal.found(finding(journal, path=b"b.mp4"))

    assert (again.id, again.clock_offset_ms, new.clock_offset_ms) == (first.id, None, 120_000)


def test_a_file_that_names_another_camera_has_no_offset(journal: Journal) -> None:
    journal.told(HEARD, "1-2")
    journal.dock(b"slot", "1-2", HEARD)
    what = finding(journal)

    named = replace(what.claims, camera="BWC9", camera_told=Told.NAME)

    assert journal.found(replace(what, claims=named)).clock_offset_ms is None


def test_a_refused_device_is_an_act(journal: Journal) -> None:
    journal.device_refused(
        Refusal(
            port="1-2",
            reason="extra-interface",
            vendor=0x4255,
            product=1,
            interfaces=("03:01:01",),
            descriptors=Sha256.of(b""),
            count=3,
        )
    )

    (act,) = entries(journal)
    assert (act["kind"], act["port"], act["interfaces"], act["count"]) == (
        *("device.refused", "1-2"),
        *(["03:01:01"], 3),
    )
