"""Cases, duties and assignments as rows tell them, and mappings of other columns."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.catalogue.assignments import AssignmentTold, AssignmentWithdrawn
from archive.catalogue.duties import DutyTold, DutyWithdrawn
from archive.catalogue.incidents import Told, Withdrawn
from archive.catalogue.stays import StayTold
from archive.catalogue.told_cases import CaseTold, CaseWithdrawn
from archive.feeds.mapping import FeedMapping, of_feed
from evidence.errors import SetupError
from evidence.feed_settings import FeedKind, FeedSettings
from tests.archive.feeds.sheets import mapping, read, told

CHINESE = """
times = ["%Y-%m-%d %H:%M:%S"]
time_zone = "Asia/Shanghai"
[columns]
number = "接警单编号"
officer = ["出警民警", "民警警号"]
dispatched = "出警时间"
cleared = "处警完毕时间"
[constants]
unit = "350203"
[withdrawn]
column = "状态"
values = ["作废", "撤销"]
"""


def of(folder: Path, text: str, kind: FeedKind = FeedKind.INCIDENTS) -> FeedMapping:
    file = folder / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    return of_feed(FeedSettings(name="x", kind=kind, how="push", mapping=str(file)))


def test_a_mapping_reads_an_export_with_columns_of_its_own(tmp_path: Path) -> None:
    text = (
        "接警单编号,民警警号,出警时间,处警完毕时间,状态\n"
        "J1,４７１１,2026-11-23 15:00:00,2026-11-23 16:00:00,正常\n"
        "J2,4711,,,作废\n"
    )

    found = told(read(text.encode("gbk"), of(tmp_path, CHINESE)))

    assert isinstance(found[0], Told)
    assert (found[0].officer, found[0].unit) == ("4711", "350203")
    assert found[0].dispatched == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert found[1] == Withdrawn(number="J2", officer="4711")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("columns = 3", "columns"),
        ("[columns]\nnumbr = 'x'", "numbr"),
        ("[constants]\ncolour = 'x'", "colour"),
        ("time_zone = 'Asia/Xiamen'", "Asia/Xiamen"),
        ("time_zone = '../../etc/passwd'", "passwd"),
        ("twice = 'perhaps'", "twice"),
        ("encoding = 'latin-1'", "encoding"),
        ("colums = {}", "colums"),
        ("[", "TOML"),
    ],
)
def test_a_mapping_that_is_wrong_stops_the_start_and_names_it(
    tmp_path: Path, text: str, wrong: str
) -> None:
    with pytest.raises(SetupError, match=wrong) as raised:
        of(tmp_path, text)
    assert "[[feeds]] x" in str(raised.value)


def test_a_mapping_that_is_missing_is_named() -> None:
    feed = FeedSettings(name="x", kind=FeedKind.CASES, how="push", mapping="/nowhere/m.toml")

    with pytest.raises(SetupError, match=r"/nowhere/m\.toml cannot be read"):
        of_feed(feed)


def test_another_mapping_has_another_digest(tmp_path: Path) -> None:
    assert of(tmp_path, CHINESE).digest != of(tmp_path, CHINESE.replace("作废", "废")).digest
    assert of(tmp_path, CHINESE).digest == of(tmp_path, CHINESE + "\n# the same\n").digest


def test_a_case_names_its_events() -> None:
    text = "case id,title,stage,opened,incidents\nC-9,盗窃,侦查,2026-11-23T07:00:00Z,E-2；E-1 E-2\n"

    (found,) = told(read(text.encode(), mapping(FeedKind.CASES)))

    assert isinstance(found, CaseTold)
    assert (found.number, found.stage, found.kind) == ("C-9", "侦查", None)
    assert found.incidents == ("E-2", "E-1")


def test_a_duty_without_a_reference_is_known_by_officer_and_start() -> None:
    text = "officer,since,until,unit,withdrawn\n"
    text += "A1,2026-11-23T07:00:00Z,2026-11-23T15:00:00Z,U1,\n"
    text += "a1,2026-11-24T07:00:00Z,,,true\n"

    duty, gone = told(read(text.encode(), mapping(FeedKind.DUTIES)))

    assert isinstance(duty, DutyTold)
    assert (duty.officer, duty.unit, duty.until.hour) == ("A1", "U1", 15)
    assert isinstance(gone, DutyWithdrawn)
    assert gone.reference.replace("-24T", "-23T") == duty.reference


def test_an_assignment_may_be_open() -> None:
    text = "reference,camera,officer,since,until,withdrawn\n"
    text += "7,BWC-1,A1,2026-11-23T07:00:00Z,,\n8,,,,,1\n"

    found = told(read(text.encode(), mapping(FeedKind.ASSIGNMENTS)))

    since = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert found == [
        AssignmentTold(reference="7", camera="BWC-1", officer="A1", since=since, until=None),
        AssignmentWithdrawn(reference="8"),
    ]


@pytest.mark.parametrize(
    ("kind", "row", "field"),
    [
        (FeedKind.DUTIES, "A1,2026-11-23T07:00:00Z,2026-11-23T07:00:00Z", "until"),
        (FeedKind.DUTIES, "A1,2026-11-23T07:00:00Z,2026-12-03T07:00:00Z", "until"),
        (FeedKind.DUTIES, "A1,2026-11-23T07:00:00Z,", "until"),
        (FeedKind.DUTIES, ",2026-11-23T07:00:00Z,2026-11-23T08:00:00Z", "officer"),
        (FeedKind.CASES, "C1,not a day,", "opened"),
        (FeedKind.CASES, "C1,,,perhaps", "withdrawn"),
    ],
)
def test_what_is_wrong_with_a_row_has_its_column(kind: FeedKind, row: str, field: str) -> None:
    header = {
        FeedKind.DUTIES: "officer,since,until",
        FeedKind.CASES: "number,opened,title,withdrawn",
    }
    (problem,) = read(f"{header[kind]}\n{row}\n".encode(), mapping(kind)).problems

    assert (problem.row, problem.field) == (2, field)


def test_a_case_withdrawn_needs_its_number_alone() -> None:
    text = b"number,withdrawn\nC-9,yes\n"

    assert told(read(text, mapping(FeedKind.CASES))) == [CaseWithdrawn(number="C-9")]


STAY = "session,room,enters,leaves,person,number,purpose\n"


def test_a_span_of_a_stay_is_known_by_session_room_and_entry() -> None:
    text = STAY + "S-1,讯问室３,2026-11-23T09:00:00Z,,P1,C-9,讯问\n"
    later = STAY + "s-1,讯问室3,2026-11-23T09:00:00Z,2026-11-23T09:00:00Z,,,\n"

    (inside,) = told(read(text.encode(), mapping(FeedKind.STAYS)))
    (left,) = told(read(later.encode(), mapping(FeedKind.STAYS)))
    assert isinstance(inside, StayTold)
    assert isinstance(left, StayTold)
    assert (inside.room, inside.person, inside.until) == ("讯问室3", "P1", None)
    assert (left.reference, left.until) == (inside.reference, left.since)


def test_an_exit_before_the_entry_is_refused_with_its_line_and_column() -> None:
    text = STAY + "S-1,R1,2026-11-23T09:00:00Z,2026-11-23T08:59:59Z,,,\n"

    found = read(text.encode(), mapping(FeedKind.STAYS))
    (problem,) = found.problems
    assert (found.facts, problem.row, problem.field) == ((), 2, "leaves")
    assert problem.reason == "leaves is before the entry"
