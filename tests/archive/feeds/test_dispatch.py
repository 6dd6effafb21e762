"""Incidents as CSV, in the columns of Axon's Auto-Tagging and in others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalogue.incidents import Told, Withdrawn
from archive.feeds.facts import MOST_PROBLEMS
from archive.feeds.reading import LARGEST
from tests.archive.feeds.sheets import GOOD, HEADER, mapping, read, told


def incidents(data: str | bytes) -> list[Told]:
    found = told(read(data.encode() if isinstance(data, str) else data))
    return [each for each in found if isinstance(each, Told)]


def test_a_row_of_the_usual_columns_is_an_incident() -> None:
    reading = read((HEADER + GOOD).encode())

    (found,) = incidents(HEADER + GOOD)
    named = (found.number, found.officer, found.call_type, found.case_id)
    assert named == ("E-1", "4711", "Theft", "C-9")
    assert found.cleared == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert reading.ignored_columns == ("beat",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_chinese_exports_are_read_in_their_encoding(encoding: str) -> None:
    data = (HEADER + GOOD.replace("Theft", "盗窃")).encode(encoding)

    assert incidents(data)[0].call_type == "盗窃"


def test_columns_may_come_in_any_order_and_case() -> None:
    text = (
        "OFFICER BADGE ID , officer cleared datetime,Event Id,officer dispatched datetime\r\n"
        "4711,2026-11-23T08:00:00Z,E-1,2026-11-23T07:00:00Z\r\n"
    )

    assert incidents(text)[0].number == "E-1"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("E-1,,2026-11-23T07:00:00Z,2026-11-23T08:00:00Z\n", "no officer badge id"),
        ("E-1,4711,2026-11-23T07:00:00,2026-11-23T08:00:00Z\n", "with a time zone"),
        ("E-1,4711,yesterday,2026-11-23T08:00:00Z\n", "ISO 8601"),
        ("E-1,4711,2026-11-23,2026-11-23T08:00:00Z\n", "ISO 8601"),
        ("E-1,4711,2026-11-23T08:00:00Z,2026-11-23T07:00:00Z\n", "not after"),
        ("E-1,4711,2026-11-23T00:00:00Z,2026-11-23T08:00:00Z\n", "not shorter"),
        ("E-1,4711\n", "no officer dispatched datetime"),
        (GOOD.strip() + ",too,many\n", "cells under"),
        ('E-1,"4711,2026-11-23T07:00:00Z,2026-11-23T08:00:00Z\n', "unexpected end of data"),
        (GOOD.replace("4711", "47\u200b11"), "characters that nobody sees"),
        (GOOD.replace("4711", "x" * 600), "readable text"),
    ],
)
def test_a_bad_row_is_named_and_holds_up_no_other(line: str, reason: str) -> None:
    reading = read((HEADER + line + GOOD.replace("E-1", "E-2")).encode())

    assert [each.number for each in told(reading) if isinstance(each, Told)] == ["E-2"]
    ((row, said),) = [(problem.row, problem.reason) for problem in reading.problems]
    assert row == 2
    assert reason in said


def test_a_problem_names_the_column() -> None:
    (problem,) = read((HEADER + GOOD.replace("4711", "")).encode()).problems

    assert (problem.row, problem.field) == (2, "officer badge id")


def test_a_quoted_line_break_belongs_to_its_row() -> None:
    reading = read((HEADER + GOOD.replace("Theft", '"Theft,\nshop"') + GOOD).encode())

    assert [each.call_type for each in told(reading) if isinstance(each, Told)] == ["Theft"]
    assert reading.problems == ()


def test_a_quote_left_open_swallows_no_good_row() -> None:
    bad = 'E-0,"4711,2026-11-23T07:00:00Z\n'
    closing = 'E-9,4711,2026-11-23T07:00:00Z,"2026-11-23T08:00:00Z"\n'

    reading = read((HEADER + bad + GOOD + closing).encode())

    assert [each.number for each in told(reading) if isinstance(each, Told)] == ["E-1", "E-9"]
    assert [problem.row for problem in reading.problems] == [2]


@pytest.mark.parametrize("first", ["utf-8", "gbk"])
def test_lines_in_the_other_encoding_are_named_and_not_misread(first: str) -> None:
    other = {"utf-8": "gbk", "gbk": "utf-8"}[first]
    lines = [GOOD.replace("E-1", f"E-{n}").replace("Theft", "盗窃案件") for n in range(1, 4)]
    data = b"".join([HEADER.encode(), *(line.encode(first) for line in lines[:2])])

    reading = read(data + lines[2].encode(other))

    kept = [each for each in told(reading) if isinstance(each, Told)]
    assert [(each.number, each.call_type) for each in kept] == [
        ("E-1", "盗窃案件"),
        ("E-2", "盗窃案件"),
    ]
    assert [problem.row for problem in reading.problems] == [4]


def test_missing_columns_are_named_once() -> None:
    assert [problem.reason for problem in read(b"Event ID,Beat\n1,2\n").problems] == [
        "columns missing: officer badge id, officer dispatched datetime, officer cleared datetime"
    ]


def test_a_column_that_is_there_twice_is_no_guess() -> None:
    (problem,) = read((HEADER.replace("Beat", "event id") + GOOD).encode()).problems

    assert problem.reason == "columns there twice: event id"


def test_a_second_dispatch_of_the_officer_is_counted_in_order_of_time() -> None:
    later = GOOD.replace("T07:00", "T07:30")

    found = incidents(HEADER + later + GOOD + GOOD)

    assert sorted((each.nth, each.dispatched.minute) for each in found) == [(1, 0), (2, 30)]


def test_several_officers_on_one_event_are_several_rows() -> None:
    found = incidents(HEADER + GOOD + GOOD.replace("4711", "4712"))

    assert [(each.officer, each.nth) for each in found] == [("4711", 1), ("4712", 1)]


def test_full_width_letters_are_the_plain_ones_they_stand_for() -> None:
    (found,) = incidents(HEADER + GOOD.replace("4711", "４７１１").replace("E-1", "Ｅ－１"))

    assert (found.number, found.officer) == ("E-1", "4711")


def test_the_last_word_of_a_file_counts() -> None:
    header = HEADER.replace("Beat", "withdrawn")
    rows = [GOOD, GOOD.replace("Theft", "Fire"), GOOD.replace(",12", ",yes")]
    rows = [each.replace(",12", ",") for each in rows]

    assert incidents(header + "".join(rows[:2]))[0].call_type == "Fire"
    assert told(read((header + "".join(rows)).encode()))[-1] == Withdrawn(
        number="E-1", officer="4711", dispatched=datetime(2026, 11, 23, 7, tzinfo=UTC)
    )
    assert len(incidents(header + "".join(rows))) == 0


def test_what_is_told_again_after_it_was_withdrawn_stands() -> None:
    header, gone = HEADER.replace("Beat", "withdrawn"), "E-1,,,,,,yes\n"

    found = told(read((header + gone + GOOD.replace(",12", ",")).encode()))

    assert [type(each) for each in found] == [Withdrawn, Told]
    assert isinstance(found[0], Withdrawn)
    assert found[0].but == {("4711", 1)}


def test_a_place_needs_both_numbers() -> None:
    header = HEADER.replace("Call type,Case ID,Beat", "latitude,longitude,place")
    good = GOOD.replace("Theft,C-9,12", "24.4798,118.0894,厦门")

    rows = [good, good.replace("118.0894", ""), good.replace("24.", "94.")]

    reading = read("".join([header, *rows]).encode())

    (found,) = [each for each in told(reading) if isinstance(each, Told)]
    assert (found.latitude, found.longitude, found.place) == (24.4798, 118.0894, "厦门")
    assert [(each.row, each.field) for each in reading.problems] == [
        (3, "longitude"),
        (4, "latitude"),
    ]


def test_a_header_that_is_no_csv_is_one_problem() -> None:
    (problem,) = read(b'"Event ID,Officer Badge ID\n').problems

    assert "the line of column names" in problem.reason


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: (HEADER + text).encode()))
def test_whatever_the_file_holds_it_is_read_to_its_end(data: bytes) -> None:
    reading = read(data, mapping())

    assert len(reading.facts) <= data.count(b"\n") + data.count(b"\r") + 1


def test_more_bad_rows_than_anybody_reads_are_counted() -> None:
    reading = read((HEADER + "x\n" * (MOST_PROBLEMS + 7) + GOOD).encode())

    assert len(reading.facts) == 1
    assert len(reading.problems) == MOST_PROBLEMS + 1
    assert reading.problems[-1].reason == "7 more rows cannot be used"
    assert reading.unused == MOST_PROBLEMS + 7


def test_a_file_that_is_too_large_is_a_problem_and_not_read() -> None:
    reading = read(bytes(LARGEST + 1))

    assert [problem.row for problem in reading.problems] == [0]
    assert reading.facts == ()
