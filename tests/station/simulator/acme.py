"""A profile of a camera that nobody makes: it has words for everything the station says."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from station.profile import Profile, read_profile

PASSWORD = "4711"
TEXT = """
id = "acme-bc1"
title = "Acme BC-1"
verified = "none"

[[usb]]
mode = "control"
vendor = 0x1234
product = 0x0001
interfaces = ["ff:*:*"]

[[usb]]
mode = "storage"
vendor = 0x1234
product = 0x0002
interfaces = ["08:06:50"]

[wire]
endpoint_out = 0x02
endpoint_in = 0x83

[match]
rank = 20
paths = ['^VIDEO/BC1_']

[[name]]
pattern = '^BC1_(?P<camera>\\d{6})_(?P<date>\\d{8})_(?P<time>\\d{6})'
"""
VERBS = {
    "identify": [{"send": "'WHO'", "pattern": "^ACME", "example": "'ACME BC-1'"}],
    "login": [{"send": "'PW' {password:ascii*4}", "answer": "'OK'"}],
    "read_clock": [{"send": "'CLK'", "answer": "{now:%Y%m%d%H%M%S}"}],
    "set_clock": [
        {"send": "'DAY' {now:%Y%m%d}", "pattern": ""},
        {"send": "'HMS' {now:%H%M%S}", "answer": "'OK'"},
    ],
    "read_info": [{"send": "'INF'", "answer": "{camera:ascii*4} {officer:u32be}"}],
    "battery": [{"send": "'BAT'", "pattern": "^(?P<percent>[0-9]+)%", "example": "'77%'"}],
    "firmware": [{"send": "'FW'", "answer": "{version:ascii*8}"}],
    "erase": [{"send": "'DEL'", "answer": "'OK'"}],
    "to_storage": [{"send": "'DISK'", "pattern": ""}],
}


def acme(**verbs: object) -> Profile:
    """The profile, with other *verbs* in place of its own; None: without."""
    words = {name: said for name, said in {**VERBS, **verbs}.items() if said is not None}
    return msgspec.convert({**tomllib.loads(TEXT), "verbs": words}, Profile)


def written(folder: Path) -> Path:
    """The same as a file of a profile's author."""
    said = [(verb, phrase) for verb, phrases in VERBS.items() for phrase in phrases]
    lines = [f"\n[[verbs.{verb}]]\n" + _lines(phrase) for verb, phrase in said]
    file = folder / "acme-bc1.toml"
    file.write_text(TEXT + "".join(lines))
    read_profile(file)
    return file


def _lines(phrase: Mapping[str, str]) -> str:
    return "".join(f"{key} = {json.dumps(text)}\n" for key, text in phrase.items())
