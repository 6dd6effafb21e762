from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.feeds.dispatch import LARGEST, MOST_PROBLEMS, read

HEADER = (
    "Event ID,Officer Badge ID,Officer Dispatched DateTime,Officer Cleared DateTime,Call type,"
    "Case ID,Beat\n"
)
GOOD = "E-1,4711,2026-11-23T07:00:00Z,2026-11-23T08:00:00+00:00,Theft,C-9,12\n"


def _problems(*lines: str) -> list[tuple[int, str]]:
    reading = read((HEADER + "".join(lines)).encode())
    return [(problem.row, problem.reason) for problem in reading.problems]


def test_a_row_of_the_usual_columns_is_an_incident() -> None:
    reading = read((HEADER + GOOD).encode())

    (told,) = reading.rows
    assert (told.number, told.officer, told.call_type, told.case_id) == (
        "E-1",
        "4711",
        "Theft",
        "C-9",
    )
    assert told.cleared == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert reading.ignored_columns == ("beat",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_chinese_exports_are_read_in_their_encoding(encoding: str) -> None:
    reading = read((HEADER + GOOD.replace("Theft", "盗窃")).encode(encoding))

    assert reading.rows[0].call_type == "盗窃"
    assert reading.encoding == ("utf-8" if encoding.startswith("utf") else "gb18030")


def test_columns_may_come_in_any_order_and_case() -> None:
    text = (
        "OFFICER BADGE ID , officer cleared datetime,Event Id,officer dispatched datetime\r\n"
        "4711,2026-11-23T08:00:00Z,E-1,2026-11-23T07:00:00Z\r\n"
    )

    assert read(text.encode()).rows[0].number == "E-1"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("E-1,,2026-11-23T07:00:00Z,2026-11-23T08:00:00Z\n", "no officer badge id"),
        ("E-1,4711,2026-11-23T07:00:00,2026-11-23T08:00:00Z\n", "with a time zone"),
        ("E-1,4711,yesterday,2026-11-23T08:00:00Z\n", "ISO 8601"),
        ("E-1,4711,2026-11-23T08:00:00Z,2026-11-23T07:00:00Z\n", "not after"),
        ("E-1,4711,2026-11-23T00:00:00Z,2026-11-23T08:00:00Z\n", "not shorter"),
        ("E-1,4711\n", "no officer dispatched datetime"),
        (GOOD.strip() + ",too,many\n", "cells under"),
        ('E-1,"4711,2026-11-23T07:00:00Z,2026-11-23T08:00:00Z\n', "unexpected end of data"),
    ],
)
def test_a_bad_row_is_named_and_holds_up_no_other(line: str, reason: str) -> None:
    reading = read((HEADER + line + GOOD.replace("E-1", "E-2")).encode())

    assert [told.number for told in reading.rows] == ["E-2"]
    ((row, said),) = [(problem.row, problem.reason) for problem in reading.problems]
    assert row == 2
    assert reason in said


def test_a_quoted_line_break_belongs_to_its_row() -> None:
    reading = read((HEADER + GOOD.replace("Theft", '"Theft,\nshop"') + GOOD).encode())

    assert [told.call_type for told in reading.rows] == ["Theft,\nshop", "Theft"]
    assert reading.problems == ()


def test_missing_columns_are_named_once() -> None:
    assert [problem.reason for problem in read(b"Event ID,Beat\n1,2\n").problems] == [
        "columns missing: officer badge id, officer dispatched datetime, officer cleared datetime"
    ]


def test_a_second_dispatch_of_the_officer_is_counted_in_order_of_time() -> None:
    later = GOOD.replace("T07:", "T07:3").replace("T07:300:00Z", "T07:30:00Z")
    reading = read((HEADER + later + GOOD + GOOD).encode())

    assert [(told.nth, told.dispatched.minute) for told in reading.rows] == [(1, 0), (2, 30)]


def test_several_officers_on_one_event_are_several_rows() -> None:
    reading = read((HEADER + GOOD + GOOD.replace("4711", "4712")).encode())

    assert [(told.officer, told.nth) for told in reading.rows] == [("4711", 1), ("4712", 1)]


def test_a_header_that_is_no_csv_is_one_problem() -> None:
    (problem,) = read(b'"Event ID,Officer Badge ID\n').problems

    assert "the line of column names" in problem.reason


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: (HEADER + text).encode()))
def test_whatever_the_file_holds_it_is_read_to_its_end(data: bytes) -> None:
    reading = read(data)

    assert len(reading.rows) <= data.count(b"\n") + data.count(b"\r") + 1


def test_more_bad_rows_than_anybody_reads_are_counted() -> None:
    reading = read((HEADER + "x\n" * (MOST_PROBLEMS + 7) + GOOD).encode())

    assert len(reading.rows) == 1
    assert len(reading.problems) == MOST_PROBLEMS + 1
    assert reading.problems[-1].reason == "7 more rows cannot be used"


def test_a_file_that_is_too_large_is_a_problem_and_not_read() -> None:
    reading = read(bytes(LARGEST + 1))

    assert [problem.row for problem in reading.problems] == [0]
    assert reading.rows == ()
