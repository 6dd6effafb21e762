from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.profile.template import Template, TemplateWrong, Value

NOW = datetime(2026, 11, 24, 12, 34, 56)  # noqa: DTZ001  a camera knows no zone


@pytest.mark.parametrize(
    ("template", "values", "made"),
    [
        ("A1B2 C3 d4 00", {}, "a1b2c3d400"),
        ("E1 00 10 00 {password:ascii*6}", {"password": "000000"}, "e1001000303030303030"),
        ("{name:ascii*4} FF", {"name": "ab"}, "61620000ff"),
        ("{name:gb18030*6}", {"name": "警号"}, "beafbac50000"),
        ("{year:u16be}{month:u8}", {"year": 2026, "month": 11}, "07ea0b"),
        ("{at:u32le}", {"at": 1}, "01000000"),
    ],
)
def test_a_template_makes_the_bytes_it_says(
    template: str, values: dict[str, Value], made: str
) -> None:
    assert Template.of(template).put(values).hex() == made


def test_a_time_is_written_as_text() -> None:
    template = Template.of("'@Sdt;8;' {now:%Y%m%d} ';#'")

    assert template.put({"now": NOW}) == b"@Sdt;8;20261124;#"
    assert template.size == 17


def test_an_answer_is_read_by_the_same_words() -> None:
    answer = Template.of("{serial:ascii*9} {officer:ascii*8} {battery:u8}")

    assert answer.take(b"BWC0001\0\0PO123456\x57 and more") == {
        "serial": "BWC0001",
        "officer": "PO123456",
        "battery": 87,
    }
    assert Template.of("{now:%Y%m%d%H%M%S}").take(b"20261124123456") == {"now": NOW}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("A", "character 1"),
        ("A1 B", "character 3"),
        ("A1B", "character 1"),
        ("'open", "character 1"),
        ("{name}", "character 1"),
        ("{n:u16}", "which end"),
        ("{n:u8be}", "which end"),
        ("{n:u64be}", "no form"),
        ("{n:latin*0x2}", "no form"),
        ("{n:klingon*3}", "klingon"),
        ("'é'", "not ASCII"),
    ],
)
def test_a_template_that_cannot_be_understood_is_refused(template: str, said: str) -> None:
    with pytest.raises(TemplateWrong, match=said):
        Template.of(template)


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("{n:u8}", {}),
        ("{n:u8}", {"n": 256}),
        ("{n:u8}", {"n": -1}),
        ("{n:u8}", {"n": "1"}),
        ("{n:ascii*3}", {"n": "four"}),
        ("{n:ascii*3}", {"n": "é"}),
        ("{n:ascii*3}", {"n": "a\0b"}),
        ("{n:ascii*3}", {"n": 1}),
        ("{n:%Y}", {"n": "2026"}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(template: str, values: dict[str, Value]) -> None:
    with pytest.raises(TemplateWrong, match="n"):
        Template.of(template).put(values)


def test_a_password_that_does_not_fit_is_not_repeated() -> None:
    with pytest.raises(TemplateWrong) as caught:
        Template.of("{password:ascii*3}").put({"password": "secret"})

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("template", "answer"),
    [
        ("{n:u16be}", b"\1"),
        ("80 {n:u8}", b"\x81\1"),
        ("{n:%Y%m%d}", b"2026AB24"),
        ("{n:%Y}", b"\xff\xff\xff\xff"),
    ],
)
def test_an_answer_that_is_none_is_refused(template: str, answer: bytes) -> None:
    with pytest.raises(TemplateWrong):
        Template.of(template).take(answer)


@given(st.binary(max_size=40))
def test_whatever_a_camera_answers_is_read_or_refused(answer: bytes) -> None:
    try:
        taken = Template.of("80 {id:gb18030*7} {n:u16le} {at:%H%M%S}").take(answer)
    except TemplateWrong:
        return
    assert set(taken) == {"id", "n", "at"}


@given(st.integers(0, 0xFFFF), st.text("0123456789", max_size=6))
def test_what_was_put_is_taken(number: int, digits: str) -> None:
    template = Template.of("A1 {n:u16be} {d:ascii*6} 00")

    assert template.take(template.put({"n": number, "d": digits})) == {"n": number, "d": digits}
