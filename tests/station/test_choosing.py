"""What the journal keeps of what is said at the board, and which events are offered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.clip import ClipClass
from evidence.clock import SetClock, stamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.wire import KioskIncident
from ingest.archive_client import ArchiveClient
from station.choosing import OwnClip, Said, near, typed
from station.desk import Desk
from station.journal.journal import Journal
from station.kiosk import LIFE, Kiosk, Own, Unheard
from tests.station.test_journal import KEY, NOW, PULLED, finding

SINCE = NOW - timedelta(days=3)


def pulled(journal: Journal, path: bytes) -> str:
    found = finding(journal, path=path)
    clip = journal.found(found).id
    journal.pulled(clip, found.key, PULLED, ClipClass.VIDEO)
    return clip


def acts(journal: Journal) -> list[tuple[int, dict[str, object]]]:
    found = [(each.number, json.loads(each.raw)) for each in journal.acts_after(0, 100)]
    return [each for each in found if each[1]["kind"] == EntryKind.CLIP_CHOSEN.value]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def journal(tmp_path: Path, clock: SetClock) -> Iterator[Journal]:
    journal = Journal.open(tmp_path / "journal.sqlite", KEY, clock)
    yield journal
    journal.close()


@pytest.fixture
async def kiosk(tmp_path: Path, clock: SetClock) -> AsyncIterator[Kiosk]:
    """A kiosk whose archive is away."""
    journal = Journal.open(tmp_path / "journal.sqlite", KEY, clock)
    journal.give_badge("7", "P1", "Li")
    pulled(journal, b"a.mp4")
    async with Desk(journal) as desk, ArchiveClient("http://127.0.0.1:9", clock, KEY) as archive:
        yield Kiosk(desk=desk, archive=archive, clock=clock)


def test_what_was_said_is_on_record_once_and_its_words_are_commitments(journal: Journal) -> None:
    clip = pulled(journal, b"a.mp4")
    said = Said(clip=clip, officer="P1", number="E-77")
    for each in (said, said, Said(clip=clip, officer="P1", incident="i-1", number="E-1")):
        journal.choose(each)

    (number, typed_act), (_, chosen) = acts(journal)
    (sent,) = journal.openings_of([number])

    opened = {
        name: Opening.from_wire({"salt": each.salt, "value_hex": each.value_hex})
        for name, each in sent.openings.items()
    }
    assert {name: each.commitment.hex for name, each in opened.items()} == typed_act["commitments"]
    assert {name: each.value for name, each in opened.items()} == {
        "officer": b"P1",
        "event": b"E-77",
    }
    assert "E-77" not in json.dumps(typed_act)
    assert (chosen["incident"], "event" in dict(chosen["commitments"])) == ("i-1", False)  # type: ignore[call-overload]


def test_an_officer_is_shown_their_own_recordings_those_without_a_word_first(
    journal: Journal,
) -> None:
    first, second = pulled(journal, b"a.mp4"), pulled(journal, b"b.mp4")
    journal.found(finding(journal, path=b"on the card still.mp4"))
    journal.choose(Said(clip=second, officer="P1", number="E-1"))

    shown = journal.of_officer(" p1", SINCE)

    assert [(each.clip, each.numbers, each.begins) for each in shown] == [
        (first, (), NOW),
        (second, ("E-1",), NOW),
    ]
    assert journal.of_officer("P2", SINCE) == []
    assert journal.of_officer("P1", NOW + timedelta(seconds=1)) == []


async def test_a_badge_counts_for_a_minute_after_the_last_touch(
    kiosk: Kiosk, clock: SetClock
) -> None:
    shown = await kiosk.own("7")
    assert isinstance(shown, Own)
    ((clip, _),) = shown.clips
    said = []
    for seconds in (LIFE - 1, LIFE - 1, LIFE + 1):
        clock.advance(seconds)
        said.append(await kiosk.choose(shown.token, clip.clip, "number", "E-1"))

    assert not shown.asked
    assert said == ["E-1", "E-1", Unheard.OVER]
    assert await kiosk.own("8") is Unheard.NO_BADGE


def incident(number: str, hours: float) -> KioskIncident:
    at = NOW + timedelta(hours=hours)
    return KioskIncident(
        incident=f"i-{number}",
        number=number,
        dispatched=stamp(at),
        cleared=stamp(at + timedelta(hours=1)),
        call_type=None,
    )


@pytest.mark.parametrize(
    ("begins", "said", "wanted"),
    [
        (NOW, (), ["during", "before", "later"]),
        (NOW, ("during",), ["before", "later"]),
        (NOW + timedelta(hours=12), (), ["later"]),
        (None, (), ["later", "during", "before"]),
    ],
)
def test_the_nearest_events_are_offered(
    begins: object, said: tuple[str, ...], wanted: list[str]
) -> None:
    clip = OwnClip(clip="c", camera="A", begins=begins, numbers=said)  # type: ignore[arg-type]
    incidents = [incident("during", -0.5), incident("later", 5), incident("before", -3)]

    assert [each.number for each in near(clip, incidents)] == wanted


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "x" * 65])
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    assert typed(text) is None
