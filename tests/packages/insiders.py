"""Forged packages of whoever is trusted with a part: an old statement, the log's key.

One rule: what is forged here is signed as it must be, and only its sense is false.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec

from evidence.canonical import canonical
from evidence.clock import stamp
from evidence.digest import Sha256
from evidence.package import Selection, Statement
from tests.packages import writing
from tests.packages.house import Footage, House, house
from tests.packages.writing import bagged, exported, put, whole


def old_statement_in_a_newer_log(folder: Path) -> None:
    """Whoever has an old whole package wraps it in the log of today, which knows more clips."""
    made = house()
    statement, old = writing.state(made, made.clips, Selection(kind="all")), list(made.clips)
    exported(made, statement)
    made.now += timedelta(days=30)
    made.take_in(made.stations[0], b"what nobody is to see", ".mp4", {"media.mp4": b"it"})
    _finish(made, folder, statement, old)


def log_counted_only_to_where_it_suits(folder: Path) -> None:
    """The archive ends its statement before a clip that came in long before the export."""
    made = house(until=5)
    made.clips.pop()
    statement = writing.state(made, made.clips, Selection(kind="all"))
    size = made.clips[-1].archived + 3
    clips = [
        msgspec.structs.replace(clip, entries=[i for i in clip.entries if i < size])
        for clip in statement.clips
    ]
    made.now += timedelta(days=1)
    statement = msgspec.structs.replace(statement, size=size, clips=clips, made=stamp(made.now))
    _write(made, folder, statement, made.clips)


def statement_dated_back(folder: Path) -> None:
    made = house()
    statement = writing.state(made, made.clips, Selection(kind="all"))
    made.now += timedelta(days=90)
    _write(made, folder, statement, made.clips)


def census_left_out(folder: Path) -> None:
    """The archive lists only the censuses that do not count the clip it hides."""
    made = house()
    theirs = [clip for clip in made.clips if clip.subject == made.clips[1].subject]
    first = min(made.censuses)
    made.censuses = {first: made.censuses[first]}
    made.clips.insert(0, made.clips.pop(1))
    made.now += timedelta(days=90)
    writing.officer_day(made, folder, [clip for clip in theirs if clip.archived < first])


def census_that_ends_early(folder: Path) -> None:
    """It was taken for the export, and counts nothing."""
    made = house(others=1200, until=0)
    made.take_census_to(0)
    writing.officer_day(made, folder, [])


def another_log_under_a_true_checkpoint(folder: Path) -> None:
    """Whoever holds no key makes a log of their own, as long as the true one."""
    made, true = house(b"what a forger wants seen"), house()
    whole(made, folder)
    while len(true.entries) < len(made.entries):
        true.record("view", "p-1", true.clips[0].id)
    put(folder / "data/log/checkpoint", true.checkpoint())
    bagged(folder)


def original_without_a_known_reason(folder: Path) -> None:
    _restated(folder, original=None, without="later")


def original_without_a_reason(folder: Path) -> None:
    _restated(folder, original=None, without=...)


def number_that_is_text(folder: Path) -> None:
    _restated(folder, entry=str(house().clips[0].archived))


def _restated(folder: Path, **more: object) -> None:
    """A clip of which the statement says *more*, where ``...`` takes a name away."""
    made = house()
    clips = made.clips[:1]
    statement = writing.state(made, clips, Selection(kind="clips", clips=[clips[0].id]))
    told = json.loads(statement.to_bytes())
    told["clips"][0] |= more
    told["clips"][0] = {name: held for name, held in told["clips"][0].items() if held is not ...}
    raw = canonical(told)
    index = made.record("export", "p-2", statement={"sha256": Sha256.of(raw).hex}, clips=1)
    writing._payload(made, folder, statement, clips)
    put(folder / "data/statement.json", raw)
    note = made.checkpoint()
    put(folder / "data/log/checkpoint", note)
    writing.receipts(made, folder, [*statement.entries, index], note)
    bagged(folder)


def places_that_are_text(folder: Path) -> None:
    """To a careless reader "1" and "11" are neighbours: "1" + 1 is "11"."""
    made = house()
    writing.officer_day(made, folder)
    path = next(folder.joinpath("data/completeness").iterdir())
    told = json.loads(path.read_bytes())
    told["leaves"][0]["place"] = str(told["leaves"][0]["place"])
    put(path, canonical(told))
    bagged(folder)


def original_that_the_station_did_not_read(folder: Path) -> None:
    """The archive took in other bytes than the station signed, with a manifest to match."""
    _replaced(folder, b"doctored")


def original_longer_than_the_station_read(folder: Path) -> None:
    _replaced(folder, b"doctored", "sha256")


def comparison_with_another_original(folder: Path) -> None:
    other = house().clips[1].manifest.sha256.hex
    _compared(folder, original={"sha256": other})


def comparison_of_another_rendition(folder: Path) -> None:
    """The entry names the rendition by its number, and other bytes."""
    _compared(folder, objects={"media.mp4": {"sha256": "00" * 32}})


def comparison_of_nothing(folder: Path) -> None:
    """The entry says that all is the same, and names no object that was held against anything."""
    _compared(folder, objects={})


def comparison_of_a_part(folder: Path) -> None:
    media = house().clips[0].objects["media.mp4"]
    _compared(folder, objects={"media.mp4": {"sha256": Sha256.of(media).hex}})


def comparison_that_names_no_original(folder: Path) -> None:
    _compared(folder, original=None)


def _compared(folder: Path, **more: object) -> None:
    made = house()
    made.compare(made.clips[0], "derive.verified", **more)
    writing.selected(made, folder)


def _replaced(folder: Path, data: bytes, *agreed: str) -> None:
    """One clip whose archived bytes are *data*; of what the station signed only *agreed* fits."""
    made = House()
    station = made.enrol(1)
    made.take_in(station, b"as it was", ".mp4", {})
    true, made.entries, made.clips, station.acts = made.entries, made.entries[:1], [], 0
    made.take_in(station, data, ".mp4", {})
    signed, ours = (json.loads(json.loads(raw)["act"]) for raw in (true[2], made.entries[2]))
    told = signed | {name: ours[name] for name in agreed}
    made.entries[2] = made.signed(station, 2, canonical(told)).raw
    made.record("view", "p-1", made.clips[0].id)
    made.take_census()
    statement = writing.state(made, made.clips, Selection(kind="all"))
    made.record("export", "p-2", statement={"sha256": statement.digest.hex}, clips=1)
    _finish(made, folder, statement, made.clips)


def _write(made: House, folder: Path, statement: Statement, clips: list[Footage]) -> None:
    """A whole package of *statement*, which is put on record now."""
    exported(made, statement)
    _finish(made, folder, statement, clips)


def _finish(made: House, folder: Path, statement: Statement, clips: list[Footage]) -> None:
    writing._payload(made, folder, statement, clips)
    writing.log(made, folder / "data/log")
    bagged(folder)


FORGED: tuple[tuple[int, Callable[[Path], object]], ...] = (
    (4, another_log_under_a_true_checkpoint),
    (5, original_without_a_known_reason),
    (5, original_without_a_reason),
    (5, number_that_is_text),
    (12, places_that_are_text),
    (8, original_that_the_station_did_not_read),
    (8, original_longer_than_the_station_read),
    (9, comparison_with_another_original),
    (9, comparison_of_another_rendition),
    (9, comparison_of_nothing),
    (9, comparison_of_a_part),
    (9, comparison_that_names_no_original),
    (12, old_statement_in_a_newer_log),
    (12, log_counted_only_to_where_it_suits),
    (5, statement_dated_back),
    (12, census_left_out),
    (12, census_that_ends_early),
)
"""The step that must name each, and what writes it."""
